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


def test_texts_without_any_word_can_be_indexed(tmp_path: Path) -> None:
    LexicalIndex.build(["!!!", "the"], "english").save(tmp_path)
    assert LexicalIndex.load(tmp_path, "english").scores("fox").tolist() == [0.0, 0.0]


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
    lexical, dense = np.array([4, 0, 2], np.float32), np.array([-0.5, 0.5, 0.5], np.float32)
    fused = weighted_score_fusion(np.array([2, 5, 8]), lexical, 8.0, dense, 0.25)
    assert fused == [(8, 0.3125), (2, 0.25), (5, 0.125)]


def test_without_words_the_vectors_decide() -> None:
    nothing = np.zeros(2, np.float32)
    fused = weighted_score_fusion(np.array([1, 3]), nothing, 0.0, np.array([0.25, 0.5], np.float32), 0.5)
    assert fused == [(3, 0.25), (1, 0.125)]


def test_a_fused_score_does_not_depend_on_what_else_was_found() -> None:
    lexical, dense = np.array([1, 3], np.float32), np.array([0.5, 0.25], np.float32)
    both = dict(weighted_score_fusion(np.array([0, 1]), lexical, 4.0, dense, 0.5))
    alone = dict(weighted_score_fusion(np.array([0]), lexical[:1], 4.0, dense[:1], 0.5))
    assert alone[0] == both[0]


def test_repeating_the_words_of_a_question_comes_near_the_bound_and_never_reaches_it() -> None:
    index = LexicalIndex.build([*TEXTS, "fox fox red " * 400], "none")
    scores, bound = index.scores("red fox FOX"), index.bound("red fox FOX")
    assert 0.97 * bound < scores[4] < bound
    assert index.bound("red fox zebra") > index.bound("red fox") > 0
    assert index.bound("?") == 0.0
