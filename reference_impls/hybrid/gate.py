"""Refuses to put in service what nobody has judged, what does not pay or gains nothing, and what is a step back."""

from functools import partial
from pathlib import Path

from ..evaluation.paired import in_words
from ..project_base.config import load_settings
from ..project_base.rooms import command_line
from ..registry.evaluations import judged
from ..registry.registry import Gate
from ..registry.version import Version, model_digest
from .evaluation import TwoByTwo
from .result_files import known_result
from .settings import ProjectSettings


def gate(config: Path) -> Gate:
    """The gate of a hybrid project, which judges by the 2 x 2 table of the candidate.

    Args:
        config: The project's settings.

    Raises:
        UserError: The settings are wrong.
    """
    settings = load_settings(config, ProjectSettings).hybrid
    folder, pattern = Path(settings.results_folder), settings.pattern

    def judge(candidate: Version, present: Version | None) -> str | None:
        read = partial(known_result, folder, pattern)
        found = judged(candidate, read, f"it was not judged beside both halves alone yet, as {pattern}", "result")
        if isinstance(found, str):
            return found
        if found.verdict == "does_not_pay":
            return f"{found.why} How to go on with one half: {command_line('drop --help')}"
        if found.no_gain:
            return f"nothing is seen to be gained by the tuned part: {found.no_gain}"
        return _step_back(found, present, command_line(f"evaluate {candidate.id}"))

    return judge


def _step_back(found: TwoByTwo, present: Version | None, again: str) -> str | None:
    if present is None or present.damage or present.id == found.version:
        return None
    beside = found.beside
    if beside is None or beside.version != present.id or beside.model_sha256 != model_digest(present.path):
        told = f"with {beside.version}" if beside else "with no other version"
        return f"it was compared {told}, and {present.id} is in service now ({again})"
    if beside.difference is not None and beside.difference.verdict == "worse":
        return f"it is a step back: {in_words(beside.difference, present.id)}"
    return None
