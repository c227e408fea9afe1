import hashlib

import numpy as np
import pytest

from ..minhash import BANDS, ROWS, bands_of, exact_key, jaccard, shingles, signature

WORDS = np.random.default_rng(7).choice([f"word{number}" for number in range(3000)], 400).tolist()
SIGNATURE = "d063fdfab238d215ada97b9deca46b7fa505fab86c2962fe4c9dac6d9febdf57"


def test_signatures_are_those_that_stored_indexes_hold() -> None:
    signed = signature(shingles(WORDS, 3))
    assert signed.shape == (BANDS * ROWS,)
    assert signed.dtype == np.uint64
    assert hashlib.sha256(signed.tobytes()).hexdigest() == SIGNATURE


@pytest.mark.parametrize(("parts", "length", "count"), [("", 1, 0), ("ab", 3, 0), ("abc", 3, 1), ("aaaa", 2, 1)])
def test_shingles_are_the_distinct_runs(parts: str, length: int, count: int) -> None:
    assert len(shingles(parts, length)) == count


def test_the_order_within_a_run_counts() -> None:
    assert jaccard(shingles("ab", 2), shingles("ba", 2)) == 0
    assert jaccard(shingles("ab", 1), shingles("ba", 1)) == 1


def test_jaccard_is_that_of_the_sets() -> None:
    left, right = "where is my card", "where is my new card"
    sets = [{text[place : place + 3] for place in range(len(text) - 2)} for text in (left, right)]
    expected = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    assert jaccard(shingles(left, 3), shingles(right, 3)) == pytest.approx(expected)


def test_texts_nearly_alike_share_a_band_and_others_do_not() -> None:
    other = [*WORDS[:-10], *(f"end{number}" for number in range(10))]
    bands = [set(bands_of(signature(shingles(words, 3)))) for words in (WORDS, other, WORDS[::-1])]
    assert bands[0] & bands[1]
    assert not bands[0] & bands[2]
    assert not len(signature(shingles([], 3)))


def test_white_space_and_compatible_characters_do_not_count_in_the_exact_key() -> None:
    assert exact_key("ﬁne  words\n") == exact_key("fine words")
    assert exact_key("fine words") != exact_key("Fine words")
