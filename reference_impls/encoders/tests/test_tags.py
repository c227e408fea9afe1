import itertools
import random

import numpy as np
import pytest

from ...labelled_data.base import Span
from ..tags import best_tags, spans_from, tag_names, tags_of, widened, words_in

LABELS = ("amount", "person")


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in words_in(text).tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pay 10kg, now!", ["Pay", "10", "kg", ",", "now", "!"]),
        ("$1,200.50", ["$", "1", ",", "200", ".", "50"]),
        ("naïve_café", ["naïve", "_", "café"]),
        ("東京に", ["東", "京", "に"]),
        (" \t\n", []),
        ("\U0001f600x", ["\U0001f600", "x"]),
    ],
)
def test_words_are_short_pieces(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_every_visible_character_is_in_one_word() -> None:
    text = "Prices ROSE by 3.5 % (to €1,200.50) — naïve café, 東京, Москва, हिन्दी \x00 end"
    found = words_in(text)
    covered = [place for start, end in found.tolist() for place in range(start, end)]
    assert covered == [place for place, character in enumerate(text) if not character.isspace()]


def test_tags_and_back() -> None:
    text = "anna and bob paid 12.50 euro"
    spans = (Span(0, 4, "person"), Span(9, 12, "person"), Span(18, 23, "amount"))
    words = words_in(text)
    tags = tags_of(words, spans, LABELS)
    names = tag_names(LABELS)
    expected = ["B-person", "O", "B-person", "O", "B-amount", "I-amount", "I-amount", "O"]
    assert [names[tag] for tag in tags] == expected
    assert spans_from(words, tags, LABELS) == spans


def test_random_spans_survive() -> None:
    chance = random.Random(0)
    for _ in range(300):
        text = "".join(chance.choices("ab1 .東", k=chance.randint(1, 30)))
        words = words_in(text).tolist()
        spans, at = [], 0
        while at < len(words):
            size = chance.randint(1, 3)
            if chance.random() < 0.4 and at + size <= len(words):
                spans.append(Span(words[at][0], words[at + size - 1][1], chance.choice(LABELS)))
                at += size
            at += 1
        # Two spans of one label side by side stay two.
        assert spans_from(words_in(text), tags_of(words_in(text), spans, LABELS), LABELS) == tuple(spans)
        assert widened(words_in(text), spans) == 0


def test_neighbours_of_one_label_stay_two() -> None:
    text = "anna bob"
    spans = (Span(0, 4, "person"), Span(5, 8, "person"))
    assert spans_from(words_in(text), tags_of(words_in(text), spans, LABELS), LABELS) == spans


def test_a_span_within_a_word_is_widened() -> None:
    text = "concatenate"
    tags = tags_of(words_in(text), (Span(3, 6, "person"),), LABELS)
    assert spans_from(words_in(text), tags, LABELS) == (Span(0, 11, "person"),)
    assert widened(words_in(text), (Span(3, 6, "person"),)) == 1
    # Of two spans in one word the first stays; one without any word, and one with another label, count for nothing.
    assert tags_of(words_in(text), (Span(0, 3, "person"), Span(3, 6, "amount")), LABELS).tolist() == [3]
    assert tags_of(words_in("a  b"), (Span(1, 3, "person"), Span(0, 1, "other")), LABELS).tolist() == [0, 0]


def test_the_best_valid_tags_are_found() -> None:
    chance = np.random.default_rng(0)
    for _ in range(150):
        logs = chance.normal(size=(chance.integers(1, 5), 5)).astype(np.float32)
        found = best_tags(logs)
        rows = np.arange(len(logs))
        best = max(
            logs[rows, list(tags)].sum()
            for tags in itertools.product(range(5), repeat=len(logs))
            if all(
                tag == 0 or tag % 2 or (place and tags[place - 1] in {tag, tag - 1}) for place, tag in enumerate(tags)
            )
        )
        assert logs[rows, found].sum() == pytest.approx(best, abs=1e-5)


def test_an_inner_tag_that_goes_on_with_nothing_begins_a_span() -> None:
    words = words_in("anna 12")
    assert spans_from(words, [4, 2], LABELS) == (Span(0, 4, "person"), Span(5, 7, "amount"))
