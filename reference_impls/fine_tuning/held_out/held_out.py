"""Which version is judged, beside which other one, and whether the test rows are really held out from it."""

import json
from collections.abc import Sequence
from pathlib import Path

from ...labelled_data.base import Example
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.evaluations import EVALUATIONS
from ...registry.registry import Registry
from ...registry.version import Version
from .seen import hash_of, read_seen

NONE = "none"


def candidate_of(registry: Registry, wanted: str) -> Version:
    """The version to evaluate; empty for the newest.

    Raises:
        UserError: There is none, or it is damaged.
    """
    if wanted:
        version = registry.find(wanted)
    else:
        versions = registry.versions()
        if not versions:
            raise UserError(f"no model stands in {registry.folder} yet", f"make one: {command_line('ladder')}")
        version = versions[-1]
    registry.open(version.id)
    return version


def other_of(registry: Registry, candidate: Version, wanted: str) -> Version | None:
    """The version to compare with: the one in service, unless another one or `none` is wanted.

    Raises:
        UserError: There is no such version, or it is damaged.
    """
    if wanted == NONE:
        return None
    if not wanted:
        champion = registry.champion()
        if champion is None or champion.path.name == candidate.id:
            return None
        wanted = champion.path.name
    other = registry.find(wanted)
    if other.id == candidate.id:
        raise UserError(f"{other.id} cannot be compared with itself", "give --against another version, or none")
    registry.open(other.id)
    return other


def check_held_out(version: Version, digest: str, test: Sequence[Example]) -> None:
    """Makes sure that the test rows are those that were held out from the version.

    Args:
        version: Says of which data it was made.
        digest: Of the present data and its split.
        test: The test rows of the present data.

    Raises:
        UserError: The version was made of other data, or does not say of which; or there are no test rows.
    """
    again = f"train on the present data: {command_line('ladder')}"
    made_of = version.about.get("data")
    if not made_of:
        raise UserError(
            f"{version.id} does not say which data it was made of, so it may have been trained on the test rows", again
        )
    if made_of != digest:
        raise UserError(
            f"{version.id} was made of other data, or of another split of it ({made_of}, and now it is {digest}), so "
            "it may have been trained on what are test rows now",
            f"bring back the examples and the section labelled_data of then, or {again}",
        )
    if not test:
        raise UserError("there are no test rows", "raise labelled_data.test_share, or set fine_tuning.test to a file")


def unseen_by(
    other: Version, digest: str, test: Sequence[Example], present: Sequence[Example] = ()
) -> tuple[list[int], bool]:
    """Positions of the test rows that another version was not trained on, and whether that is known.

    A version that was made of the same data and split has seen none of them. For one that was made of other data it is
    known where it was evaluated, since that keeps hashes of what it was trained on; else all rows are taken. A row that
    hangs together with one that it was trained on, as nearly the same or of one group, counts as seen, as far as that
    one still stands in the data; see `vanished`.

    Args:
        other: The version.
        digest: Of the present data and its split.
        test: The test rows of the present data.
        present: All rows of the present data, where there are others than the test rows.
    """
    if other.about.get("data") == digest:
        return list(range(len(test))), True
    seen = read_seen(other.path)
    if seen is None:
        return list(range(len(test))), False
    met = [hash_of(example) in seen for example in test]
    units = {example.unit for example in (*test, *present) if example.unit and hash_of(example) in seen}
    return [place for place, example in enumerate(test) if not met[place] and example.unit not in units], True


def vanished(other: Version, digest: str, present: Sequence[Example]) -> int:
    """How many texts a version was trained on that stand nowhere in the present data; 0 where nobody knows them.

    Only hashes of them are kept: a row that is nearly the same as one of them cannot be told from an unseen one.

    Args:
        other: The version.
        digest: Of the present data and its split; a version that was made of it has lost no text.
        present: All rows of the present data.
    """
    if other.about.get("data") == digest:
        return 0
    return len((read_seen(other.path) or frozenset()) - {hash_of(example) for example in present})


def unchecked(name: str, texts: int) -> str:
    """What has to be said where texts that taught a model have vanished from the data."""
    are, what = ("text", "it") if texts == 1 else ("texts", "one of them")
    return (
        f"{texts:,} {are} that taught {name} no longer stand{'s' if texts == 1 else ''} in the data: whether rows here "
        f"are nearly the same as {what} cannot be checked, and such rows would flatter it"
    )


def looks(runs_folder: Path, version: str, test_data: str) -> int:
    """How many versions the test rows have judged, this one among them.

    Args:
        runs_folder: Where the evaluations stand.
        version: The one that they judge now.
        test_data: Digest of the test rows.
    """
    judged = {version}
    for file in (runs_folder / EVALUATIONS).glob("*.json"):
        try:
            document = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            # A damaged evaluation tells nothing of another one.
            continue
        if isinstance(document, dict) and document.get("test_data") == test_data:
            judged.add(file.stem)
    return len(judged)
