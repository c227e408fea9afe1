"""What the fusion by scores rests on, for any texts and any question."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reference_impls.retrieval.fusion import weighted_score_fusion
from reference_impls.retrieval.lexical import LexicalIndex

WORDS = st.lists(st.sampled_from(["red", "fox", "whale", "swims", "the"]), min_size=1, max_size=30).map(" ".join)


@given(texts=st.lists(WORDS, min_size=1, max_size=6), question=WORDS)
def test_no_bm25_score_exceeds_the_bound(texts: list[str], question: str) -> None:
    index = LexicalIndex.build(texts, "none")
    assert float(index.scores(question).max()) <= index.bound(question)


@given(
    scores=st.lists(st.tuples(st.floats(0, 5, width=32), st.floats(-1, 1, width=32)), min_size=1, max_size=20),
    weight=st.floats(0, 1),
)
def test_fused_scores_stay_between_those_that_go_in(scores: list[tuple[float, float]], weight: float) -> None:
    lexical, dense = np.array(scores, dtype=np.float32).T
    for position, fused in weighted_score_fusion(np.arange(len(scores)), lexical, 5.0, dense, weight):
        share, cosine = float(lexical[position]) / 5.0, float(dense[position])
        assert min(share, cosine) - 1e-6 <= fused <= max(share, cosine) + 1e-6
