"""Builds training rows of questions with the passages that search returns: the right one, distractors, or these alone.

Retrieval Augmented Fine Tuning: Zhang, Patil, Jain, Shen, Zaharia, Stoica, Gonzalez (2024), RAFT, section 3. There rows
without the right passage teach the answer by heart; here they teach to refuse, since facts belong into the documents.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...corpus.chunking import Chunk
from ...evaluation.metrics import answer_contained
from ...evaluation.questions import Question
from ...language_models.base import Passage, Prompt
from ...language_models.prompting import NO_ANSWER
from ...rag.evaluate import gold_paths
from ...retrieval.access import NOBODY
from ...retrieval.search import Retriever
from ...texts.sentences import sentence_spans
from ...texts.words import words_of
from ...vector_stores.base import Mask
from ..pairs import Pairs, by_document, gold_passages
from ..rows import Row
from ..settings import ProjectSettings
from ..tuned_retriever.mining import ranked_passages, wrong_passages
from ..tuned_writer import turns_of

_SHORT = 50
"""Words up to which an answer is written out behind its evidence."""
_POOL = 4
"""Distractors are drawn of so many times as many as are wanted, the best found ones of which are most misleading."""


@dataclass(frozen=True)
class Built:
    """Rows, and what they are made of.

    Attributes:
        learn: To train and to validate on; no passage in them is of a document of the test.
        test: To judge by.
        with_gold: How many rows to learn from hold the right passage.
        refusals: How many are to be refused.
        without_passage: Ids of questions whose right passage nobody may read, or the index lacks.
    """

    learn: tuple[Row, ...]
    test: tuple[Row, ...]
    with_gold: int
    refusals: int
    without_passage: tuple[str, ...]


def build_rows(
    pairs: Pairs, retriever: Retriever, settings: ProjectSettings, advance: Callable[[int], object] = lambda _: None
) -> Built:
    """Builds the rows of all sides.

    Only passages that everybody may read take part, since a model keeps traces of what it was trained on.

    Args:
        pairs: The questions, split by document.
        retriever: Of the project's own index, whose mistakes are the distractors.
        settings: How many rows and passages, and the share without the right passage.
        advance: Hears how many more questions are done.
    """
    paths = sorted({chunk.document for chunk in retriever.chunks})
    test = frozenset(path for question in pairs.test for path in gold_paths(question, paths))
    known = [*pairs.train, *pairs.validation]
    learn, missing = _Builder(retriever, settings, test).rows(known, pairs.group, advance)
    judged, lacking = _Builder(retriever, settings, frozenset()).rows(pairs.test, pairs.group, advance)
    refusals = sum(row.response == NO_ANSWER for row in learn)
    return Built(tuple(learn), tuple(judged), len(learn) - refusals, refusals, (*missing, *lacking))


def evidence_in(question: Question, passage: str) -> str:
    """The sentence of a passage that holds a short answer, else the one that shares most words with the answers."""
    found = [" ".join(passage[start:end].split()) for start, end in sentence_spans(passage)]
    holding = [sentence for sentence in found if answer_contained(sentence, question.answers)]
    if holding:
        return min(holding, key=len)
    wanted = set(words_of(" ".join(question.answers) or question.question))
    return max(found, key=lambda sentence: (len(wanted.intersection(words_of(sentence))), -len(sentence)), default="")


def wanted_response(question: Question, passage: str, number: int) -> str:
    """The quoted evidence with its citation, then the answer where it is short and says it in other words.

    Args:
        question: With its answers.
        passage: The right one.
        number: Under which it stands in the prompt, from 1.
    """
    evidence = evidence_in(question, passage)
    quoted = f'"{evidence}" [{number}]'
    short = [answer for answer in question.answers if len(answer.split()) <= _SHORT]
    if not short or " ".join(short[0].split()).lower() == evidence.lower():
        return quoted
    return f"{quoted} {' '.join(short[0].split())} [{number}]"


class _Builder:
    def __init__(self, retriever: Retriever, settings: ProjectSettings, unseen: frozenset[str]) -> None:
        self._retriever = retriever
        self._settings = settings
        public = retriever.visible(NOBODY)
        apart = retriever.without(unseen)
        self._visible: Mask = apart if public is None else apart & public
        readable = [chunk for chunk, seen in zip(retriever.chunks, self._visible.tolist(), strict=True) if seen]
        self._chunks: Mapping[str, Sequence[Chunk]] = by_document(readable)

    def rows(
        self, questions: Sequence[Question], group: Mapping[str, str], advance: Callable[[int], object]
    ) -> tuple[list[Row], list[str]]:
        given = self._settings.hybrid
        right = {each.id: gold_passages(each, self._chunks) if each.answerable else [] for each in questions}
        missing = [each.id for each in questions if each.answerable and not right[each.id]]
        slots = [
            (each, time) for each in questions if each.id not in missing for time in range(given.rows_per_question)
        ]
        answerable = [slot for slot in slots if slot[0].answerable]
        draw = random.Random(self._settings.labelled_data.seed)  # noqa: S311 -- draws examples, no secret
        lacking = round(given.without_gold * len(answerable))
        without = {(each.id, time) for each, time in draw.sample(answerable, lacking)}
        ranked: dict[str, list[Chunk]] = {}
        for question in questions:
            advance(1)
            found = ranked_passages(question.question, self._retriever, self._visible)
            most, alike = self._settings.rag.passages * _POOL, self._settings.labelled_data.near_duplicate
            ranked[question.id] = wrong_passages(question, right[question.id], found, most, alike)[0]
        rows = []
        for question, time in slots:
            gold = right[question.id] if (question.id, time) not in without else []
            rows.append(self._row(question, gold, ranked[question.id], time, group[question.id], draw))
        return rows, missing

    def _row(
        self,
        question: Question,
        gold: Sequence[Chunk],
        wrong: Sequence[Chunk],
        time: int,
        group: str,
        draw: random.Random,
    ) -> Row:
        room = self._settings.rag.passages - (1 if gold else 0)
        # First the most misleading ones, then others of those that search finds.
        distractors = list(wrong[:room]) if time == 0 else draw.sample(list(wrong), min(room, len(wrong)))
        passages = list(distractors)
        response = NO_ANSWER
        if gold:
            chosen = gold[time % len(gold)]
            place = draw.randint(0, len(passages))
            passages.insert(place, chosen)
            response = wanted_response(question, chosen.text, place + 1)
        shown = tuple(Passage(f"{chunk.document} > {chunk.context}", chunk.text) for chunk in passages)
        return Row(turns_of(Prompt(question.question, shown)), response, group or question.id)
