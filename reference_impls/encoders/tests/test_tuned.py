"""Adapters and tuned encoders: which layers, which encoder, merged, damaged, interrupted."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ...labelled_data.base import Classifier
from ...labelled_data.rungs import Fitted
from ...project_base.errors import UserError
from ...registry.model_folder import open_model, write_model
from ..adapters import adapted_layers, linear_layers
from ..arrays import saving
from ..base import Choice, Context
from ..kinds import LOADERS, Rung, fits, merged
from ..loading import load_encoder
from ..sizes import Size, Task, size_of
from ..source import find_source
from ..tagger_tuning import TunedTagger
from ..tuning import TunedClassifier
from .tiny import context, messages, payments, run, save_encoder

TEXTS = [example.text for example in messages(30, seed=3)]


@pytest.fixture(scope="module")
def trained(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """An adapter that was trained for an epoch."""
    given = context(encoder, training={"epochs": 1.0})
    return fits("classification", given)["lora"](messages(60), [], run(tmp_path_factory.mktemp("run")))


def opened(folder: Path, given: Context) -> TunedClassifier:
    model = open_model(folder)
    found = LOADERS[model.kind](model, given)
    assert isinstance(found, TunedClassifier)
    return found


@pytest.mark.filterwarnings("ignore:.*checkpointing.*deprecated")
def test_an_adapter_is_kept_as_peft_keeps_it(trained: Fitted, encoder: Path, tmp_path: Path) -> None:
    import peft

    write_model(tmp_path / "one", trained.kind, trained.about, trained.write)
    names = {"adapter_config.json", "adapter_model.safetensors", "head.safetensors"}
    assert {path.name for path in (tmp_path / "one").iterdir()} == {*names, "model.json"}
    plain = peft.PeftModel.from_pretrained(load_encoder(find_source(context(encoder).embedding)), tmp_path / "one")
    assert isinstance(trained.model, TunedClassifier)
    inputs = trained.model.reader.inputs(trained.model.reader.read(TEXTS[:4]).tokens)
    with torch.no_grad():
        ours = trained.model.network.encoder(**inputs).last_hidden_state
        np.testing.assert_allclose(plain(**inputs).last_hidden_state, ours, atol=1e-6)
    # The same adapter gives the same bytes.
    write_model(tmp_path / "two", trained.kind, trained.about, trained.write)
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)
    assert trained.measured["trained_parameters"] < trained.measured["parameters"] / 2


def test_a_merged_adapter_gives_the_same_probabilities_without_its_encoder(trained: Fitted, tmp_path: Path) -> None:
    kept = merged(trained.model)
    write_model(tmp_path / "merged", kept.kind, kept.about, kept.write)
    nowhere = context(tmp_path / "nowhere")
    whole = opened(tmp_path / "merged", nowhere)
    assert isinstance(trained.model, Classifier)
    before = trained.model.probabilities(TEXTS)
    np.testing.assert_allclose(whole.probabilities(TEXTS), before, atol=1e-5)
    assert whole.kind == "full"
    assert not any("lora" in name for name, _ in whole.network.named_parameters())
    # The adapter does something, and is still there.
    assert isinstance(trained.model, TunedClassifier)
    with trained.model.network.encoder.disable_adapter():
        assert np.abs(trained.model.probabilities(TEXTS) - before).max() > 0.01
    np.testing.assert_array_equal(trained.model.probabilities(TEXTS), before)
    with pytest.raises(UserError, match="nothing to merge"):
        merged(whole)


def test_a_tagger_is_merged_too(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, training={"epochs": 2.0})
    tagger = fits("extraction", given)["lora"](payments(60), [], run(tmp_path / "run")).model
    assert isinstance(tagger, TunedTagger)
    kept = merged(tagger)
    assert kept.kind == "tagger_full"
    write_model(tmp_path / "merged", kept.kind, kept.about, kept.write)
    model = open_model(tmp_path / "merged")
    whole = LOADERS[model.kind](model, context(tmp_path / "nowhere"))
    assert isinstance(whole, TunedTagger)
    texts = [example.text for example in payments(20, seed=1)]
    for one, two in zip(tagger.scorer.words(texts, int), whole.scorer.words(texts, int), strict=True):
        np.testing.assert_allclose(np.exp(one.logs), np.exp(two.logs), atol=1e-5)


def test_what_has_no_adapter_is_not_merged(encoder: Path, tmp_path: Path) -> None:
    model = fits("classification", context(encoder))["majority"](messages(9), [], run(tmp_path)).model
    assert isinstance(model, Classifier)
    with pytest.raises(UserError, match="no adapter"):
        merged(model)


def test_an_adapter_is_opened_with_its_own_encoder_alone(trained: Fitted, tmp_path: Path) -> None:
    write_model(tmp_path / "model", trained.kind, trained.about, trained.write)
    description = json.loads((tmp_path / "model" / "model.json").read_text())
    description["about"]["base"] = {"name": str(tmp_path / "gone"), "id": f"{tmp_path / 'gone'}@123456789abc"}
    (tmp_path / "model" / "model.json").write_text(json.dumps(description))
    other = save_encoder(tmp_path / "other", seed=9)
    with pytest.raises(UserError, match="was trained on the encoder") as caught:
        opened(tmp_path / "model", context(other))
    assert "is another one" in caught.value.message
    assert f"embedding.model: {tmp_path / 'gone'}" in caught.value.next_step
    assert "merged export" in caught.value.next_step


def test_an_adapter_for_another_architecture_is_refused(trained: Fitted, tmp_path: Path) -> None:
    write_model(tmp_path / "model", trained.kind, trained.about, trained.write)
    other = save_encoder(tmp_path / "other", architecture="distilbert")
    description = json.loads((tmp_path / "model" / "model.json").read_text())
    description["about"]["base"] = find_source(context(other).embedding).identity.model_dump()
    (tmp_path / "model" / "model.json").write_text(json.dumps(description))
    with pytest.raises(UserError, match="does not fit the encoder"):
        opened(tmp_path / "model", context(other))


def test_a_description_without_its_keys_is_refused(trained: Fitted, tmp_path: Path) -> None:
    about = {name: value for name, value in trained.about.items() if name != "shares"}
    write_model(tmp_path / "model", trained.kind, about, trained.write)
    with pytest.raises(UserError, match=r"about\.shares"):
        opened(tmp_path / "model", context("offline"))


@pytest.mark.parametrize("architecture", ["bert", "distilbert"])
def test_layers_are_found_by_kind_and_by_name(architecture: str, tmp_path: Path) -> None:
    save_encoder(tmp_path / "model", architecture=architecture)
    encoder = load_encoder(find_source(context(tmp_path / "model").embedding))
    every = linear_layers(encoder)
    assert len(every) == 12
    assert not any("pooler" in name for name in every)
    assert adapted_layers(encoder, "all_linear") == every
    assert len(adapted_layers(encoder, "query_value")) == 4
    query = "query" if architecture == "bert" else "q_lin"
    assert [name.rpartition(".")[2] for name in adapted_layers(encoder, f" {query} ,")] == [query] * 2
    with pytest.raises(UserError, match="no linear layer of this encoder is named keys or querys; it has"):
        adapted_layers(encoder, "keys, querys")


def test_an_unknown_architecture_is_tuned_by_its_linear_layers(tmp_path: Path) -> None:
    # peft has no list of layers for this one.
    save_encoder(tmp_path / "model", architecture="distilbert")
    given = context(tmp_path / "model", training={"epochs": 1.0})
    fitted = fits("classification", given)["lora"](messages(30), [], run(tmp_path / "run"))
    write_model(tmp_path / "kept", fitted.kind, fitted.about, fitted.write)
    assert isinstance(fitted.model, Classifier)
    np.testing.assert_array_equal(
        opened(tmp_path / "kept", given).probabilities(TEXTS), fitted.model.probabilities(TEXTS)
    )


def test_full_tuning_leaves_the_pooler_alone_and_needs_no_encoder_afterwards(encoder: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(encoder, base)
    given = context(base, training={"epochs": 1.0})
    fitted = fits("classification", given)["full"](messages(60), [], run(tmp_path / "run"))
    assert isinstance(fitted.model, TunedClassifier)
    pooler = sum(weight.numel() for name, weight in fitted.model.network.named_parameters() if "pooler" in name)
    assert fitted.measured["trained_parameters"] == fitted.measured["parameters"] - pooler
    write_model(tmp_path / "model", fitted.kind, fitted.about, fitted.write)
    before = fitted.model.probabilities(TEXTS)
    shutil.rmtree(base)
    np.testing.assert_array_equal(opened(tmp_path / "model", given).probabilities(TEXTS), before)


def test_the_same_seed_gives_the_same_model_and_another_seed_another(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, lora_dropout=0.1, training={"epochs": 1.0})
    made = []
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        fitted = fits("classification", given)["lora"](messages(60), [], run(tmp_path / name, seed=seed))
        assert isinstance(fitted.model, Classifier)
        made.append(fitted.model.probabilities(TEXTS))
    np.testing.assert_array_equal(made[0], made[1])
    assert np.abs(made[0] - made[2]).max() > 1e-4


def test_a_run_goes_on_and_another_one_does_not(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, training={"epochs": 1.0})
    told: list[str] = []
    first = fits("classification", given)["lora"](messages(60), [], run(tmp_path))
    again = fits("classification", given)["lora"](messages(60), [], run(tmp_path, tell=told.append))
    assert isinstance(first.model, Classifier)
    assert isinstance(again.model, Classifier)
    np.testing.assert_array_equal(first.model.probabilities(TEXTS), again.model.probabilities(TEXTS))
    assert again.measured["examples_per_second"] == first.measured["examples_per_second"]
    # Other data are another run.
    other = fits("classification", given)["lora"](messages(61), [], run(tmp_path))
    assert other.measured["examples_per_second"] != first.measured["examples_per_second"]


def test_a_refit_keeps_to_what_was_chosen(encoder: Path, tmp_path: Path) -> None:
    for rung in ("word_counts", "head"):
        given = context(encoder)
        fitted = fits("classification", given)[rung](messages(60), messages(30, seed=1), run(tmp_path / rung))
        choice = Choice.model_validate(fitted.about["choice"])
        again = replace(given, choice=choice)
        refitted = fits("classification", again)[rung](messages(90), [], run(tmp_path / f"{rung} again"))
        assert refitted.about["choice"] == fitted.about["choice"]


def test_a_head_may_start_at_random(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, head_start="random", tuned_views="cls", training={"epochs": 0.1})
    fitted = fits("classification", given)["lora"](messages(60), [], run(tmp_path))
    assert fitted.about["choice"] is None
    assert isinstance(fitted.model, TunedClassifier)
    assert fitted.model.network.head.in_features == 32


def test_a_full_disk_is_an_error_of_the_system(trained: Fitted, tmp_path: Path) -> None:
    import resource
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
        with pytest.raises(OSError, match="too large"):
            write_model(tmp_path / "model", trained.kind, trained.about, trained.write)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert not [path for path in tmp_path.iterdir() if not path.name.endswith(".lock")]


def test_errors_of_safetensors_are_errors_of_the_system(tmp_path: Path) -> None:
    from safetensors import SafetensorError

    with pytest.raises(OSError, match="No space left") as caught, saving(tmp_path / "x"):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
    assert caught.value.filename == str(tmp_path / "x")
    with pytest.raises(OSError, match=r"Input/output|I/O"), saving(tmp_path / "x"):
        raise SafetensorError("something else")


@pytest.mark.parametrize("task", ["classification", "extraction"])
@pytest.mark.parametrize("rung", ["lora", "full"])
def test_sizes_are_known_before(task: Task, rung: Rung, encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, training={"epochs": 0.1})
    examples = messages(30) if task == "classification" else payments(30)
    measured = fits(task, given)[rung](examples, [], run(tmp_path)).measured
    size = size_of(rung, task, 3 if task == "classification" else 2, given)
    assert (size.parameters, size.trained) == (measured["parameters"], measured["trained_parameters"])


def test_the_size_of_a_frozen_head_is_known_before(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, count_words=False)
    measured = fits("classification", given)["head"](messages(30), [], run(tmp_path)).measured
    size = size_of("head", "classification", 3, given)
    assert (size.parameters, size.trained) == (measured["parameters"], measured["trained_parameters"])
    assert size_of("majority", "extraction", 3, given) == Size(0, 0)
    with pytest.raises(UserError, match="cannot be loaded"):
        size_of("lora", "classification", 3, context(tmp_path / "nowhere"))
