import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertModel

from ...labelled_data.base import Example
from ...project_base.errors import UserError
from ...registry.model_folder import write_model
from ..bases import NOTICE, base_at, find_base, find_base_again
from ..loading import load_chat, load_weights
from ..settings import Settings
from ..stand_in import make_stand_in


def copied(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def loaded(place: Path, settings: Settings) -> None:
    base = base_at(str(place))
    load_chat(base.place, settings, base.name)
    load_weights(base.place, base.name, "auto", "cpu")


def test_a_model_is_known_by_its_weights_and_not_by_its_place(model_folder: Path, tmp_path: Path) -> None:
    copy = copied(model_folder, tmp_path)
    assert base_at(str(copy)).digest == base_at(str(model_folder)).digest
    weights = load_file(copy / "model.safetensors")
    weights["model.norm.weight"] += 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert base_at(str(copy)).digest != base_at(str(model_folder)).digest


def test_an_adapter_must_say_its_base() -> None:
    with pytest.raises(UserError, match="does not say which model it was trained on"):
        find_base_again({"base": "owner/model"}, Settings())


def test_the_stand_in_follows_examples_and_seed(examples: list[Example], tmp_path: Path) -> None:
    one, other = (Settings(stand_in_folder=str(tmp_path / name)) for name in ("one", "other"))
    first = find_base(one, examples, 3)
    assert first.notice == NOTICE
    assert find_base(one, examples, 3) == first
    assert find_base(other, examples, 3).digest == first.digest
    assert find_base(one, examples, 4).digest != first.digest
    assert find_base(one, examples[:9], 3).place != first.place
    tokenizer = json.loads((first.place / "tokenizer.json").read_text())
    assert (find_base(other, examples, 3).place / "tokenizer.json").read_text() == json.dumps(
        tokenizer, indent=2, ensure_ascii=False
    )


def test_whoever_is_slower_takes_the_stand_in_of_the_quicker(
    examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_another(folder: Path, *given: Any) -> None:
        write_model(folder, *given)
        write_model(folder, *given)

    monkeypatch.setattr(f"{make_stand_in.__module__}.write_model", after_another)
    place = make_stand_in(tmp_path, examples, 0)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [place]


def test_a_damaged_stand_in_is_refused(examples: list[Example], tmp_path: Path) -> None:
    given = Settings(stand_in_folder=str(tmp_path))
    place = find_base(given, examples, 0).place
    with (place / "model.safetensors").open("r+b") as stream:
        stream.truncate(1000)
    with pytest.raises(UserError, match=r"model\.safetensors has 1,000 bytes"):
        find_base(given, examples, 0)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("owner/model", "the model owner/model is not on this machine and cannot be fetched from the hub"),
        ("./no/such/folder", "is neither a folder nor a hub name"),
        ("no folder", "is neither a folder nor a hub name"),
    ],
)
def test_a_model_that_is_not_here(name: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as error:
        base_at(name)
    assert "set generators.model to the folder of a causal language model" in error.value.next_step


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is no model: it holds no config\.json"):
        base_at(str(tmp_path))


def test_an_adapter_is_no_base(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UserError, match="is an adapter, which cannot be tuned itself"):
        base_at(str(tmp_path))


def test_a_model_that_does_not_write(tmp_path: Path) -> None:
    BertModel(BertConfig(vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)).save_pretrained(
        tmp_path
    )
    with pytest.raises(UserError, match="is a BertModel, which does not write texts"):
        base_at(str(tmp_path))


@pytest.mark.parametrize("content", ["{", "[]", '{"architectures": 3}'])
def test_a_damaged_configuration(model_folder: Path, tmp_path: Path, content: str) -> None:
    copy = copied(model_folder, tmp_path)
    (copy / "config.json").write_text(content)
    with pytest.raises(UserError, match=r"its config\.json is no configuration"):
        base_at(str(copy))


def test_weights_in_pickles_are_refused(model_folder: Path, tmp_path: Path) -> None:
    copy = copied(model_folder, tmp_path)
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(UserError, match="has no weights in safetensors"):
        base_at(str(copy))


def test_code_of_the_authors_is_not_run(model_folder: Path, tmp_path: Path, settings: Settings) -> None:
    copy = copied(model_folder, tmp_path)
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoModelForCausalLM": "own.Model", "AutoConfig": "own.Config"}}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "own.py").write_text("raise SystemExit('run')")
    with pytest.raises(UserError, match="cannot be loaded"):
        loaded(copy, settings)


def test_missing_weights_are_no_new_weights(model_folder: Path, tmp_path: Path, settings: Settings) -> None:
    copy = copied(model_folder, tmp_path)
    weights = load_file(copy / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"do not fit its config\.json: 1 are missing.*layers\.1\.mlp\.up_proj"):
        loaded(copy, settings)


def test_damaged_weights(model_folder: Path, tmp_path: Path, settings: Settings) -> None:
    copy = copied(model_folder, tmp_path)
    (copy / "model.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(UserError, match="cannot be loaded"):
        loaded(copy, settings)


def test_a_folder_without_a_tokenizer(model_folder: Path, tmp_path: Path, settings: Settings) -> None:
    copy = copied(model_folder, tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (copy / name).unlink()
    with pytest.raises(UserError, match=r"the tokenizer of .* cannot be loaded"):
        loaded(copy, settings)
