import json
import shutil
from pathlib import Path

import pytest

from ...embedding.settings import Settings as EmbeddingSettings
from ...project_base.errors import UserError
from ..loading import load_encoder, load_tokenizer
from ..source import BaseIdentity, find_source, same_source
from .tiny import save_encoder


def found(model: Path | str) -> EmbeddingSettings:
    return EmbeddingSettings(model=str(model))


@pytest.mark.parametrize(("pooling", "expected"), [("mean", "mean"), ("cls", "cls"), ("max", "max")])
def test_pooling_is_read(pooling: str, expected: str, tmp_path: Path) -> None:
    source = find_source(found(save_encoder(tmp_path / "model", pooling=pooling)))
    assert (source.pooling, source.normalised, source.part, source.prompt) == (expected, True, "", "")
    assert source.most_tokens == 48
    assert source.identity.id.startswith(str(tmp_path / "model"))


def test_what_sentence_transformers_saves_is_read(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    plain = save_encoder(tmp_path / "plain")
    model = SentenceTransformer(str(plain), device="cpu", prompts={"query": "query: ", "passage": "passage: "})
    model.save(str(tmp_path / "saved"))
    source = find_source(found(tmp_path / "saved"))
    assert (source.pooling, source.normalised) == ("mean", True)
    # Newer versions add prompts of their own, as empty texts.
    assert source.prompt in {"", "passage: "}
    assert source.most_tokens <= 64
    assert load_encoder(source).config.hidden_size == 32


def test_a_transformer_in_a_folder_of_its_own_is_found(tmp_path: Path) -> None:
    plain = save_encoder(tmp_path / "plain")
    nested = tmp_path / "nested"
    nested.mkdir()
    shutil.copytree(plain / "1_Pooling", nested / "1_Pooling")
    modules = json.loads((plain / "modules.json").read_text())
    modules[0]["path"] = "0_Transformer"
    (nested / "modules.json").write_text(json.dumps(modules))
    (nested / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"passage": "passage: "}}))
    shutil.copytree(plain, nested / "0_Transformer", ignore=shutil.ignore_patterns("modules.json", "1_Pooling"))
    source = find_source(found(nested))
    assert (source.part, source.prompt, source.most_tokens) == ("0_Transformer", "passage: ", 48)
    assert load_encoder(source).config.hidden_size == 32
    assert load_tokenizer(source).tokenize("card") == ["card"]


def test_a_plain_transformer_is_pooled_by_its_mean(tmp_path: Path) -> None:
    plain = save_encoder(tmp_path / "plain")
    for name in ("modules.json", "sentence_bert_config.json"):
        (plain / name).unlink()
    source = find_source(found(plain))
    assert (source.pooling, source.normalised) == ("mean", False)
    assert source.most_tokens == 64


def test_positions_behind_the_padding_are_no_room_for_tokens(tmp_path: Path) -> None:
    plain = save_encoder(tmp_path / "plain")
    (plain / "sentence_bert_config.json").unlink()
    config = json.loads((plain / "config.json").read_text())
    (plain / "config.json").write_text(
        json.dumps(config | {"model_type": "roberta", "pad_token_id": 1, "max_position_embeddings": 66})
    )
    assert find_source(found(plain)).most_tokens == 64


@pytest.mark.parametrize("name", ["no/such-model", "/no/such/folder"])
def test_a_model_that_is_nowhere_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="cannot be loaded") as caught:
        find_source(found(name))
    assert "offline: false" in caught.value.next_step


def test_damaged_files_are_an_error(tmp_path: Path) -> None:
    model = save_encoder(tmp_path / "model")
    (model / "modules.json").write_text("{")
    with pytest.raises(UserError, match=r"modules\.json cannot be read"):
        find_source(found(model))
    again = save_encoder(tmp_path / "again")
    (again / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(UserError, match="cannot be loaded"):
        load_encoder(find_source(found(again)))


def test_the_encoder_of_a_model_is_known_again(tmp_path: Path) -> None:
    first, second = save_encoder(tmp_path / "first"), save_encoder(tmp_path / "second", seed=8)
    recorded = find_source(found(first)).identity
    assert same_source(recorded, found(first)).identity == recorded
    # After embedding.model was changed for the next training, the champion still finds its own encoder.
    assert same_source(recorded, found(second)).identity == recorded
    shutil.rmtree(first)
    with pytest.raises(UserError, match="is another one") as caught:
        same_source(recorded, found(second))
    assert f"embedding.model: {first}" in caught.value.next_step
    # Other weights in the same place are another encoder.
    shutil.copytree(second, first)
    with pytest.raises(UserError, match="answers with no other"):
        same_source(recorded, found(first))


def test_an_encoder_that_was_moved_is_found_by_its_files(tmp_path: Path) -> None:
    first = save_encoder(tmp_path / "first")
    recorded = find_source(found(first)).identity
    first.rename(tmp_path / "moved")
    assert same_source(recorded, found(tmp_path / "moved")).place == str(tmp_path / "moved")


def test_another_commit_of_a_hub_model_is_another_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--some--model"
    for commit, seed in (("a" * 40, 1), ("b" * 40, 2)):
        (repository / "snapshots").mkdir(parents=True, exist_ok=True)
        save_encoder(repository / "snapshots" / commit, seed=seed)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    recorded = find_source(found("some/model")).identity
    assert recorded == BaseIdentity(name="some/model", id="some/model", revision="a" * 40)
    (repository / "refs" / "main").write_text("b" * 40)
    source = same_source(recorded, found("some/model"))
    assert source.identity.revision == "a" * 40
    assert load_encoder(source).config.hidden_size == 32
    shutil.rmtree(repository / "snapshots" / ("a" * 40))
    with pytest.raises(UserError, match="answers with no other"):
        same_source(recorded, found("some/model"))
