"""What a random order of the results of an index would score on a question."""

from collections.abc import Iterable

from ..corpus.chunking import Chunk
from ..evaluation.metrics import ndcg_at
from ..evaluation.questions import Question
from ..evaluation.random_order import expected_ndcg_at, expected_of_first


class RandomFloor:
    """Expected scores of a random order, by exact formulas.

    What is ordered is what a ranking is judged on: the documents of the index, or the distinct stretches of blocks
    where a question names its paragraph. Of several stretches that hold the paragraph only the first counts.

    Args:
        chunks: All of the index.
        depth: A result below this rank counts as not found.
    """

    def __init__(self, chunks: Iterable[Chunk], depth: int) -> None:
        self._stretches = tuple(dict.fromkeys((chunk.document, chunk.blocks) for chunk in chunks))
        self._documents = len({document for document, _ in self._stretches})
        self._depth = depth

    def scores(self, question: Question, gold: frozenset[str]) -> dict[str, float]:
        """Expected score of each measure of retrieval, in [0, 1].

        Args:
            question: The question.
            gold: The indexed documents that answer it, at least one.
        """
        if question.paragraph is None:
            return self._of(len(gold), self._documents, expected_ndcg_at(len(gold), self._documents, 10))
        holding = sum(path in gold and question.paragraph in blocks for path, blocks in self._stretches)
        if not holding:
            return dict.fromkeys(("hit@1", "hit@5", "MRR", "nDCG@10"), 0.0)
        total = len(self._stretches)
        return self._of(
            holding,
            total,
            expected_of_first(holding, total, 10, lambda rank: ndcg_at([False] * (rank - 1) + [True], 1, 10)),
        )

    def _of(self, relevant: int, total: int, ndcg: float) -> dict[str, float]:
        return {
            "hit@1": expected_of_first(relevant, total, 1, lambda _: 1.0),
            "hit@5": expected_of_first(relevant, total, 5, lambda _: 1.0),
            "MRR": expected_of_first(relevant, total, self._depth, lambda rank: 1.0 / rank),
            "nDCG@10": ndcg,
        }
