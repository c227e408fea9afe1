from dataclasses import dataclass

import numpy as np
import pytest

from ..spans import span_counts, span_scores


@dataclass(frozen=True)
class Span:
    start: int
    end: int
    label: str


def spans(*parts: tuple[int, int, str]) -> tuple[Span, ...]:
    return tuple(Span(*part) for part in parts)


TRUE = [spans((0, 3, "date"), (5, 9, "sum")), spans((2, 4, "sum")), spans()]
GIVEN = [spans((0, 3, "date"), (5, 8, "sum")), spans((2, 4, "date")), spans((1, 2, "sum"))]


def test_scores_by_hand() -> None:
    found = span_scores(TRUE, GIVEN)
    assert (found.all.spans, found.all.found, found.all.right) == (3, 4, 1)
    assert found.all.precision == 0.25
    assert found.all.recall == pytest.approx(1 / 3)
    assert found.all.f1 == pytest.approx(2 / 7)
    date, amount = found.labels
    assert (date.label, date.spans, date.found, date.right) == ("date", 1, 2, 1)
    assert date.f1 == pytest.approx(2 / 3)
    assert (amount.label, amount.spans, amount.found, amount.right, amount.f1) == ("sum", 2, 2, 0, 0.0)
    assert (found.texts, found.exact_texts) == (3, 0.0)
    for score in (found.all, *found.labels):
        assert 0 <= score.f1_interval[0] <= score.f1 <= score.f1_interval[1] <= 1


def test_start_end_and_label_must_be_right() -> None:
    for wrong in ((1, 3, "date"), (0, 4, "date"), (0, 3, "sum")):
        assert span_scores([spans((0, 3, "date"))], [spans(wrong)]).all.right == 0


def test_a_span_given_twice_is_wrong_once() -> None:
    found = span_scores([spans((0, 3, "date"))], [spans((0, 3, "date"), (0, 3, "date"))])
    assert (found.all.right, found.all.found, found.exact_texts) == (1, 2, 0.0)


def test_texts_without_any_span_are_right_and_give_no_figures() -> None:
    found = span_scores([(), ()], [(), ()])
    assert (found.all.precision, found.all.recall, found.all.f1, found.exact_texts) == (None, None, 0.0, 1.0)
    assert found.labels == ()
    assert found.all.f1_interval == (0.0, 1.0)


def test_labels_that_the_model_cannot_give_are_counted() -> None:
    assert span_scores(TRUE, GIVEN, known=["date"]).unknown_spans == 2
    assert span_scores(TRUE, GIVEN).unknown_spans == 0


def test_texts_come_in_pairs() -> None:
    for true in ([], [spans()]):
        with pytest.raises(ValueError, match="at least one text"):
            span_scores(true, [])


def test_counts_for_each_text() -> None:
    found = span_counts(TRUE, GIVEN)
    assert found.by_text().tolist() == [[1, 2, 2], [0, 1, 1], [0, 1, 0]]
    assert found.labels == ("date", "sum")


def test_spans_of_one_text_that_fail_together_make_the_interval_wider() -> None:
    """As many right spans in both cases, once all of a text at a time and once spread over all texts."""
    full = [spans(*((place, place + 1, "x") for place in range(10))) for _ in range(40)]
    together = [each if number % 4 else () for number, each in enumerate(full)]
    spread = [tuple(span for span in each if (span.start + number) % 4) for number, each in enumerate(full)]
    wide, narrow = (span_scores(full, given).all for given in (together, spread))
    assert wide.recall == pytest.approx(0.75)
    assert narrow.recall == pytest.approx(0.75, abs=0.01)
    assert wide.recall_interval[1] - wide.recall_interval[0] > 0.2
    assert narrow.recall_interval[1] - narrow.recall_interval[0] < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_sets(seed: int) -> None:
    draw = np.random.default_rng(seed)

    def some() -> tuple[Span, ...]:
        return spans(*{(int(start), int(start) + 2, "ab"[start % 2]) for start in draw.integers(0, 8, 4)})

    true, given = [some() for _ in range(30)], [some() for _ in range(30)]
    found = span_scores(true, given)
    for score in (found.all, *found.labels):
        want = {(text, span) for text, each in enumerate(true) for span in each if score.label in {"", span.label}}
        have = {(text, span) for text, each in enumerate(given) for span in each if score.label in {"", span.label}}
        assert (score.spans, score.found, score.right) == (len(want), len(have), len(want & have))
        assert score.f1 == pytest.approx(2 * len(want & have) / (len(want) + len(have)))
