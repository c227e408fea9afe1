"""A project of its own in a temporary folder, with a part of the sample: what `smoke` tries the commands on."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ...compression.removing import keep_layers, layers_of
from ...encoders.loading import load_encoder, load_tokenizer
from ...encoders.source import find_source
from ...labelled_data.settings import Settings as DataSettings
from ...project_base.config import load_settings
from ...project_base.optional import require
from ...project_base.trial_project import TrialProject
from ..settings import ProjectSettings
from .smoke_rows import SAMPLES, part_of_sample, write_rows

_LAYERS = 3


class SmokeProject(TrialProject):
    """Config, data and models in a folder, apart from those of the owner.

    Task, encoder, precision and compression are those of the project. A smoke run must take seconds and download
    nothing: the data is a part of the sample, passes are few, the language model is the stand-in, and where models are
    made smaller the encoder has its first layers alone.

    Args:
        settings: Of the project.
        folder: A new folder.
    """

    def __init__(self, settings: ProjectSettings, folder: Path) -> None:
        super().__init__("fine_tuning", settings, folder)
        self.task = settings.fine_tuning.task
        self._settings = settings

    @cached_property
    def examples(self) -> Path:
        """The part of the sample."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return write_rows(self.folder / SAMPLES[self.task].name, part_of_sample(self.task))

    @cached_property
    def config(self) -> Path:
        """The project's config.yaml."""
        return self.write_config("config.yaml")

    @cached_property
    def _encoder(self) -> str:
        if self.task == "generation" or self._settings.fine_tuning.compress == "none":
            return self._settings.embedding.model
        return small_encoder(self._settings, self.folder / "encoder")

    @property
    def runs(self) -> Path:
        """Folder of results."""
        return self.folder / "runs"

    @property
    def models(self) -> Path:
        """Folder of the registry."""
        return self.folder / "models"

    @property
    def tuned(self) -> Path:
        """Folder of a model whose own weights, or an adapter's, were trained for a few steps."""
        return self.folder / "tuned-model"

    def settings_of(self, config: Path | None = None) -> ProjectSettings:
        """A config.yaml as the commands read it."""
        return load_settings(config or self.config, ProjectSettings)

    def write_config(self, name: str, **changes: Mapping[str, object]) -> Path:
        """Writes a configuration; `fine_tuning={"climb_to": "lora"}` changes keys of a section."""
        return self.write(name, self._own(), changes)

    def _own(self) -> dict[str, dict[str, object]]:
        """What differs from the settings of the owner."""
        given, writes = self._settings, self.task == "generation"
        return {
            # On a busy machine two threads wait for each other, and take several times as long as one.
            "project_base": {"offline": True, "threads": given.project_base.threads or 1},
            "labelled_data": {
                **DataSettings().model_dump(mode="json"),
                "personal_data": given.labelled_data.personal_data,
                "probe": given.labelled_data.probe,
                "split": "random" if writes else "order",
                "validation_share": 0.2 if writes else 0.25,
                "test_share": 0.2 if writes else 0.25,
            },
            "embedding": {"model": self._encoder, "workers": 0},
            "encoders": {"inverse_penalties": "30"},
            "training": {
                "epochs": 2.0,
                "validate_every": 1.0,
                "batch_size": 4 if writes else 8,
                "batch_tokens": max(2048, given.training.batch_tokens),
                "gradient_accumulation": 1,
                "processes": 1,
            },
            "generators": {
                "model": "stand_in",
                "stand_in_folder": str(self.folder / "stand_in"),
                "most_tokens": 128,
                "max_new_tokens": 16,
                "base_precision": "float32" if four_bit_refused(given) else given.generators.base_precision,
            },
            # One answer of thirty that turns is no more than chance.
            "compression": {"most_loss": max(0.05, given.compression.most_loss), "speed_texts": 8, "layers": 1},
            "registry": {"folder": str(self.models), "keep": 0},
            "fine_tuning": {
                "examples": str(self.examples),
                "test": "",
                "unlabelled": "",
                "regression_cases": "",
                "runs_folder": str(self.runs),
                "climb_to": "lora" if writes else "head",
                "metric": "auto",
                "enough": 0.0,
                "most_minutes": 60.0,
                # One part of the data judges then, and each rung is trained once.
                "in_turn": False,
                "refit": False if writes else given.fine_tuning.refit,
                "keep_general_skills": False,
            },
        }


def four_bit_refused(settings: ProjectSettings) -> bool:
    """Whether the settings ask for four bits on a machine that has no GPU for them."""
    if settings.fine_tuning.task != "generation" or settings.generators.base_precision != "four_bit":
        return False
    torch: Any = require("torch", "torch>=2.4")
    return not torch.cuda.is_available()


def small_encoder(settings: ProjectSettings, folder: Path) -> str:
    """Writes the first layers of the project's text encoder into a folder, and returns its name."""
    source = find_source(settings.embedding)
    encoder = load_encoder(source)
    keep_layers(encoder, range(min(_LAYERS, len(layers_of(encoder).all))))
    encoder.save_pretrained(folder)
    load_tokenizer(source).save_pretrained(folder)
    return str(folder)
