import json
import os
from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..agreement import LEAST_COSINE, cosines_of
from ..batches import batches_by_length
from ..load import load_embedder
from ..measure import Measured, Speed, remembered
from ..quickest import MANY
from ..sentence import SentenceEmbedder
from ..settings import Settings
from .conftest import TEXTS, MakeModel

MANY_TEXTS = [f"{text[: 10 + number % 50]} fox" for number, text in enumerate(TEXTS * (MANY // len(TEXTS)))]


def test_every_text_is_in_one_batch_and_no_batch_is_too_large() -> None:
    lengths = [7, 1, 1, 50, 3, 3, 0, 12]
    batches = list(batches_by_length(lengths, most_texts=3, budget=14))
    assert sorted(position for part in batches for position in part) == list(range(len(lengths)))
    assert [max(lengths[position] for position in part) for part in batches] == [50, 12, 7, 3, 0]
    for part in batches:
        padded = len(part) * max(lengths[position] for position in part)
        assert len(part) == 1 or (len(part) <= 3 and padded <= 14)


def test_many_texts_are_embedded_as_measured_and_the_choice_is_remembered(exported_copy: Settings) -> None:
    settings = exported_copy
    few = load_embedder(settings).encode_passages(MANY_TEXTS[:40])
    file = Path(settings.cache_folder) / "measured.json"
    assert not file.exists()
    told: list[str] = []
    rows = load_embedder(settings, told.append).encode_passages(MANY_TEXTS)
    assert cosines_of(rows[:40], few).min() >= LEAST_COSINE
    assert cosines_of(rows, SentenceEmbedder(settings).encode_passages(MANY_TEXTS)).min() >= LEAST_COSINE
    measured = Measured.model_validate_json(file.read_text())
    assert set(measured.speeds) == {"torch", "torch_bfloat16", "onnx"}
    assert told == [str(measured)]
    before = file.stat().st_mtime_ns
    load_embedder(settings, told.append).encode_passages(MANY_TEXTS)
    assert (told, file.stat().st_mtime_ns) == ([str(measured)] * 2, before)


def test_weights_that_were_swapped_unseen_never_meet_the_export(exported_copy: Settings) -> None:
    settings = exported_copy
    weights = Path(settings.model, "model.safetensors")
    before = weights.stat().st_mtime_ns
    weights.write_bytes(weights.read_bytes()[:-64] + bytes(64))
    os.utime(weights, ns=(before, before))
    embedder = load_embedder(settings)
    with pytest.raises(UserError, match="others than those that were exported") as caught:
        embedder.encode_passages(MANY_TEXTS)
    assert "delete" in caught.value.next_step


def test_what_was_measured_elsewhere_does_not_count(make_model: MakeModel) -> None:
    settings = make_model()
    embedder = load_embedder(settings)
    embedder.encode_passages(MANY_TEXTS)
    assert remembered(settings, embedder.id) is not None
    assert remembered(settings, "another model") is None
    file = Path(settings.cache_folder) / "measured.json"
    content = json.loads(file.read_text())
    content["key"]["machine"] = "another"
    file.write_text(json.dumps(content))
    assert remembered(settings, embedder.id) is None
    file.write_text("{")
    assert remembered(settings, embedder.id) is None


def test_a_quicker_way_with_other_vectors_is_not_chosen() -> None:
    measured = Measured(
        key={},
        speeds={
            "torch": Speed(rate=10, cosine=1),
            "torch_bfloat16": Speed(rate=90, cosine=0.998),
            "onnx": Speed(rate=20, cosine=0.9999),
        },
    )
    assert measured.quickest == "onnx"
    assert "torch_bfloat16 90 (other vectors: 0.9980)" in str(measured)


def test_an_export_for_a_graphics_card_is_refused() -> None:
    with pytest.raises(UserError, match="runs on the CPU") as caught:
        load_embedder(Settings(backend="onnx_int8", device="cuda"))
    assert "embedding.device" in caught.value.next_step


def test_weights_in_bfloat16_give_the_same_vectors() -> None:
    texts = ["a fox", "How long is the warranty?", "The battery is charged over night. " * 60]
    half = SentenceEmbedder(Settings(device="cpu", backend="torch_bfloat16"))
    whole = SentenceEmbedder(Settings(device="cpu", backend="torch"))
    rows, expected = half.encode_passages(texts), whole.encode_passages(texts)
    # Set by hand, nobody compares its vectors on this model and machine, so they never meet the others.
    assert half.id == f"{whole.id}+bfloat16"
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert LEAST_COSINE <= cosines_of(rows, expected).min() < 1 - 1e-7
