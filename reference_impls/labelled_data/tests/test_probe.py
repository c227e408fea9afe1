import random
from dataclasses import replace

import numpy as np
import pytest

from ..base import Example, Span, Task
from ..cross_fit import CrossFit, cross_fit
from ..duplicates import group_examples
from ..learning_curve import measure_curve
from ..noise import find_suspects
from ..probe import Probe, probe_examples
from ..settings import Settings
from ..sides import Units
from .topics import WORDS, separated, tagged, unconnected


def fitted(rows: list[Example]) -> CrossFit:
    found = cross_fit(rows, range(len(rows)), Units.of(rows, group_examples(rows, 0.8), 0), 0)
    assert found is not None
    return found


def probe(rows: list[Example], task: Task = "classification", seed: int = 0) -> Probe:
    groups = group_examples(rows, 0.8)
    units = Units.of(rows, groups, seed)
    return probe_examples(rows, range(len(rows)), units, groups.group, task, Settings(seed=seed))


def test_a_hundred_separated_rows_are_learnable() -> None:
    found = probe(separated(100))
    assert found.verdict == "learnable"
    assert found.p == pytest.approx(1 / 101)
    assert found.score is not None
    assert found.score > 0.8


def test_labels_by_lot_are_called_learnable_in_one_of_a_hundred_cases_at_most() -> None:
    verdicts = [probe(unconnected(120, seed), seed=seed).verdict for seed in range(20)]
    assert verdicts.count("nothing_to_learn") >= 19


def test_shuffled_labels_of_learnable_rows_have_nothing_to_learn() -> None:
    rows = separated(300)
    labels = random.Random(1).sample([row.target for row in rows], 300)
    found = probe([replace(row, target=label) for row, label in zip(rows, labels, strict=True)])
    assert found.verdict == "nothing_to_learn"
    assert "no more than shuffled ones would" in found.why


def test_repeats_are_no_evidence() -> None:
    # Each text stands there ten times, with one label drawn by lot: rows alone would look learnable.
    rows = [replace(row, place=f"{row.place}-{copy}") for row in unconnected(100, 3) for copy in range(10)]
    found = probe(rows)
    assert (found.rows, found.verdict) == (100, "nothing_to_learn")


def test_labels_by_lot_of_whole_groups_are_not_learnable() -> None:
    # The words of a customer tell who it is, and each customer has one label for all rows.
    draw = random.Random(2)
    rows = []
    for customer in range(60):
        own = [f"word{customer}x{number}" for number in range(8)]
        label = f"label {draw.randrange(2)}"
        rows += [
            Example(" ".join(draw.choices(own, k=5)), label, f"a:{customer}-{number}", group=f"c{customer}")
            for number in range(5)
        ]
    assert probe(rows).verdict != "learnable"


def test_labels_in_a_handful_of_groups_cannot_be_told() -> None:
    rows = [replace(row, group=f"shop {number % 4}") for number, row in enumerate(unconnected(600, 5))]
    found = probe(rows)
    assert (found.verdict, found.p) == ("cannot_tell", None)
    assert "4 groups" in found.why


def test_a_group_larger_than_the_probe_leaves_rows_to_learn_from() -> None:
    rows = [replace(row, group="large" if number < 150 else f"c{number}") for number, row in enumerate(separated(260))]
    groups = group_examples(rows, 0.8)
    for seed in range(5):
        units = Units.of(rows, groups, seed)
        settings = Settings(seed=seed, probe_rows=100)
        found = probe_examples(rows, range(len(rows)), units, groups.group, "classification", settings)
        assert found is not None
        assert found.verdict == "learnable"


def test_spans_in_long_documents_are_probed() -> None:
    short = tagged(240)
    rows = []
    for number in range(8):
        text, spans = "", []
        for example in short[number * 30 : number * 30 + 30]:
            spans += [Span(one.start + len(text), one.end + len(text), one.label) for one in example.target]  # type: ignore[union-attr]
            text += f"{example.text} "
        rows.append(Example(text, tuple(spans), f"a:{number}"))
    found = probe([replace(row, text=row.text + "and so on " * 600) for row in rows], "extraction")
    assert found.rows > 1000
    assert found.verdict in {"learnable", "cannot_tell"}


