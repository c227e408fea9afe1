"""Every rung: it learns, and answers the same once it is kept and opened again."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from ...labelled_data.base import Classifier, Example, Tagger
from ...labelled_data.rungs import Fitted
from ...registry.model_folder import open_model, write_model
from ..base import Context
from ..kinds import LOADERS, RUNGS, Rung, fits
from .tiny import context, messages, payments, run

TEXTS = ["please help with my card", "transfer", "", "  \n", "xyzzy 東京 \U0001f600 \x00", "password " * 300]
LEARNING: tuple[Rung, ...] = ("word_counts", "head", "lora", "full")


def accuracy(model: object, examples: list[Example]) -> float:
    assert isinstance(model, Classifier)
    given = model.probabilities([example.text for example in examples]).argmax(axis=1)
    return float(
        np.mean([model.labels[number] == example.target for number, example in zip(given, examples, strict=True)])
    )


def kept(fitted: Fitted, folder: Path, given: Context) -> object:
    write_model(folder, fitted.kind, fitted.about, fitted.write)
    opened = open_model(folder)
    return LOADERS[opened.kind](opened, Context(given.encoders, given.embedding, given.training))


@pytest.mark.parametrize("rung", RUNGS)
def test_a_classifier_answers_the_same_once_it_is_opened_again(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    given = context(encoder)
    fitted = fits("classification", given)[rung](messages(90), messages(30, seed=1), run(tmp_path / "run"))
    opened = kept(fitted, tmp_path / "model", given)
    assert isinstance(opened, Classifier)
    assert isinstance(fitted.model, Classifier)
    assert opened.labels == fitted.model.labels == ("card", "login", "money")
    before, after = fitted.model.probabilities(TEXTS), opened.probabilities(TEXTS)
    np.testing.assert_array_equal(before, after)
    assert before.dtype == np.float32
    np.testing.assert_allclose(before.sum(axis=1), 1, atol=1e-6)
    # A blank text says nothing: it gets the shares of the labels.
    np.testing.assert_allclose(before[2:4], 1 / 3, atol=1e-6)
    heard: list[int] = []
    opened.probabilities(TEXTS, heard.append)
    assert sum(heard) == len(TEXTS)
    assert opened.probabilities([]).shape == (0, 3)
    assert fitted.measured["seconds"] > 0


@pytest.mark.parametrize("rung", LEARNING)
def test_a_classifier_learns(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, head_dropout=0.0, training={"epochs": 6.0, "patience": 0})
    fitted = fits("classification", given)[rung](messages(240), messages(60, seed=1), run(tmp_path / "run"))
    assert accuracy(fitted.model, messages(90, seed=2)) > 0.9


@pytest.mark.parametrize("rung", RUNGS)
def test_a_tagger_answers_the_same_once_it_is_opened_again(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    given = context(encoder)
    fitted = fits("extraction", given)[rung](payments(60), payments(20, seed=1), run(tmp_path / "run"))
    opened = kept(fitted, tmp_path / "model", given)
    assert isinstance(opened, Tagger)
    assert isinstance(fitted.model, Tagger)
    texts = [*TEXTS, *(example.text for example in payments(20, seed=2)), "anna paid 12.3 " * 40]
    assert opened.labels == fitted.model.labels == ("amount", "person")
    spans = fitted.model.spans(texts)
    assert spans == opened.spans(texts)
    assert not any(spans[2:4])
    for text, found in zip(texts, spans, strict=True):
        assert list(found) == sorted(found)
        assert all(0 <= each.start < each.end <= len(text) for each in found)
        assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    heard: list[int] = []
    opened.spans(texts, heard.append)
    assert sum(heard) == len(texts)
    assert opened.spans([]) == []


@pytest.mark.parametrize("rung", LEARNING)
def test_a_tagger_learns(rung: Rung, encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, head_dropout=0.0, training={"epochs": 4.0, "patience": 0})
    fitted = fits("extraction", given)[rung](payments(120), payments(30, seed=1), run(tmp_path / "run"))
    assert isinstance(fitted.model, Tagger)
    judged = payments(40, seed=2)
    found = fitted.model.spans([example.text for example in judged])
    assert np.mean([spans == example.target for spans, example in zip(found, judged, strict=True)]) > 0.9
