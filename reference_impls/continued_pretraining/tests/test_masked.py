"""The guessing layer: what it computes, what becomes of one that is missing; what the version is good for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel

from ...embedding.sentence import SentenceEmbedder
from ...embedding.settings import Settings as EmbeddingSettings
from ...encoders.source import find_source
from ...encoders.tests.tiny import context
from ...encoders.tuning import full
from ...labelled_data.base import Example
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...registry.model_folder import open_model
from ...registry.registry import Registry
from ..masked import MaskedModel
from ..opening import open_after, open_before
from ..sample_text import documents
from .projects import GENERAL, run, save_tiny, settings

TEXTS = documents(12, seed=40)


def of(model: Path | str, seed: int = 0) -> MaskedModel:
    return MaskedModel(find_source(EmbeddingSettings(model=str(model))), 0.25, 64, seed)


def test_only_chosen_tokens_are_computed_and_nothing_else_changes(encoder: Path) -> None:
    model = of(encoder)
    whole = model.network.model.eval()
    tokens = torch.randint(5, 60, (3, 20))
    mask = torch.ones_like(tokens)
    mask[1, 12:] = 0
    chosen = (torch.rand(tokens.shape) < 0.3) & (mask == 1)
    with torch.inference_mode():
        every = whole(input_ids=tokens, attention_mask=mask).logits
        some = model.network.eval()(tokens, mask, chosen)
    assert some.shape == (int(chosen.sum()), every.shape[-1])
    torch.testing.assert_close(some, every[chosen])
    assert model.head_missing
    assert whole.get_output_embeddings().weight is model.encoder.embeddings.word_embeddings.weight


def test_a_layer_that_the_files_hold_is_taken_and_not_fitted(tmp_path: Path) -> None:
    model = of(save_tiny(tmp_path / "whole", head=True))
    assert not model.head_missing
    kept = load_file(tmp_path / "whole" / "model.safetensors")
    for name, weight in model.head_state().items():
        assert torch.equal(weight, kept[name]), name
    assert len(model.head_state()) == 5


def test_losses_are_those_of_each_document_alone(encoder: Path) -> None:
    model = of(encoder)
    tokens = model.tokens([*TEXTS, " ".join(TEXTS)])
    together = model.losses(tokens)
    assert together.counts.tolist() == [len(each) for each in tokens]
    for number in (0, 5, len(tokens) - 1):
        alone = model.losses([tokens[number]])
        assert alone.sums[0] == pytest.approx(together.sums[number], rel=1e-4)
    part = model.losses(tokens, thorough=False)
    assert 0.15 < part.counts.sum() / together.counts.sum() < 0.4
    assert model.losses([np.empty(0, dtype=np.int32)]).mean == 0


def test_reading_on_lowers_the_loss_and_before_is_the_fitted_layer_on_the_old_encoder(
    read_on: Path, encoder: Path
) -> None:
    version = Registry(read_on / "models").versions()[0]
    given = settings(read_on, embedding__model=str(encoder))
    folder = open_model(version.path)
    before, after = open_before(folder, given), open_after(folder, given)
    assert isinstance(before, MaskedModel)
    base = AutoModel.from_pretrained(encoder)
    for name, weight in before.encoder.state_dict().items():
        assert torch.equal(weight, base.state_dict()[name]), name
    fresh = of(encoder)
    tokens = fresh.tokens(TEXTS)
    untrained, fitted, now = (model.losses(tokens).mean for model in (fresh, before, after))
    assert now < fitted < untrained
    assert folder.about["training"]["head_passes"] == 2  # type: ignore[index]


def test_the_version_is_an_embedding_model_and_reads_on_again(read_on: Path, encoder: Path, tmp_path: Path) -> None:
    version = Registry(read_on / "models").versions()[0]
    embedded = [
        SentenceEmbedder(EmbeddingSettings(model=str(place), device="cpu", backend="torch")).encode_passages(TEXTS)
        for place in (encoder, version.path)
    ]
    assert embedded[0].shape == embedded[1].shape == (len(TEXTS), 48)
    assert not np.allclose(embedded[0], embedded[1], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(embedded[1], axis=1), 1, rtol=1e-5)
    vectors = find_source(EmbeddingSettings(model=str(version.path)))
    assert (vectors.pooling, vectors.normalised, vectors.most_tokens) == ("mean", True, 64)
    done = run(
        tmp_path,
        "train",
        "--despite",
        "too_few_tokens",
        embedding__model=str(version.path),
        continued_pretraining__passes=1.0,
    )
    assert done.exit_code == 0, done.output
    assert "one is fitted first" not in done.output


def test_a_classifier_is_trained_on_the_version_as_a_fine_tuning_project_would(read_on: Path, tmp_path: Path) -> None:
    version = Registry(read_on / "models").versions()[0]
    given = context(version.path, tmp_path / "cache", most_tokens=32)
    reports = [Example(text, "report", f"a:{number}") for number, text in enumerate(TEXTS * 2)]
    everyday = [Example(text, "everyday", f"b:{number}") for number, text in enumerate(GENERAL[:24])]
    fitted = full(given)([*reports, *everyday], [*reports[:6], *everyday[:6]], Run(tmp_path / "run"))
    base: Any = fitted.about["base"]
    assert base["name"] == str(version.path)
    classifier: Any = fitted.model
    found = classifier.probabilities([TEXTS[3], GENERAL[3]]).argmax(axis=1)
    assert [classifier.labels[place] for place in found] == ["report", "everyday"]


def test_an_encoder_that_guesses_nothing_is_refused(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "model")
    config = (folder / "config.json").read_text().replace('"bert"', '"clip_text_model"')
    (folder / "config.json").write_text(config)
    with pytest.raises(UserError) as refused:
        of(folder)
    assert "embedding.model" in refused.value.next_step


def test_a_foreign_guessing_layer_is_refused(encoder: Path, read_on: Path, tmp_path: Path) -> None:
    model = of(encoder)
    damaged = tmp_path / "after.safetensors"
    damaged.write_bytes(b"no layer")
    with pytest.raises(UserError, match="does not fit"):
        model.read_head(damaged)
