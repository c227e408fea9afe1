"""What cannot be learnt from, and what comes to be predicted."""

import itertools
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from ...labelled_data.base import Classifier, Example, Span, Tagger
from ...project_base.errors import UserError
from ..arrays import read_arrays, write_arrays
from ..kinds import RUNGS, Rung, fits
from ..settings import Settings
from ..sparse_rows import affordable
from .tiny import context, messages, payments, run


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_one_label_alone_is_nothing_to_tell_apart(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    one = [example for example in messages(30) if example.target == "card"]
    with pytest.raises(UserError, match="all 10 training examples have the label 'card'"):
        fits("classification", context(encoder))[rung](one, [], run(tmp_path))


def test_the_majority_of_one_label_is_that_label(encoder: Path, tmp_path: Path) -> None:
    one = [example for example in messages(30) if example.target == "card"]
    model = fits("classification", context(encoder))["majority"](one, [], run(tmp_path)).model
    assert isinstance(model, Classifier)
    np.testing.assert_array_equal(model.probabilities(["x", ""]), [[1], [1]])


@pytest.mark.parametrize("rung", RUNGS)
def test_what_no_rung_can_learn_from(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    classify, extract = (fits(task, context(encoder))[rung] for task in ("classification", "extraction"))
    strange = Example("x", "other", "validation.csv:7")
    with pytest.raises(UserError, match=r"validation\.csv:7: the label 'other'"):
        classify(messages(30), [strange], run(tmp_path))
    for fit in (classify, extract):
        with pytest.raises(UserError, match="no training example"):
            fit([], [], run(tmp_path))
    with pytest.raises(UserError, match="has spans and no label"):
        classify(payments(3), [], run(tmp_path))
    with pytest.raises(UserError, match="has a label and no spans"):
        extract(messages(3), [], run(tmp_path))
    with pytest.raises(UserError, match="none of the 2 training examples has a span"):
        extract([Example("x", (), "a:1"), Example("y", (), "a:2")], [], run(tmp_path))


@pytest.mark.parametrize("rung", ["word_counts", "head", "lora"])
def test_two_examples_are_enough_to_run(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    two = [Example("lost card", "a", "x:1"), Example("pin", "b", "x:2")]
    model = fits("classification", context(encoder))[rung](two, [], run(tmp_path / "a")).model
    assert isinstance(model, Classifier)
    assert np.isfinite(model.probabilities(["lost card", "東"])).all()
    spans = [Example("anna", (Span(0, 4, "person"),), "x:1"), Example("no one", (), "x:2")]
    tagger = fits("extraction", context(encoder))[rung](spans, [], run(tmp_path / "b")).model
    assert isinstance(tagger, Tagger)
    tagger.spans(["anna", ""])


@pytest.mark.parametrize("rung", ["word_counts", "head", "lora"])
def test_a_text_of_ten_megabytes_is_answered(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, training={"epochs": 1.0})
    long = Example("lost card " * 1_000_000, "card", "big.csv:2")
    told: list[str] = []
    fitted = fits("classification", given)[rung]([*messages(30), long], [], run(tmp_path, tell=told.append))
    assert isinstance(fitted.model, Classifier)
    started = time.perf_counter()
    rows = fitted.model.probabilities([long.text, "\0" * 10_000_000])
    assert time.perf_counter() - started < 5
    assert np.isfinite(rows).all()
    assert fitted.measured["cut_texts"] == 1
    if rung != "word_counts":
        assert fitted.measured["cut_tokens"] > 100
        assert any("cut" in line and "32 tokens" in line for line in told)


def test_a_long_text_is_tagged_from_end_to_end(encoder: Path, tmp_path: Path) -> None:
    made = random.Random(0)
    examples = []
    for number, example in enumerate(payments(90)):
        before = "the my is a " * made.randint(0, 12)
        assert not isinstance(example.target, str)
        spans = tuple(Span(each.start + len(before), each.end + len(before), each.label) for each in example.target)
        examples.append(Example(before + example.text, spans, f"x:{number}"))
    fitted = fits("extraction", context(encoder))["head"](examples, [], run(tmp_path))
    assert isinstance(fitted.model, Tagger)
    (spans,) = fitted.model.spans(["the my is a " * 200 + "anna paid 12.3 from my account"])
    assert [(each.start, each.label) for each in spans][-2:] == [(2400, "person"), (2410, "amount")]


def test_spans_within_words_are_told(encoder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    examples = [*payments(10), Example("unanna", (Span(2, 6, "person"),), "x:11")]
    fits("extraction", context(encoder))["majority"](examples, [], run(tmp_path, tell=told.append))
    assert any(line.startswith("1 of 21 spans begin or end within a word") for line in told)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("inverse_penalties", ""),
        ("inverse_penalties", "10, x"),
        ("inverse_penalties", "0"),
        ("inverse_penalties", "inf"),
        ("views", ""),
        ("views", "median"),
        ("views", "sentence, mean"),
        ("tuned_views", "sentence"),
        ("lora_targets", ""),
        ("lora_targets", "query; value"),
    ],
)
def test_settings_that_say_nothing_are_refused(key: str, value: str) -> None:
    with pytest.raises(ValidationError, match="write"):
        Settings.model_validate({key: value})


def test_lists_in_settings_are_read() -> None:
    settings = Settings(inverse_penalties="30, 3,10,3", views="mean@half , cls")
    assert settings.penalties == (3, 10, 30)
    assert settings.frozen_features == ("mean@half", "cls")


def test_a_file_of_arrays_that_is_none_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.safetensors", {"weight": np.ones(3, dtype=np.float32)})
    with pytest.raises(UserError, match="cannot be read"):
        read_arrays(tmp_path / "a.safetensors", "bias")
    (tmp_path / "b.safetensors").write_bytes(b"x" * 100)
    for name in ("b", "c"):
        with pytest.raises(UserError, match="cannot be read"):
            read_arrays(tmp_path / f"{name}.safetensors", "weight")


def test_strings_that_are_mostly_not_labelled_are_not_known(encoder: Path, tmp_path: Path) -> None:
    examples = [
        Example("will sees anna b", (Span(0, 4, "person"), Span(10, 16, "person")), "x:1"),
        Example("i will see anna, who will come", (Span(11, 15, "person"),), "x:2"),
        Example("that will do", (), "x:3"),
        Example("anna b and anna", (Span(0, 6, "person"), Span(11, 15, "firm")), "x:4"),
        Example("anna", (Span(0, 4, "person"),), "x:5"),
    ]
    model = fits("extraction", context(encoder))["majority"](examples, [], run(tmp_path)).model
    assert isinstance(model, Tagger)
    (spans,) = model.spans(["will meets anna \n b, or anna"])
    # The longest string first, whatever stands between its words; and of two labels the commoner one.
    assert spans == (Span(11, 19, "person"), Span(24, 28, "person"))
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))


def test_many_labels_have_fewer_words() -> None:
    assert affordable(100_000, 77) == 100_000
    assert affordable(100_000, 1000) == 10_000
    assert affordable(100_000, 20_000_000) == 1


def test_threads_may_ask_at_once(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, training={"epochs": 0.1})
    model = fits("classification", given)["lora"](messages(30), [], run(tmp_path)).model
    assert isinstance(model, Classifier)
    texts = [example.text * 20 for example in messages(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: model.probabilities([text]), texts))
    np.testing.assert_allclose(np.concatenate(found), model.probabilities(texts), atol=1e-5)
