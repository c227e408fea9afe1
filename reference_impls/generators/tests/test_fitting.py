from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from ...labelled_data.base import Example
from ...labelled_data.rungs import Fitted, Run
from ...project_base.errors import UserError
from ...registry.model_folder import ModelFolder, open_model, write_model
from ...training.settings import Settings as TrainingSettings
from ..bases import NOTICE
from ..fitting import Method, fits
from ..general import perplexity
from ..kinds import ADAPTER, LOADERS, MODEL, UNTUNED, open_base, write_merged
from ..settings import Settings
from ..writer import CausalWriter
from .conftest import MakeModel

TRAINING = TrainingSettings(epochs=3, batch_size=8, patience=0, device="cpu", precision="float32")
ASKED = 4


def fitted(
    method: Method,
    settings: Settings,
    examples: list[Example],
    folder: Path,
    training: TrainingSettings = TRAINING,
    tell: Callable[[str], object] = lambda _: None,
) -> Fitted:
    return fits(settings, training)[method](examples[:32], examples[32:], Run(folder, tell=tell))


def writer_of(model: Fitted) -> CausalWriter:
    assert isinstance(model.model, CausalWriter)
    return model.model


def kept(model: Fitted, folder: Path) -> ModelFolder:
    write_model(folder, model.kind, model.about, model.write)
    return open_model(folder)


def agree(one: CausalWriter, other: CausalWriter, examples: list[Example], within: float = 0.0) -> None:
    np.testing.assert_allclose(one.losses(examples), other.losses(examples), rtol=0, atol=within)
    turns = [example.turns for example in examples[:ASKED]]
    assert one.write(turns) == other.write(turns)


