import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ..agreement import LEAST_COSINE, cosines_of
from ..cache import EXPORT, export_folder, read_export
from ..export import known_export
from ..exported import open_export
from ..load import load_embedder
from ..sentence import SentenceEmbedder
from ..settings import Settings
from .conftest import TEXTS, MakeModel

PACKAGE = (__package__ or "").split(".")[0]
ROOT = Path(__file__).parents[3]


def started(code: str, settings: Settings) -> "subprocess.Popen[str]":
    """A new Python that runs code with `settings` and this package's `load_embedder`."""
    start = (
        f"import sys; from {PACKAGE}.embedding.load import load_embedder; "
        f"from {PACKAGE}.embedding.settings import Settings; "
        f"settings = Settings.model_validate_json({settings.model_dump_json()!r}); "
    )
    return subprocess.Popen(
        [sys.executable, "-c", start + code],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
    )


@pytest.mark.parametrize("pooling", ["mean", "lasttoken"])
def test_an_export_gives_the_vectors_of_torch(make_model: MakeModel, exported: Settings, pooling: str) -> None:
    gives_the_vectors_of_torch(exported if pooling == "mean" else make_model(pooling))


def gives_the_vectors_of_torch(settings: Settings) -> None:
    embedder = load_embedder(settings.model_copy(update={"backend": "onnx"}))
    in_torch = SentenceEmbedder(settings)
    assert embedder.id == in_torch.id
    passages, questions = embedder.encode_passages(TEXTS), embedder.encode_queries(TEXTS)
    assert passages.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1.0, atol=1e-5)
    assert cosines_of(passages, in_torch.encode_passages(TEXTS)).min() >= LEAST_COSINE
    assert cosines_of(questions, in_torch.encode_queries(TEXTS)).min() >= LEAST_COSINE
    alone = np.concatenate([embedder.encode_passages([text]) for text in TEXTS])
    assert cosines_of(passages, alone).min() >= LEAST_COSINE
    # The comparison means something only where other texts, and other prompts, have other vectors.
    assert cosines_of(passages, np.roll(passages, 1, axis=0)).max() < LEAST_COSINE
    assert cosines_of(passages, questions).min() < LEAST_COSINE


def test_order_and_progress_are_those_of_the_texts(exported: Settings) -> None:
    embedder = open_export(exported)
    assert embedder is not None
    texts = [" ".join(["fox", "bridge", "sensor"][: 1 + number % 3] * (1 + number % 7)) for number in range(60)]
    heard: list[int] = []
    rows = embedder.encode_passages(texts, heard.append)
    assert sum(heard) == len(texts)
    assert cosines_of(rows, np.concatenate([embedder.encode_passages([text]) for text in texts])).min() >= LEAST_COSINE
    assert embedder.encode_passages([]).size == 0


def test_questions_and_a_few_passages_load_no_torch(exported: Settings) -> None:
    code = (
        "embedder = load_embedder(settings); embedder.encode_queries(['fox']); embedder.encode_passages(['fox'] * 50); "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    process = started(code, exported)
    loaded = set(process.communicate()[0].split())
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "sklearn", "scipy", "onnx", "onnxscript"}


def test_a_damaged_export_is_never_opened_and_is_made_anew(exported: Settings) -> None:
    for part in ("tokenizer", EXPORT, "model"):
        file = next(file for file in export_folder(exported).iterdir() if file.name.startswith(part))
        content = file.read_bytes()
        file.write_bytes(content[:-10])
        assert open_export(exported) is None
        assert known_export(exported) is None
        told: list[str] = []
        embedder = load_embedder(exported, told.append)
        assert "index" in told[0]
        rows = embedder.encode_queries(TEXTS)
        if part == "model":
            assert load_embedder(exported, export=True).id == embedder.id
        else:
            file.write_bytes(content)
        mended = open_export(exported)
        assert mended is not None
        assert cosines_of(mended.encode_queries(TEXTS), rows).min() >= LEAST_COSINE


def test_another_model_in_the_same_folder_is_exported_anew(exported_copy: Settings) -> None:
    settings = exported_copy
    first = open_export(settings)
    assert first is not None
    weights = Path(settings.model, "model.safetensors")
    content = bytearray(weights.read_bytes())
    content[-64:] = bytes(64)
    weights.write_bytes(content)
    os.utime(weights, ns=(0, weights.stat().st_mtime_ns + 1))
    assert open_export(settings) is None
    second = load_embedder(settings, export=True)
    assert second.id != first.id
    assert open_export(settings) is not None


def test_a_model_that_cannot_be_exported_runs_in_torch_and_is_not_tried_again(make_model: MakeModel) -> None:
    settings = make_model(backend="auto")
    # An input of a kind of its own: this model looks words up in a table, and has no mask.
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    tokenizer = SentenceTransformer(settings.model, device="cpu").tokenizer.backend_tokenizer
    folder = Path(settings.model).with_name("static")
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu").save(str(folder))
    settings = settings.model_copy(update={"model": str(folder)})
    told: list[str] = []
    embedder = load_embedder(settings, told.append, export=True)
    assert [line.split(" ")[0] for line in told] == ["exporting", "this", "torch"]
    assert "tokenizer" in told[-1]
    assert embedder.encode_queries(["fox", "bridge"]).shape == (2, 8)
    told.clear()
    load_embedder(settings, told.append, export=True)
    assert [line.split(" ")[0] for line in told] == ["torch"]
    told.clear()
    load_embedder(settings, told.append)
    assert not told


def test_int8_has_an_id_of_its_own_and_its_loss_is_told(make_model: MakeModel) -> None:
    settings = make_model(backend="onnx_int8")
    told: list[str] = []
    embedder = load_embedder(settings, told.append, export=True)
    in_torch = SentenceEmbedder(settings)
    assert embedder.id == f"{in_torch.id}+int8"
    assert "cosine with those in float32 0.9" in told[-1]
    cosines = cosines_of(embedder.encode_passages(TEXTS), in_torch.encode_passages(TEXTS))
    assert 0.9 < cosines.min() < 1 - 1e-6


def test_a_killed_export_leaves_nothing_that_is_opened_and_a_whole_one_the_log_as_it_was(make_model: MakeModel) -> None:
    settings = make_model()
    folder = export_folder(settings)
    process = started("load_embedder(settings, export=True)", settings)
    while process.poll() is None and not list(folder.glob(".part-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert list(folder.glob(".part-*"))
    assert read_export(settings) is None
    code = "load_embedder(settings, export=True); import logging; print(logging.root.handlers, logging.root.level)"
    assert started(code, settings).communicate()[0].split() == ["[]", "30"]
    assert open_export(settings) is not None
    assert not list(folder.glob(".part-*"))
