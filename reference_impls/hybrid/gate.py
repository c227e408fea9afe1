"""Refuses to put in service what nobody has judged, what is not shown to pay, and what is a step back."""

from functools import partial
from pathlib import Path

from ..evaluation.paired import in_words
from ..project_base.config import load_settings
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..registry.evaluations import judged
from ..registry.registry import Gate
from ..registry.version import Version, model_digest
from .choice import choice_of
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
    settings = load_settings(config, ProjectSettings)
    folder, pattern = Path(settings.hybrid.results_folder), settings.hybrid.pattern

    def judge(candidate: Version, present: Version | None) -> str | None:
        read = partial(known_result, folder, pattern)
        found = judged(candidate, read, f"it was not judged beside both halves alone yet, as {pattern}", "result")
        if isinstance(found, str):
            return found
        again = command_line(f"evaluate {candidate.id}")
        try:
            choice = choice_of(settings, candidate)
        except UserError as error:
            return f"{error.message} ({error.next_step})"
        if found.choice != choice:
            return f"its result is of another threshold than the settings ask for now ({again})"
        if found.verdict == "does_not_pay":
            return f"{found.why} How to go on with one half: {command_line('drop --help')}"
        if found.no_gain:
            return f"nothing is seen to be gained by the tuned part: {found.no_gain}"
        return _step_back(found, present, again) or _unproved(found)

    return judge


def _unproved(found: TwoByTwo) -> str | None:
    """A second half is paid for every day, so that it has to be shown to be worth it, and not the other way round."""
    if found.verdict == "pays":
        return None
    return f"it is not shown to be worth a second half. {found.why}"


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
