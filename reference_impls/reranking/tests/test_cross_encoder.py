from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertForSequenceClassification, BertModel

from ...project_base.errors import UserError
from ..base import Reranker
from ..load import load_reranker
from ..settings import Settings
from .tiny import config, save_tokenizer, save_trained

SHORT = "It lasts 36 months."
LONG = "It is delivered by mail, and nothing has to be paid for the way back to us when something is broken."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reranker")
    assert save_trained(path) < 0.3
    return path


def load(folder: Path | str, **changes: object) -> Reranker:
    made = load_reranker(Settings.model_validate({"model": str(folder), "device": "cpu", **changes}))
    assert made is not None
    return made


def test_none_is_loaded_where_none_is_set() -> None:
    assert load_reranker(Settings()) is None


def test_passages_are_judged_and_the_question_is_not(folder: Path) -> None:
    model = load(folder)
    scores = model.scores("how long", [LONG, SHORT])
    assert scores.shape == (2,)
    assert scores.dtype == np.float32
    assert scores[1] > scores[0]
    assert model.scores("months months", [LONG])[0] < model.scores("how long", [SHORT])[0]


def test_scores_are_raw(folder: Path) -> None:
    # A sigmoid would keep them above 0, and press clear matches together until they tie.
    assert load(folder).scores("how long", [LONG])[0] < 0


def test_the_order_of_the_passages_and_the_batches_do_not_matter(folder: Path) -> None:
    passages = [f"{'other ' * number} {SHORT if number % 3 else LONG}" for number in range(11)]
    whole = load(folder).scores("how long", passages)
    np.testing.assert_allclose(load(folder, batch_size=3).scores("how long", passages), whole, atol=1e-4)
    np.testing.assert_allclose(load(folder).scores("how long", passages[::-1])[::-1], whole, atol=1e-4)


def test_no_passages_and_endless_ones(folder: Path) -> None:
    model = load(folder)
    assert model.scores("how long", []).shape == (0,)
    assert np.isfinite(model.scores("how long " * 500, ["months " * 5000, ""])).all()


def test_a_model_of_several_labels_is_refused(tmp_path: Path) -> None:
    save_tokenizer(tmp_path)
    BertForSequenceClassification(config(labels=3)).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="gives 3 scores") as caught:
        load(tmp_path)
    assert "one label" in caught.value.next_step


def test_an_embedder_is_no_reranker(tmp_path: Path) -> None:
    save_tokenizer(tmp_path)
    BertModel(config()).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="no cross-encoder but a BertModel") as caught:
        load(tmp_path)
    assert "embedding.model" in caught.value.next_step


@pytest.mark.parametrize("missing", ["", "nobody/has-this-reranker"])
def test_a_model_that_is_not_there_is_an_error(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="cannot be loaded") as caught:
        load(missing or tmp_path)
    assert "reranking.model" in caught.value.next_step


def test_weights_that_could_run_code_are_not_opened(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if file.name != "model.safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save(BertForSequenceClassification(config()).state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="cannot be loaded"):
        load(tmp_path)


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    save_tokenizer(tmp_path)
    model = BertForSequenceClassification(config())
    torch.nn.init.constant_(model.classifier.bias, float("nan"))
    model.save_pretrained(tmp_path)
    with pytest.raises(UserError, match="no numbers"):
        load(tmp_path).scores("how long", [SHORT])
