"""Which policy holds: the one of the settings, or what the last replay chose."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from ...replay.base import Policy
from ...replay.chosen import Choice
from ...replay.results import Replayed
from ...replay.settings import Settings as ReplaySettings
from ...replay.settings import numbers
from ..settings import Settings

REPLAY, PAGE = "replay.json", "replay.html"
MADE_OF = "made_of"
_SCHEMA = "retraining_replay/1"


def write_replay(
    runs_folder: Path, replayed: Replayed, choice: Choice, page: str, made_of: Mapping[str, str]
) -> tuple[Path, Path]:
    """Writes the chart of a replay, and then the replay, by which `retrain` goes from then on.

    Args:
        runs_folder: Where they go.
        replayed: What was played.
        choice: What it led to.
        page: The chart.
        made_of: Which data it was.

    Returns:
        The files of the replay and of its chart.

    Raises:
        OSError: No permission or no space; former files stand then.
    """
    runs_folder.mkdir(parents=True, exist_ok=True)
    write_text(runs_folder / PAGE, page)
    told = {
        "schema": _SCHEMA,
        MADE_OF: dict(made_of),
        "choice": choice.model_dump(mode="json", by_alias=True),
        "replayed": replayed.model_dump(mode="json", by_alias=True),
    }
    write_text(runs_folder / REPLAY, json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n")
    return runs_folder / REPLAY, runs_folder / PAGE


def read_replay(runs_folder: Path) -> tuple[Replayed, Choice] | None:
    """The last replay, or None where there was none.

    Raises:
        UserError: Its file is damaged or of another format.
    """
    file = runs_folder / REPLAY
    again = f"replay the history again: {command_line('replay')}"
    try:
        told = json.loads(file.read_bytes())
        if not isinstance(told, dict) or told.get("schema") != _SCHEMA:
            raise UserError(f"{file} is no replay with the schema '{_SCHEMA}'", again)
        return Replayed.model_validate(told.get("replayed")), Choice.model_validate(told.get("choice"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UserError(f"the replay {file} cannot be read: {error.strerror}", again) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{file} is damaged: {'.'.join(map(str, first['loc']))}: {first['msg']}", again) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is damaged: it is not JSON", again) from error


def policy_of(settings: Settings, replay: ReplaySettings) -> Policy:
    """The policy by which `retrain` works.

    Args:
        settings: `policy` and `cadence`; `auto` reads the last replay.
        replay: Lengths of sliding windows, half-lives and budgets, of which a policy that is named takes the first.

    Raises:
        UserError: The policy is auto and there was no replay, or a named policy lacks its number.
    """
    if settings.policy == "auto":
        found = read_replay(Path(settings.runs_folder))
        if found is None:
            raise UserError(
                "retraining.policy is auto, and the history has not been replayed yet, so that no policy is chosen",
                f"replay it: {command_line('replay')}; or set retraining.policy to a policy",
            )
        replayed, choice = found
        return replayed.played(choice.policy).policy
    kind = settings.policy
    cadence = 0 if kind == "never" else settings.cadence
    window = int(_first(replay.sliding_windows, "sliding_windows")) if kind == "sliding_window" else 0
    half_life = _first(replay.half_lives, "half_lives") if kind == "recency_weighted" else 0.0
    budget = _first(replay.label_budgets, "label_budgets") if kind == "active_learning" else 0.0
    return Policy(kind.replace("_", " "), kind, cadence, window, half_life, budget)


def label_budget(settings: Settings, replay: ReplaySettings) -> float:
    """The share of new rows whose labels may be asked for: that of the policy, else the first of the replay's.

    Raises:
        UserError: There is none.
    """
    found = read_replay(Path(settings.runs_folder)) if settings.policy == "auto" else None
    chosen = found[0].played(found[1].policy).policy.budget if found is not None else 0.0
    return chosen or _first(replay.label_budgets, "label_budgets")


def _first(setting: str, key: str) -> float:
    given = numbers(setting)
    if not given:
        raise UserError(f"replay.{key} is empty, and retraining.policy needs a number from it", f"set replay.{key}")
    return given[0]