@pytest.mark.parametrize("rows", [separated(9), [replace(row, target="x") for row in separated(90)]])
def test_too_few_rows_or_labels_cannot_be_told(rows: list[Example]) -> None:
    found = probe(rows)
    assert (found.verdict, found.p) == ("cannot_tell", None)


def test_few_rows_by_lot_are_not_called_hopeless() -> None:
    assert probe(unconnected(30, 5, labels=2)).verdict == "cannot_tell"


def test_texts_without_words_have_nothing_to_learn() -> None:
    draw = random.Random(0)
    texts = ["".join(draw.choices("🙂🙃😀😎?!", k=9)) for _ in range(100)]
    rows = [Example(text, f"label {number % 2}", f"a:{number}") for number, text in enumerate(texts)]
    assert probe(rows).verdict == "nothing_to_learn"


def test_spans_are_probed_by_their_tokens() -> None:
    rows = tagged(80)
    assert probe(rows, "extraction").verdict == "learnable"
    draw = random.Random(0)
    moved = []
    for row in rows:
        word = draw.choice(sorted(set(row.text.split())))
        start = row.text.index(word)
        moved.append(replace(row, target=(Span(start, start + len(word), "order"),)))
    assert probe(moved, "extraction").verdict == "nothing_to_learn"


def test_responses_are_not_probed_and_it_says_so() -> None:
    found = probe(separated(60), "generation")
    assert (found.verdict, found.score) == ("cannot_tell", None)
    assert "training alone" in found.why


def test_wrong_labels_are_suspected_first() -> None:
    rows = separated(450)
    wrong = random.Random(4).sample(range(450), 12)
    for place in wrong:
        rows[place] = replace(rows[place], target=next(label for label in WORDS if label != rows[place].target))
    found = find_suspects(rows, fitted(rows))
    first = {each.place for each in found[:9]}
    assert len(first & {rows[place].place for place in wrong}) >= 8
    assert all(each.likely_probability >= each.given_probability for each in found)


def test_right_labels_are_hardly_suspected() -> None:
    rows = separated(300)
    assert len(find_suspects(rows, fitted(rows))) <= 3


def curve_of(accuracy: float, rows: int) -> CrossFit:
    """Rows of which a share has words that give the label away, and the others none."""
    draw = random.Random(1)
    made = [
        row if draw.random() < accuracy else replace(row, text=f"nothing {draw.random()}")
        for row in separated(rows, seed=3)
    ]
    return fitted(made)


def test_a_target_that_is_reached_is_said_to_be() -> None:
    found = measure_curve(fitted(separated(400)), 0.8)
    assert found is not None
    assert found.outlook == "reached"
    assert [point.rows for point in found.points] == sorted(point.rows for point in found.points)
    assert len(found.points) == 6


def test_a_target_beyond_the_level_of_the_data_is_not_promised() -> None:
    found = measure_curve(curve_of(0.5, 900), 0.95)
    assert found is not None
    assert found.outlook in {"out_of_reach", "cannot_tell"}
    assert found.rows_needed is None


def test_rows_needed_come_with_their_interval() -> None:
    draw = random.Random(7)
    words = {label: [f"{label}{number}" for number in range(1500)] for label in ("a", "b", "c", "d")}
    rows = [
        Example(" ".join(draw.choices(words[label], k=4)), label, f"a:{number}-{label}")
        for number in range(200)
        for label in words
    ]
    found = measure_curve(fitted(rows), 0.9)
    assert found is not None
    assert found.outlook == "more_rows"
    assert found.rows_needed is not None
    assert found.rows_interval is not None
    assert 640 < found.rows_interval[0] <= found.rows_needed <= found.rows_interval[1] < 20_000


def test_a_handful_of_rows_has_no_curve() -> None:
    assert measure_curve(fitted(separated(30)), 0.9) is None


def test_what_stands_together_is_never_cross_fitted_by_itself() -> None:
    rows = [replace(row, group=f"g{number // 3}") for number, row in enumerate(separated(120))]
    found = fitted(rows)
    fold = dict(zip(found.positions.tolist(), found.folds.tolist(), strict=True))
    assert all(fold[place] == fold[place // 3 * 3] for place in range(120))
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
