import math
from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..fusion import reciprocal_rank_fusion, weighted_score_fusion
from ..lexical import LexicalIndex, best_scored, stop_words

TEXTS = ["The red fox jumps", "A blue whale swims", "Red whales and red foxes", "nothing here"]


def test_bm25_follows_the_formula(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS, "none").save(tmp_path / "lexical")
    scores = LexicalIndex.load(tmp_path / "lexical", "none").scores("RED")
    lengths = [4, 4, 5, 2]
    inverse = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    norm = 1.5 * (1 - 0.75 + 0.75 * lengths[0] / (sum(lengths) / 4))
    assert scores[0] == pytest.approx(inverse * 1 / (1 + norm), rel=1e-5)
    assert best_scored(scores, 10).tolist() == [2, 0]


def test_a_question_of_unknown_or_stop_words_finds_nothing() -> None:
    index = LexicalIndex.build(TEXTS, "english")
    assert index.scores("what is the").tolist() == [0.0] * 4
    assert index.scores("zebra").tolist() == [0.0] * 4
    assert index.scores("").tolist() == [0.0] * 4
    assert index.rarity("the zebra and the fox").keys() == {"zebra", "fox"}


def test_every_language_of_the_settings_has_a_list() -> None:
    from ..settings import Settings

    for language in ("none", "german", "french", "spanish", "italian", "dutch", "portuguese", "swedish", "turkish"):
        assert (len(stop_words(Settings(stop_words=language).stop_words)) > 10) == (language != "none")


def test_a_damaged_word_index_is_refused(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS, "none").save(tmp_path)
    (tmp_path / "params.index.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        LexicalIndex.load(tmp_path, "none")


def test_reciprocal_ranks_by_hand() -> None:
    fused = reciprocal_rank_fusion([[7, 3], [3, 9]], k=60)
    assert [position for position, _ in fused] == [3, 7, 9]
    assert fused[0][1] == pytest.approx(1 / 62 + 1 / 61)


def test_weighted_scores_by_hand() -> None:
    fused = weighted_score_fusion(
        np.array([2, 5, 8]), np.array([4, 0, 2], np.float32), np.array([-0.2, 0.5, 0.5], np.float32), 0.25
    )
    assert fused == [(2, 0.75), (8, 0.625), (5, 0.25)]
    nothing = weighted_score_fusion(np.array([1]), np.zeros(1, np.float32), np.zeros(1, np.float32), 0.5)
    assert nothing == [(1, 0.0)]
