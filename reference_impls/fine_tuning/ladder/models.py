"""The ways to train that this project has, and how its models are opened again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from ...labelled_data.base import Model
from ...labelled_data.rungs import Fit
from ...project_base.errors import UserError
from ...registry.model_folder import ModelFolder
from ..settings import ProjectSettings

if TYPE_CHECKING:
    from ...encoders.base import Context


@dataclass(frozen=True)
class Ways:
    """The ways to train for the project's task; those of one value share the vectors of the frozen encoder.

    Attributes:
        settings: Of the project.
    """

    settings: ProjectSettings

    def fit(self, rung: str, choice: Mapping[str, object] | None = None) -> Fit:
        """The way to train a rung, in as many processes as `training.processes` says.

        Args:
            rung: Its name.
            choice: What held-out examples chose in an earlier training, for a refit that keeps to it.
        """
        from .sharing import shared_fit  # noqa: PLC0415 -- its processes come back here

        return shared_fit(self._fit(rung, choice), self.settings, rung, choice)

    def _fit(self, rung: str, choice: Mapping[str, object] | None) -> Fit:
        task = self.settings.fine_tuning.task
        if task == "generation":
            from ...generators.fitting import fits as generator_fits  # noqa: PLC0415 -- heavy

            return cast("Mapping[str, Fit]", generator_fits(self.settings.generators, self.settings.training))[rung]
        from ...encoders.base import Choice  # noqa: PLC0415 -- heavy
        from ...encoders.kinds import fits as encoder_fits  # noqa: PLC0415 -- heavy

        chosen = None if choice is None else Choice.model_validate(dict(choice))
        return cast("Mapping[str, Fit]", encoder_fits(task, replace(self._context, choice=chosen)))[rung]

    @cached_property
    def _context(self) -> "Context":
        return encoder_context(self.settings)


def open_model_of(folder: ModelFolder, settings: ProjectSettings) -> Model:
    """Opens a model of any kind, ready to answer.

    Args:
        folder: Of the model.
        settings: Where its encoder or language model is, and where it runs.

    Raises:
        UserError: No room of this project knows the kind, or a part of the model is missing.
    """
    from ...compression.kinds import LOADERS as COMPRESSED  # noqa: PLC0415 -- only for models
    from ...encoders.kinds import LOADERS as ENCODERS  # noqa: PLC0415 -- only for models
    from ...generators.kinds import LOADERS as GENERATORS  # noqa: PLC0415 -- only for models

    if folder.kind in ENCODERS:
        return ENCODERS[folder.kind](folder, encoder_context(settings))
    if folder.kind in GENERATORS:
        return GENERATORS[folder.kind](folder, settings.generators)
    if folder.kind in COMPRESSED:
        return COMPRESSED[folder.kind](folder, settings)
    known = ", ".join(sorted({*ENCODERS, *GENERATORS, *COMPRESSED}))
    raise UserError(
        f"{folder.path} is a model of the kind {folder.kind!r}, and this project opens {known}",
        "use the version of the project that wrote it",
    )


def encoder_context(settings: ProjectSettings) -> "Context":
    """What the rungs of the room encoders share."""
    from ...encoders.base import Context  # noqa: PLC0415 -- heavy

    return Context(settings.encoders, settings.embedding, settings.training)
