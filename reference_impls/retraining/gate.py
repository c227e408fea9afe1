"""Refuses to put a version in service that is worse, has learnt nothing, or that nobody has judged."""

from functools import partial
from pathlib import Path
from typing import Literal

from ..project_base.config import load_settings
from ..project_base.rooms import command_line
from ..registry.evaluations import judged
from ..registry.registry import Gate
from ..registry.version import Version, model_digest
from .operation.judgement import RELATIVE, SHOWN, Beside, Judgement, read_judgement
from .settings import ProjectSettings

When = Literal["not_worse", "better"]


def gate(config: Path) -> Gate:
    """The gate of a retraining project, which judges by the judgement of the candidate.

    Args:
        config: The project's settings.

    Raises:
        UserError: The settings are wrong.
    """
    settings = load_settings(config, ProjectSettings).retraining
    return gate_of(Path(settings.runs_folder), settings.promote_when)


def gate_of(runs_folder: Path, promote_when: When) -> Gate:
    """The same, of settings that are read already.

    Args:
        runs_folder: Where judgements stand.
        promote_when: What the candidate has to show beside the version in service.
    """

    def judge(candidate: Version, present: Version | None) -> str | None:
        found = judged(candidate, partial(read_judgement, runs_folder), "nobody has judged it yet", "judgement")
        if isinstance(found, str):
            return found
        again = command_line(f"evaluate {candidate.id}")
        worse = _worse(found, present, again, promote_when)
        return worse or _nothing_learnt(found, first=present is None or bool(present.damage))

    return judge


def _nothing_learnt(found: Judgement, *, first: bool) -> str | None:
    """Whether chance could have made the version; one that beats another version, which learnt something, need less.

    Args:
        found: What was found.
        first: Whether no version that works is in service. Of forty models of noise fifteen do a little better than
            nothing, so that a first one has to be shown to be better.
    """
    if found.floor.verdict == "better" or (not first and found.floor.gain > 0):
        return None
    if found.floor.gain <= 0:
        return f"it is no better than a model that has learnt nothing ({found.floor.name}): {seen(found, found.floor)}"
    return (
        f"it is not shown to be better than a model that has learnt nothing ({found.floor.name}): "
        f"{seen(found, found.floor)}; so small a gain may be chance. More labelled rows can show it "
        "(retraining.judge_rows: how many judge), or columns that say more of the target"
    )


def _worse(found: Judgement, present: Version | None, again: str, promote_when: When) -> str | None:
    if present is None or present.damage:
        # A damaged version cannot answer, so that whatever is shown to have learnt something is better.
        return None
    champion = found.champion
    if champion is None or champion.name != present.id or champion.model_sha256 != model_digest(present.path):
        told = f"with {champion.name}" if champion else "with no other version"
        return f"it was compared {told}, and {present.id} is in service now ({again})"
    if champion.verdict == "worse":
        return f"it is worse than {champion.name}: {seen(found, champion)}"
    if champion.verdict == "cannot tell" and champion.gain < 0:
        return (
            f"it does less well than {champion.name}, and {found.rows} rows are too few to call that chance: "
            f"{seen(found, champion)}; in doubt the version in service stays"
        )
    if promote_when == "better" and champion.verdict != "better":
        return (
            f"it is not shown to be better than {champion.name} (retraining.promote_when: better): "
            f"{seen(found, champion)}"
        )
    return None


def seen(found: Judgement, beside: Beside) -> str:
    """The figures of a comparison, for messages."""
    low, high = beside.interval
    relative = found.metric in RELATIVE
    spread = f"{low:+.1%} to {high:+.1%} of the error" if relative else f"{low:+.3f} to {high:+.3f}"
    sign = -1 if relative else 1
    return (
        f"{SHOWN[found.metric]} {sign * found.score:.4g} against {sign * beside.score:.4g} on the same {found.rows:,} "
        f"newest labelled rows, {found.begins} to {found.ends} (95 % interval of the gain {spread})"
    )
