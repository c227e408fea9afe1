"""Where results and reviews stand below the runs folder."""

from pathlib import Path

from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from .trial import Trial, read_trial

_RESULTS = "results"
_REVIEWS = "reviews"


def trial_path(runs_folder: Path, label: str, key: str) -> Path:
    """Where the result of a prompt with these settings and items stands."""
    return runs_folder / _RESULTS / f"{label}.{key[:8]}.json"


def review_path(runs_folder: Path, trial: Trial) -> Path:
    """Where what people say of a result stands; another result of the same prompt has its own."""
    return runs_folder / _REVIEWS / f"{trial.label}.{trial.key[:8]}.jsonl"


def keep_trial(runs_folder: Path, trial: Trial) -> Path:
    """Writes a result, in one step.

    Raises:
        OSError: It cannot be written.
    """
    path = trial_path(runs_folder, trial.label, trial.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, trial.to_json())
    return path


def all_trials(runs_folder: Path) -> list[Trial]:
    """All results, the oldest first; a damaged file is passed over."""
    return _read_all(runs_folder)[0]


def _read_all(runs_folder: Path) -> tuple[list[Trial], list[str]]:
    """The results, the oldest first, and what is wrong with the files that are none."""
    found, damaged = [], []
    for path in sorted((runs_folder / _RESULTS).glob("*.json")):
        try:
            found.append(read_trial(path))
        except UserError as error:
            damaged.append(error.message)
    return sorted(found, key=lambda trial: trial.when), damaged


def find_trial(runs_folder: Path, name: str) -> Trial:
    """The latest result of `NAME@VERSION`, that of a file, or without a name the latest of all.

    Raises:
        UserError: There is none.
    """
    if name.endswith(".json"):
        return read_trial(Path(name))
    trials, damaged = _read_all(runs_folder)
    told = f"; {len(damaged)} results cannot be read: {damaged[0]}" if damaged else ""
    if not trials:
        raise UserError(f"nothing was tried yet in {runs_folder}{told}", command_line("try"))
    found = [trial for trial in trials if not name or trial.label == name]
    if not found:
        known = ", ".join(dict.fromkeys(trial.label for trial in trials))
        raise UserError(f"{name} was not tried; tried were {known}{told}", "name one of these")
    return found[-1]


def versions_tried(runs_folder: Path, items_sha256: str, prompt_sha256: str) -> int:
    """How many prompts were tried on these items, with this one."""
    tried = {trial.prompt.sha256 for trial in all_trials(runs_folder) if trial.items_sha256 == items_sha256}
    return len(tried | {prompt_sha256})
