"""Questions with their documents: split by document, and with the passages that answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..corpus.chunking import Chunk
from ..evaluation.metrics import answer_contained
from ..evaluation.questions import Question, read_questions
from ..labelled_data.base import Example, Turn
from ..labelled_data.duplicates import group_examples
from ..labelled_data.settings import Settings as DataSettings
from ..labelled_data.splits import split_examples
from ..project_base.errors import UserError
from ..rag.evaluate import gold_paths
from ..texts.words import words_of
from .settings import ProjectSettings

_SHORT = 50
"""Words up to which an answer can be looked for as a whole."""
_WITHIN = 0.8
"""Share of a passage's words that a long answer must hold for the passage to be a part of it."""
_ASK_MORE = "write down which document answers a question, as `doc` or `gold_docs` in hybrid.pairs"


@dataclass(frozen=True)
class Pairs:
    """Questions on three sides; no document, and no two questions that are nearly the same, stand on two of them.

    Attributes:
        train: To learn from.
        validation: To stop by.
        test: To judge by, once.
        group: By question: what stands on one side together with it, as a name.
        digest: Of the sides.
    """

    train: tuple[Question, ...]
    validation: tuple[Question, ...]
    test: tuple[Question, ...]
    group: Mapping[str, str]
    digest: str

    def documents(self, *sides: Sequence[Question]) -> frozenset[str]:
        """The names of documents that the questions of some sides name."""
        return frozenset(name for side in sides for question in side for name in question.gold_docs)


def read_pairs(settings: ProjectSettings) -> Pairs:
    """Reads `hybrid.pairs` and splits it by document.

    Raises:
        UserError: The file cannot be read, no question names a document, or a side would be empty.
    """
    return split_by_document(read_questions(Path(settings.hybrid.pairs)), settings.labelled_data, settings.hybrid.pairs)


def split_by_document(questions: Sequence[Question], settings: DataSettings, place: str = "hybrid.pairs") -> Pairs:
    """Splits questions so that a model that learns from one side has met no document of the others.

    Questions that share a document go to one side, over several steps too, and so do questions that are nearly the
    same. A question that is to be refused has no document, and goes anywhere.

    Args:
        questions: All of them.
        settings: Shares, seed and what counts as nearly the same.
        place: For messages.

    Raises:
        UserError: No question names a document, or a side would be empty.
    """
    if not any(question.answerable and question.gold_docs for question in questions):
        raise UserError(f"no question of {place} names a document that answers it", _ASK_MORE)
    group = linked_documents(questions)
    examples = [
        Example(each.question, "", each.id, (Turn("user", each.question),), group[each.id]) for each in questions
    ]
    by_document = settings.model_copy(update={"split": "group"})
    groups = group_examples(examples, settings.near_duplicate)
    split = split_examples(examples, groups, "generation", by_document)
    sides = [tuple(questions[place] for place in side) for side in (split.train, split.validation, split.test)]
    return Pairs(sides[0], sides[1], sides[2], group, split.digest)


def gold_passages(question: Question, chunks: Mapping[str, Sequence[Chunk]], most: int = 3) -> list[Chunk]:
    """The passages that answer a question, best first; none where the index holds none of its documents.

    Where the question names its paragraph, those that cover it; else those that hold a short answer as it stands; else
    those that lie within a long answer; else the one that shares most words with answers, or with the question.

    Args:
        question: An answerable one.
        chunks: All passages, by path of their document.
        most: How many at most.
    """
    found = [chunk for path in sorted(gold_paths(question, list(chunks))) for chunk in chunks[path]]
    if question.paragraph is not None:
        found = [chunk for chunk in found if question.paragraph in chunk.blocks] or found
    short = [answer for answer in question.answers if len(answer.split()) <= _SHORT]
    holding = [chunk for chunk in found if answer_contained(chunk.text, short)]
    if holding or not found:
        return holding[:most]
    wanted = set(words_of(" ".join(question.answers) or question.question))
    shares = {chunk.id: _share(set(words_of(chunk.text)), wanted) for chunk in found}
    inside = [chunk for chunk in found if shares[chunk.id] >= _WITHIN] if question.answers else []
    ranked = sorted(inside, key=lambda chunk: -shares[chunk.id])[:most]
    return ranked or [max(found, key=lambda chunk: len(wanted.intersection(words_of(chunk.text))))]


def by_document(chunks: Sequence[Chunk]) -> dict[str, list[Chunk]]:
    """Passages by the path of their document."""
    found: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        found.setdefault(chunk.document, []).append(chunk)
    return found


def _share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0


def linked_documents(questions: Sequence[Question]) -> dict[str, str]:
    """By question the name of one of all documents that hang together with its own; empty without documents."""
    root: dict[str, str] = {}

    def top(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for question in questions:
        tops = sorted({top(name) for name in question.gold_docs})
        for other in tops[1:]:
            root[other] = tops[0]
    return {each.id: top(each.gold_docs[0]) if each.gold_docs else "" for each in questions}
