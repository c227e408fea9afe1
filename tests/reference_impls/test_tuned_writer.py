"""What the room generators merges, the room language_models serves; the rooms do not know each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_impls.generators.fitting import fits
from reference_impls.generators.kinds import LOADERS, write_merged
from reference_impls.generators.settings import Settings
from reference_impls.generators.tests.conftest import sample
from reference_impls.labelled_data.base import Turn
from reference_impls.labelled_data.rungs import Run
from reference_impls.language_models.base import Passage, Prompt
from reference_impls.language_models.local import LocalModel
from reference_impls.language_models.settings import Settings as ServedSettings
from reference_impls.registry.model_folder import open_model, write_model
from reference_impls.training.settings import Settings as TrainingSettings


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    folder = tmp_path_factory.mktemp("tuned")
    settings = Settings(stand_in_folder=str(folder / "stand_in"), device="cpu", max_new_tokens=16)
    training = TrainingSettings(epochs=2.0, batch_size=8, device="cpu", precision="float32")
    tuned = fits(settings, training)["lora"](sample(24), [], Run(folder / "run"))
    write_model(folder / "adapter", tuned.kind, tuned.about, tuned.write)
    write_merged(open_model(folder / "adapter"), folder / "merged", settings)
    return folder / "merged", settings


def served(folder: Path) -> LocalModel:
    return LocalModel(ServedSettings(generator="local", model=str(folder), device="cpu", max_new_tokens=16))


def test_a_merged_model_is_served_as_it_was_trained(merged: tuple[Path, Settings]) -> None:
    folder, settings = merged
    writer = LOADERS["causal_model"](open_model(folder), settings)
    model = served(folder)
    for example in sample(40)[24:28]:
        conversation = (Turn("system", "Answer in three sentences."), Turn("user", example.text))
        expected = writer.write([conversation])[0]
        assert model.complete(conversation[0].text, example.text).strip() == expected
        assert model._encoded([{"role": turn.role, "content": turn.text} for turn in conversation]) == list(
            writer.chat.prompt(conversation)
        )


def test_a_merged_model_takes_passages(merged: tuple[Path, Settings]) -> None:
    prompt = Prompt("How long?", (Passage("a.md", "Two years."),))
    model = served(merged[0])
    assert model.generate(prompt) == model.generate(prompt)
