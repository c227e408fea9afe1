"""What `evaluate` measures, as it stands in a result file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..evaluation.bootstrap import Interval
from ..evaluation.metrics import hit_at, ndcg_at, reciprocal_rank
from ..evaluation.paired import Difference
from ..project_base.documents import read_document
from ..project_base.errors import UserError
from ..project_base.rooms import command_line

SCHEMA: Final = "evaluation/1"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Outcome(_Frozen):
    """What became of one question; None stands for what was not or cannot be measured.

    Attributes:
        id: Of the question.
        question: As it was asked.
        answerable: As the question file marks it.
        relevant: How many results are relevant, 0 where no gold document is indexed.
        ranks: By mode: the ranks of the relevant results, from 1, among the first 100 passages that were found.
        refused: Whether it was refused.
        contained: Whether the answer holds a reference answer; False for a refusal.
        sentences: How many sentences the answer has, 0 for a refusal.
        supported: How many of them their cited passages support.
    """

    id: str
    question: str
    answerable: bool
    relevant: int
    ranks: Mapping[str, tuple[Annotated[int, Field(ge=1, le=100)], ...]]
    refused: bool | None = None
    contained: bool | None = None
    sentences: int = 0
    supported: int = 0

    @property
    def grounded(self) -> float | None:
        """Share of the sentences of the answer that are supported, in [0, 1]; None without an answer."""
        return self.supported / self.sentences if self.sentences else None


class RetrievalScores(_Frozen):
    """Mean scores of one mode over the questions whose gold documents are indexed, each with its 95 % interval.

    What is done beside the search follows the mode, as in `fused+rerank`. The mode `random` is the expected value of a
    random order of all results, which is exact and has no interval.
    """

    mode: str
    hit_at_1: float | None
    hit_at_5: float | None
    mrr: float | None
    ndcg_at_10: float | None
    hit_at_1_interval: Interval | None = None
    hit_at_5_interval: Interval | None = None
    mrr_interval: Interval | None = None
    ndcg_at_10_interval: Interval | None = None


class UnsupportedSentence(_Frozen):
    """A sentence of an answer that the passages that it cites do not support, or that cites none.

    Attributes:
        id: Of the question.
        text: The sentence.
        cited: The documents of the passages that it cites.
    """

    id: str
    text: str
    cited: tuple[str, ...]


class Comparison(_Frozen):
    """This run against a former one, on the questions that both asked.

    Attributes:
        questions: How many those are; left out are new ones, and ones that have another wording under their id.
        left_out: How many ids only one of the runs has, or both with different words.
        differences: One for each measure that both runs have; above 0 is good.
        right_now: Ids that were wrong before and are right now, by the answer where it was judged, else by hit@5.
        wrong_now: Ids that were right before and are wrong now.
    """

    questions: int
    left_out: int
    differences: tuple[Difference, ...]
    right_now: tuple[str, ...]
    wrong_now: tuple[str, ...]


class Evaluation(_Frozen):
    """Everything that was measured; None stands where no question could measure it. Intervals are of 95 %.

    Attributes:
        schema_id: `schema` in JSON; names this form of the file.
        unit: What a hit is counted on: `paragraph` or `document`.
        questions: How many were read.
        judged: How many of them name a gold document that is indexed.
        without_gold: Ids of answerable questions that name no gold document, or one that is not indexed.
        retrieval: One row for each mode; the first is as the settings have it, the last a random order.
        beside_bm25: The first row against BM25 alone; empty where that is the mode.
        containment: Share of answered or refused answerable questions whose answer holds a reference answer.
        containment_interval: Of it.
        containment_questions: How many of them have a reference of at most 50 words.
        groundedness: Share of the sentences of an answer that the cited text supports, as a mean over the answers.
        groundedness_interval: Of it.
        answers: How many answers have a sentence that can be judged.
        sentences: How many sentences these answers have.
        supported: How many of them are supported.
        unsupported: The first fifty that are not.
        refused_unanswerable: Share of unanswerable questions that were refused, of `unanswerable`.
        refused_unanswerable_interval: Of it.
        unanswerable: How many questions are marked unanswerable.
        refused_answerable: Share of answerable questions that were refused, of `answerable`.
        refused_answerable_interval: Of it.
        answerable: How many questions are not.
        retrieval_ms_p50: Median time of embedding and search, in milliseconds; then the 95th percentile.
        retrieval_ms_p95: See above.
        total_ms_p50: Median time of a whole answer, in milliseconds; then the 95th percentile.
        total_ms_p95: See above.
        against: The comparison with a former run, where one was given.
        outcomes: What became of each question: what a later run is compared with.
    """

    schema_id: Literal["evaluation/1"] = Field(default=SCHEMA, alias="schema")
    unit: str
    questions: int
    judged: int
    without_gold: tuple[str, ...]
    retrieval: Annotated[tuple[RetrievalScores, ...], Field(min_length=1)]
    beside_bm25: tuple[Difference, ...]
    containment: float | None
    containment_interval: Interval | None
    containment_questions: int
    groundedness: float | None
    groundedness_interval: Interval | None
    answers: int
    sentences: int
    supported: int
    unsupported: tuple[UnsupportedSentence, ...]
    refused_unanswerable: float | None
    refused_unanswerable_interval: Interval | None
    unanswerable: int
    refused_answerable: float | None
    refused_answerable_interval: Interval | None
    answerable: int
    retrieval_ms_p50: float | None
    retrieval_ms_p95: float | None
    total_ms_p50: float | None
    total_ms_p95: float | None
    against: Comparison | None = None
    outcomes: tuple[Outcome, ...]

    def to_json(self) -> str:
        """The content of a result file."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def read_evaluation(path: Path) -> Evaluation:
    """Reads a result file.

    Raises:
        UserError: It cannot be read, or is no result file of `evaluate`.
    """
    again = f"make one, before the change that you want to judge: {command_line(f'evaluate --out {path.name}')}"
    found = read_document(path, Evaluation, SCHEMA, "result file of evaluate", again)
    if found is None:
        raise UserError(f"the result file {path} cannot be read: there is none", again)
    return found


Scorer = Callable[[Sequence[bool], int], float]

RETRIEVAL_MEASURES: Mapping[str, Scorer] = {
    "hit@1": lambda relevant, _: hit_at(relevant, 1),
    "hit@5": lambda relevant, _: hit_at(relevant, 5),
    "MRR": lambda relevant, _: reciprocal_rank(relevant),
    "nDCG@10": lambda relevant, total: ndcg_at(relevant, total, 10),
}
"""Scores of a ranking in [0, 1], from the relevance of each result, best first, and how many relevant ones exist."""


def retrieval_score(measure: str, outcome: Outcome, mode: str) -> float | None:
    """One measure of one question in one mode, or None where the question has no gold document or the mode no ranks."""
    if not outcome.relevant or mode not in outcome.ranks:
        return None
    ranks = outcome.ranks[mode]
    flags = [rank in ranks for rank in range(1, max(ranks, default=0) + 1)]
    return RETRIEVAL_MEASURES[measure](flags, outcome.relevant)
