"""Sets a judged hybrid beside the one in service, on the same items."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..project_base.errors import UserError
from ..registry.registry import Registry
from ..registry.version import Version
from .base import Pattern, Work
from .choice import choice_of
from .evaluation import TwoByTwo
from .form import Beside, Item
from .result_files import known_result, write_result
from .settings import ProjectSettings
from .significance import paired
from .tuned_half import digest_of_version


def version_in_service(settings: ProjectSettings) -> Version | None:
    """The version in service; None before the first promotion, or where it is damaged.

    Raises:
        UserError: The registry is damaged.
    """
    registry = Registry(Path(settings.registry.folder))
    event = registry.in_service()
    present = registry.find(event.version) if event else None
    return None if present is None or present.damage else present


def beside_present(
    pattern: Pattern, settings: ProjectSettings, work: Work, found: TwoByTwo, present: Version | None
) -> TwoByTwo:
    """The result with the comparison that `promote` asks for.

    The result of the version in service is taken where one of the same items, index and threshold is on file; else
    that version is judged now. Where it cannot be, since its data has changed since, the items of its former result
    count that both have: each version was judged on what it had not learnt from.

    Args:
        pattern: Judges.
        settings: Of the project.
        work: Who watches.
        found: The result of the candidate.
        present: The version in service; None where there is none.

    Raises:
        OSError: A result cannot be written.
    """
    if present is None or present.id == found.version:
        return found
    theirs, told = _result_of(pattern, settings, work, found, present)
    return found.model_copy(update={"beside": compared(found, present, theirs, told)})


def compared(found: TwoByTwo, present: Version, theirs: TwoByTwo | None, told: str) -> Beside:
    """Compares in pairs, on the items that both results hold.

    Args:
        found: The result of the candidate.
        present: The version in service.
        theirs: Its result; None where there is none.
        told: What limits the comparison, or why there is no result.
    """
    digest = digest_of_version(present)
    ours, known = _items(found), _items(theirs) if theirs and theirs.measure == found.measure else {}
    shared = [name for name in ours if name in known]
    if not shared:
        return Beside(version=present.id, model_sha256=digest, told=told or "no result has an item of this one")
    first, second = ([each[name].scores["tuned_retrieval"] for name in shared] for each in (ours, known))
    groups = [ours[name].group for name in shared]
    graded = not {*first, *second} <= {0.0, 1.0}
    difference, p = paired(found.measure, first, second, groups if all(groups) else (), graded=graded)
    return Beside(version=present.id, model_sha256=digest, items=len(shared), difference=difference, p=p, told=told)


def _result_of(
    pattern: Pattern, settings: ProjectSettings, work: Work, found: TwoByTwo, present: Version
) -> tuple[TwoByTwo | None, str]:
    folder = Path(settings.hybrid.results_folder)
    try:
        kept = known_result(folder, found.pattern, present.id)
    except UserError:
        kept = None
    if kept is not None and kept.model_sha256 != digest_of_version(present):
        kept = None
    if (
        kept is not None
        and (kept.index, kept.choice) == (found.index, _choice_now(settings, present))
        and _items(found).keys() <= _items(kept).keys()
    ):
        return kept, ""
    work.tell(f"{present.id} is in service, and is judged on the same items")
    try:
        theirs = pattern.evaluate(settings, replace(work, version=present.id))
    except UserError as error:
        told = f"{present.id} cannot be judged on all of these items: {error.message}"
        return kept, told
    write_result(folder, theirs)
    return theirs, ""


def _choice_now(settings: ProjectSettings, present: Version) -> str | None:
    try:
        return choice_of(settings, present)
    except UserError:
        return None


def _items(found: TwoByTwo) -> Mapping[str, Item]:
    return {item.sha256: item for item in found.outcomes if item.sha256}