@pytest.fixture(scope="module")
def lora(settings: Settings, examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    return fitted("lora", settings, examples, tmp_path_factory.mktemp("lora"))


@pytest.fixture(scope="module")
def adapter(lora: Fitted, tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return kept(lora, tmp_path_factory.mktemp("kept") / "adapter")


def test_an_adapter_learns_and_leaves_its_base_alone(lora: Fitted, settings: Settings, examples: list[Example]) -> None:
    tuned, base = writer_of(lora), open_base(lora.about, settings)
    assert tuned.losses(examples[:32]).mean() < base.losses(examples[:32]).mean() - 0.5
    assert tuned.losses(examples[32:]).mean() < base.losses(examples[32:]).mean() - 0.2
    with tuned.model.disable_adapter():
        agree(tuned, base, examples)
    assert 0 < lora.measured["trained_parameters"] < lora.measured["parameters"]
    assert perplexity(tuned) != perplexity(base)


def test_a_saved_adapter_answers_as_before(
    lora: Fitted, adapter: ModelFolder, settings: Settings, examples: list[Example]
) -> None:
    assert adapter.kind == ADAPTER
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "chat_template.jinja"} <= set(
        adapter.files
    )
    agree(LOADERS[ADAPTER](adapter, settings), writer_of(lora), examples)


def test_the_same_adapter_gives_the_same_bytes(lora: Fitted, adapter: ModelFolder, tmp_path: Path) -> None:
    assert kept(lora, tmp_path / "again").files == adapter.files


def test_the_same_run_gives_the_same_model(
    lora: Fitted, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    agree(writer_of(fitted("lora", settings, examples, tmp_path)), writer_of(lora), examples)


def test_the_template_of_the_training_stays(adapter: ModelFolder, settings: Settings, examples: list[Example]) -> None:
    other = settings.model_copy(update={"chat_template": "plain", "most_tokens": 20})
    agree(LOADERS[ADAPTER](adapter, other), LOADERS[ADAPTER](adapter, settings), examples)


def test_a_merged_model_needs_no_base(
    lora: Fitted, adapter: ModelFolder, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    merged = write_merged(adapter, tmp_path / "merged", settings)
    assert merged.kind == MODEL
    away = settings.model_copy(update={"model": "owner/gone", "stand_in_folder": str(tmp_path)})
    agree(LOADERS[MODEL](open_model(tmp_path / "merged"), away), writer_of(lora), examples, within=1e-5)
    with pytest.raises(UserError, match="there is nothing to merge"):
        write_merged(merged, tmp_path / "twice", settings)


def test_a_merged_model_is_a_plain_folder_of_transformers(
    lora: Fitted, adapter: ModelFolder, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    write_merged(adapter, tmp_path / "merged", settings)
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    tokenizer: Any = AutoTokenizer.from_pretrained(tmp_path / "merged")
    assert model.generation_config.eos_token_id == sorted(writer_of(lora).ends)
    asked = [{"role": "user", "content": examples[0].text}]
    text = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    tokens = torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])
    written = model.generate(tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=12)
    expected = writer_of(lora).write([examples[0].turns])[0]
    assert tokenizer.decode(written[0][tokens.shape[1] :], skip_special_tokens=True).strip() == expected


def test_an_adapter_on_another_base_is_refused(
    lora: Fitted, adapter: ModelFolder, settings: Settings, make_model: MakeModel, tmp_path: Path
) -> None:
    other = make_model(seed=1)
    about = {**adapter.about, "base_folder": str(other)}
    write_model(tmp_path / "moved", ADAPTER, about, lora.write)
    swapped = settings.model_copy(update={"model": str(other)})
    with pytest.raises(UserError, match="adapter and base mismatch") as error:
        LOADERS[ADAPTER](open_model(tmp_path / "moved"), swapped)
    assert "train it again" in error.value.next_step


def test_an_adapter_without_its_base_is_refused_until_it_is_found(
    lora: Fitted, adapter: ModelFolder, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    about = {**adapter.about, "base_folder": str(tmp_path / "gone")}
    folder = write_model(tmp_path / "moved", ADAPTER, about, lora.write)
    gone = settings.model_copy(update={"model": "stand_in"})
    with pytest.raises(UserError, match="base model retired") as error:
        LOADERS[ADAPTER](folder, gone)
    assert "merged export" in error.value.next_step
    agree(LOADERS[ADAPTER](folder, settings), writer_of(lora), examples)


def test_an_adapter_of_another_shape_is_refused(
    lora: Fitted, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    wider = settings.model_copy(update={"lora_rank": 4})
    untrained = fitted("lora", wider, examples, tmp_path / "run", TRAINING.model_copy(update={"epochs": 0.3}))

    def mixed(part: Path) -> None:
        lora.write(part)
        config = (part / "adapter_config.json").read_bytes()
        untrained.write(part)
        (part / "adapter_config.json").write_bytes(config)

    folder = write_model(tmp_path / "mixed", ADAPTER, lora.about, mixed)
    with pytest.raises(UserError, match="does not fit the model"):
        LOADERS[ADAPTER](folder, settings)


def test_full_tuning_learns_and_is_kept(settings: Settings, examples: list[Example], tmp_path: Path) -> None:
    full = fitted("full", settings, examples, tmp_path / "run")
    base = open_base(full.about, settings)
    assert writer_of(full).losses(examples[32:]).mean() < base.losses(examples[32:]).mean() - 0.5
    assert full.measured["trained_parameters"] == full.measured["parameters"]
    folder = kept(full, tmp_path / "kept")
    agree(LOADERS[MODEL](folder, settings), writer_of(full), examples)


def test_a_model_in_bfloat16_is_kept_in_its_numbers(
    make_model: MakeModel, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    half = settings.model_copy(update={"model": str(make_model(dtype=torch.bfloat16))})
    few = TRAINING.model_copy(update={"epochs": 1.0})
    full = fitted("full", half, examples, tmp_path / "full", few)
    assert writer_of(full).model.dtype == torch.bfloat16
    agree(LOADERS[MODEL](kept(full, tmp_path / "whole"), half), writer_of(full), examples)
    lora = fitted("lora", half, examples, tmp_path / "lora", few)
    assert lora.about["base_precision"] == "bfloat16"
    folder = kept(lora, tmp_path / "adapter")
    agree(LOADERS[ADAPTER](folder, half), writer_of(lora), examples)
    merged = LOADERS[MODEL](write_merged(folder, tmp_path / "merged", half), half)
    assert merged.model.dtype == torch.bfloat16
    # Seven bits of the sums are left.
    np.testing.assert_allclose(merged.losses(examples), writer_of(lora).losses(examples), rtol=0.02)


def test_checkpointing_of_activations_gives_the_same_model(
    lora: Fitted, settings: Settings, examples: list[Example], tmp_path: Path
) -> None:
    checkpointed = settings.model_copy(update={"gradient_checkpointing": True})
    again = fitted("lora", checkpointed, examples, tmp_path)
    np.testing.assert_allclose(writer_of(again).losses(examples), writer_of(lora).losses(examples), atol=1e-4)


def test_the_untuned_model_is_the_floor(settings: Settings, examples: list[Example], tmp_path: Path) -> None:
    untuned = fitted("untuned", settings, examples, tmp_path / "run")
    folder = kept(untuned, tmp_path / "kept")
    assert folder.kind == UNTUNED
    assert untuned.measured["trained_parameters"] == 0
    assert not [name for name in folder.files if name.endswith(".safetensors")]
    agree(LOADERS[UNTUNED](folder, settings), writer_of(untuned), examples)
    agree(open_base(untuned.about, settings), writer_of(untuned), examples)


def test_the_stand_in_learns_and_says_what_it_is(settings: Settings, examples: list[Example], tmp_path: Path) -> None:
    own = Settings(stand_in_folder=str(tmp_path / "stand_in"), device="cpu", max_new_tokens=4)
    told: list[str] = []
    tuned = fitted("lora", own, examples, tmp_path / "run", TRAINING.model_copy(update={"epochs": 1.0}), told.append)
    folder = kept(tuned, tmp_path / "kept")
    again = LOADERS[ADAPTER](folder, own)
    assert again.losses(examples).mean() < open_base(tuned.about, own).losses(examples).mean() - 0.2
    assert NOTICE in told
    assert {writer_of(tuned).notice, again.notice, folder.about["notice"]} == {NOTICE}
    assert writer_of(tuned).chat.plain
    moved = own.model_copy(update={"stand_in_folder": str(tmp_path / "elsewhere")})
    with pytest.raises(UserError, match="base model retired"):
        LOADERS[ADAPTER](folder, moved)


def test_cut_and_lost_responses_are_told(settings: Settings, examples: list[Example], tmp_path: Path) -> None:
    short = settings.model_copy(update={"most_tokens": 60})
    told: list[str] = []
    tuned = fitted("lora", short, examples, tmp_path, TRAINING.model_copy(update={"epochs": 0.3}), told.append)
    cut, lost = tuned.about["cut_responses"], tuned.about["left_out"]
    assert isinstance(cut, int)
    assert isinstance(lost, int)
    assert cut > 0
    assert any(line.startswith(f"at 60 tokens a conversation, {cut} of 32 responses lose their end") for line in told)


def test_four_bits_need_what_this_machine_may_lack(settings: Settings, examples: list[Example], tmp_path: Path) -> None:
    quantised = settings.model_copy(update={"base_precision": "four_bit"})
    with pytest.raises(UserError, match="full tuning cannot train weights of four bits"):
        fitted("full", quantised, examples, tmp_path)
    if torch.cuda.is_available():
        return
    with pytest.raises(UserError, match="needs an NVIDIA GPU"):
        fitted("lora", quantised, examples, tmp_path)
