"""The way from a question to its passages: other wordings, search for each, fusion, and a second model's order."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..embedding.base import Vectors
from ..reranking.base import Reranker
from ..retrieval.context import indexed_text
from ..retrieval.fusion import reciprocal_rank_fusion
from ..retrieval.search import Hit, Retriever
from ..retrieval.settings import Settings as RetrievalSettings
from ..vector_stores.base import Mask
from .rewriting import Rewriter, Rewritten

_FUSED = 10
"""How deep the searches of several wordings are fused. Further down, what no wording finds good stands in every list,
and would outweigh what one wording finds first."""


@dataclass(frozen=True)
class Found:
    """What was found for a question.

    Attributes:
        hits: Passages, best first.
        searched: What was searched: the question, then its other wordings.
        note: Why there is no other wording although some were wanted, else empty.
    """

    hits: list[Hit]
    searched: tuple[str, ...]
    note: str


class Finder:
    """Finds passages in the way that the settings name.

    Args:
        retriever: Searches the index.
        settings: `rrf_k` and `context` of retrieval.
        rewriter: Gives other wordings; None searches the question alone.
        reranker: Orders the best passages anew; None leaves them as the search has them.
        reranked: How many of the best passages are ordered anew.
    """

    def __init__(
        self,
        retriever: Retriever,
        settings: RetrievalSettings,
        rewriter: Rewriter | None,
        reranker: Reranker | None,
        reranked: int,
    ) -> None:
        self._retriever = retriever
        self._settings = settings
        self._rewriter = rewriter
        self._reranker = reranker
        self._reranked = reranked

    @property
    def steps(self) -> tuple[str, ...]:
        """What is done beside the search: `rewrite`, `rerank`."""
        done = {"rewrite": self._rewriter, "rerank": self._reranker}
        return tuple(step for step, model in done.items() if model is not None)

    def find(self, question: str, vector: Vectors, count: int, visible: Mask | None) -> Found:
        """The best passages for a question.

        What is not visible has no influence: no search returns it, so the reranker never reads it.

        Args:
            question: The question.
            vector: Its vector, float32 [dimension].
            count: How many hits at most.
            visible: bool [chunks], what takes part; None is all.

        Raises:
            UserError: The reranker fails.
        """
        asked = Rewritten((question,)) if self._rewriter is None else self._rewriter.rewrite(question)
        depth = count if self._reranker is None else max(count, self._reranked)
        hits = self._search(asked.queries, vector, depth, visible)
        return Found(self._ordered(question, hits)[:count], asked.queries, asked.note)

    def _search(self, queries: Sequence[str], vector: Vectors, depth: int, visible: Mask | None) -> list[Hit]:
        question, *others = queries
        if not others:
            return self._retriever.search(question, vector, depth, visible)
        own = self._retriever.search(question, vector, max(depth, _FUSED), visible)
        found = [own[:_FUSED]]
        found += [self._retriever.search(query, self._retriever.embed(query), _FUSED, visible) for query in others]
        chunks = {hit.position: hit.chunk for hits in found for hit in hits}
        ranked = reciprocal_rank_fusion([[hit.position for hit in hits] for hits in found], self._settings.rrf_k)
        fused = [Hit(position, chunks[position], score) for position, score in ranked]
        return [*fused, *(hit for hit in own if hit.position not in chunks)][:depth]

    def _ordered(self, question: str, hits: list[Hit]) -> list[Hit]:
        if self._reranker is None:
            return hits
        head = hits[: self._reranked]
        scores = self._reranker.scores(question, [indexed_text(hit.chunk, self._settings.context) for hit in head])
        # The sort is stable: what the reranker holds equal stays in the order of the search.
        best = sorted(zip(scores.tolist(), head, strict=True), key=lambda scored: -scored[0])
        return [Hit(hit.position, hit.chunk, score) for score, hit in best] + hits[self._reranked :]
