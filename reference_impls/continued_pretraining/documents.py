"""Reads domain and general text, and splits it by document so that nothing near a held-out document is trained on."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..corpus.reading import read_corpus
from ..labelled_data.near_duplicates import Groups, find_groups
from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from .base import Integers, Kind, LanguageModel, Side, Text, Tokens
from .settings import ProjectSettings

ENOUGH = {"held_out": 30, "validation": 10}
"""So many documents of each kind are wanted; a small corpus gives a larger share for them, up to `_LARGEST`."""
_LARGEST = {"held_out": 0.3, "validation": 0.1}
FEWEST = 8
"""Fewer held-out documents give no interval worth showing."""


@dataclass(frozen=True)
class Texts:
    """All documents, split.

    Attributes:
        texts: Each wording once, of the domain first.
        sides: Of each text.
        repeats: How many documents were left out because their words stand in another one.
        near: How many documents have a near repeat among the others.
        skipped: How many files or records could not be read, and the first of them with the reason.
        digest: sha256 over all texts and their sides.
    """

    texts: tuple[Text, ...]
    sides: tuple[Side, ...]
    repeats: int
    near: int
    skipped: tuple[str, ...]
    digest: str

    def of(self, kind: Kind, side: Side) -> list[Text]:
        """The documents of one kind on one side."""
        return [text for text, found in zip(self.texts, self.sides, strict=True) if (text.kind, found) == (kind, side)]


@dataclass(frozen=True)
class Encoded:
    """All documents as a model reads them.

    Attributes:
        texts: The documents.
        tokens: Of each text, without special ones: int32 [tokens].
    """

    texts: Texts
    tokens: tuple[Tokens, ...]

    def of(self, kind: Kind, side: Side) -> list[Tokens]:
        """The documents of one kind on one side."""
        texts = zip(self.tokens, self.texts.texts, self.texts.sides, strict=True)
        return [tokens for tokens, text, found in texts if (text.kind, found) == (kind, side)]


def encode(model: LanguageModel, texts: Texts) -> Encoded:
    """Tokenises all documents, once."""
    return Encoded(texts, tuple(model.tokens([text.text for text in texts.texts])))


def read_texts(settings: ProjectSettings, progress: Progress = silent) -> Texts:
    """Reads both folders and splits them.

    Raises:
        UserError: A folder is missing, or nothing in it can be read.
    """
    given = settings.continued_pretraining
    skipped: list[str] = []
    texts = list(_read(settings, "domain", settings.corpus.folder, progress, skipped))
    if given.general:
        texts += _read(settings, "general", given.general, progress, skipped)
    return split(texts, settings, tuple(skipped))


def split(texts: Sequence[Text], settings: ProjectSettings, skipped: tuple[str, ...] = ()) -> Texts:
    """Splits documents by groups of near repeats.

    On which side a group comes depends on its words, the seed and the shares alone, so that most documents stay where
    they are when others are added. Two things move some: a small corpus has larger shares, which fall as it grows, and
    a new near repeat may draw its group to another side. So whoever judges leaves out what a version was trained on.

    Args:
        texts: All documents, of the domain first.
        settings: Shares, and which documents count as near repeats.
        skipped: What could not be read, for the result.
    """
    groups = find_groups([text.text for text in texts], settings.continued_pretraining.near_duplicate)
    _, first = np.unique(groups.wording, return_index=True)
    kept = sorted(first.tolist())
    chosen = [texts[place] for place in kept]
    group = groups.group[kept]
    places = _places(chosen, group, settings.labelled_data.seed)
    limits = {kind: _limits(sum(text.kind == kind for text in chosen), settings) for kind in ("domain", "general")}
    # A group of both kinds goes by the limits of the domain, or its two parts could come to two sides.
    of_domain = {int(number) for number, text in zip(group, chosen, strict=True) if text.kind == "domain"}
    sides = tuple(
        _side(place, limits["domain" if int(number) in of_domain else "general"])
        for place, number in zip(places, group, strict=True)
    )
    return Texts(
        texts=tuple(chosen),
        sides=sides,
        repeats=len(texts) - len(kept),
        near=_near(groups, kept),
        skipped=skipped,
        digest=_digest(chosen, sides),
    )


def check_enough(texts: Texts) -> None:
    """Makes sure that there is something to train on and to judge by.

    Raises:
        UserError: There are too few documents of the domain on some side.
    """
    counts = {side: len(texts.of("domain", side)) for side in ("train", "validation", "held_out")}
    if counts["held_out"] < FEWEST or not counts["validation"] or not counts["train"]:
        raise UserError(
            f"too few documents of the domain: {counts['train']} to train on, {counts['validation']} for validation "
            f"and {counts['held_out']} held out, where at least 1, 1 and {FEWEST} are needed",
            "add documents to corpus.folder (a file of many texts counts as one document: write one text a line in "
            "a jsonl file), or raise continued_pretraining.held_out_share",
        )


def _read(settings: ProjectSettings, kind: Kind, folder: str, progress: Progress, skipped: list[str]) -> Iterator[Text]:
    # Repeats are looked for here, across both folders and among records too.
    corpus = settings.corpus.model_copy(update={"folder": folder, "duplicates": "keep"})
    try:
        found = read_corpus(corpus, progress)
    except UserError as error:
        if kind == "domain":
            raise
        hint = error.next_step.replace("corpus.folder", "continued_pretraining.general")
        raise UserError(f"general text: {error.message}", hint) from error
    skipped += [f"{each.path}: {each.reason}" for each in found.skipped]
    name = Path(folder).name
    for document in found.documents:
        yield Text(f"{name}/{document.path}", document.text, kind)


def _places(texts: Sequence[Text], group: Integers, seed: int) -> list[float]:
    """A number in [0, 1) for each text, the same within a group: that of the lowest hash in it."""
    lowest: dict[int, bytes] = {}
    for number, text in zip(group.tolist(), texts, strict=True):
        found = hashlib.sha256(f"{seed}\n{' '.join(text.text.split())}".encode("utf-8", "surrogatepass")).digest()
        lowest[number] = min(lowest.get(number, found), found)
    # The lowest of several hashes is no even draw; its own hash is.
    drawn = {number: hashlib.sha256(found).digest() for number, found in lowest.items()}
    return [int.from_bytes(drawn[number][:7], "big") / (1 << 56) for number in group.tolist()]


def _limits(count: int, settings: ProjectSettings) -> tuple[float, float]:
    given = settings.continued_pretraining
    share = {"held_out": given.held_out_share, "validation": given.validation_share}
    wanted = [max(share[side], min(_LARGEST[side], ENOUGH[side] / max(1, count))) for side in ENOUGH]
    return wanted[0], wanted[0] + wanted[1]


def _side(place: float, limits: tuple[float, float]) -> Side:
    if place < limits[0]:
        return "held_out"
    return "validation" if place < limits[1] else "train"


def _near(groups: Groups, kept: Sequence[int]) -> int:
    _, inverse, sizes = np.unique(groups.group[list(kept)], return_inverse=True, return_counts=True)
    return int((sizes[inverse] > 1).sum())


def _digest(texts: Sequence[Text], sides: Sequence[Side]) -> str:
    digest = hashlib.sha256()
    for text, side in zip(texts, sides, strict=True):
        digest.update(f"{text.kind} {side} {len(text.text)} ".encode())
        digest.update(text.text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
