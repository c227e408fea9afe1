"""Lets a model read on: first a guessing layer that is missing, then all weights, each stage resumed after a kill."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..labelled_data.rungs import Run
from ..project_base.progress import Progress, silent
from ..training.base import Trained, Validate
from ..training.loop import train as train_network
from ..training.run_key import run_key
from ..training.settings import Settings as TrainingSettings
from .base import Tokens
from .blocks import Packed, TrainingBlocks, mix
from .documents import Encoded
from .settings import ProjectSettings

if TYPE_CHECKING:
    from .causal import CausalModel
    from .masked import MaskedModel

_LONGEST = "continued_pretraining.block_tokens"
_STEPS = 50
"""Steps of a pass that a small corpus is given: eight steps of 32 blocks would leave AdamW no time to settle."""
_FEWEST_BLOCKS = 4
"""In a step: with fewer the optimiser costs more than the gradients."""
_ROOM = Path(__file__).parent.name
_HEAD = "head"
_WHOLE = "whole"


@dataclass(frozen=True)
class Work:
    """What all steps of one training share.

    Attributes:
        settings: Of the project.
        folder: For the checkpoints.
        progress: Opens bars.
        tell: Hears, in one line each, what takes long and what was chosen.
    """

    settings: ProjectSettings
    folder: Path
    progress: Progress = silent
    tell: Callable[[str], object] = lambda _: None


@dataclass(frozen=True)
class Mixture:
    """What the model reads.

    Attributes:
        packed: What is trained on.
        domain: Validation documents of the domain.
        general: Validation documents of general text.
    """

    packed: Packed
    domain: list[Tokens]
    general: list[Tokens]

    @property
    def digest(self) -> str:
        """sha256 over everything."""
        digest = hashlib.sha256(self.packed.digest.encode())
        for document in (*self.domain, *self.general):
            digest.update(len(document).to_bytes(8, "big") + document.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Stage:
    """One training of the run.

    Attributes:
        name: Of the folder of its checkpoints.
        training: The settings of the loop.
        key: Tells it from all others.
    """

    name: str
    training: TrainingSettings
    key: str


@dataclass(frozen=True)
class Read:
    """What reading on came to.

    Attributes:
        key: Tells this run from all others.
        whole: Of the training of all weights.
        head: Of the guessing layer before; None where the model has one.
        head_before: The guessing layer as it was fitted, before the encoder changed; empty where the model has one.
        tokens_per_second: Of the training of all weights, padding not counted.
    """

    key: str
    whole: Trained
    head: Trained | None
    head_before: dict[str, Any] = field(default_factory=dict)
    tokens_per_second: float = 0.0


def mixture(model: "MaskedModel | CausalModel", encoded: Encoded, settings: ProjectSettings) -> Mixture:
    """The training blocks and the validation documents."""
    share = settings.continued_pretraining.replay_share
    packed = mix(
        encoded.of("domain", "train"),
        encoded.of("general", "train") if share else [],
        share,
        model.window,
        model.specials,
        settings.labelled_data.seed,
    )
    return Mixture(packed, encoded.of("domain", "validation"), encoded.of("general", "validation"))


def stages_of(model: "MaskedModel | CausalModel", data: Mixture, work: Work) -> tuple[Stage, ...]:
    """The stages of a training, the last of which trains all weights; nothing is computed."""
    from .masked import MaskedModel  # noqa: PLC0415 -- heavy

    given, training = work.settings.continued_pretraining, work.settings.training
    masked = isinstance(model, MaskedModel)
    rate = given.learning_rate or model.base.rate
    plans = [(_WHOLE, given.passes, rate)]
    if isinstance(model, MaskedModel) and model.head_missing:
        plans.insert(0, (_HEAD, given.head_passes, training.head_learning_rate))
    batch = min(training.batch_size, max(_FEWEST_BLOCKS, len(data.packed.blocks) // _STEPS))
    stages: list[Stage] = []
    for name, passes, highest in plans:
        settings = training.model_copy(update={"epochs": passes, "learning_rate": highest, "batch_size": batch})
        key = run_key(
            rooms=[_ROOM, "encoders" if masked else "generators"],
            stage=name,
            base=model.base.about,
            data=data.digest,
            mask_share=given.mask_share if masked else None,
            window=model.window,
            training=settings.deciding(),
            seed=work.settings.labelled_data.seed,
            after=stages[-1].key if stages else None,
        )
        stages.append(Stage(name, settings, key))
    return tuple(stages)


def read_on(model: "MaskedModel | CausalModel", data: Mixture, work: Work) -> Read:
    """Trains the model; at the end it holds the weights that validation found best.

    A run that was killed goes on from its last checkpoint and ends with the same weights.

    Raises:
        UserError: As `training.loop.train`.
    """
    from .masked import MaskedModel  # noqa: PLC0415 -- heavy

    blocks = TrainingBlocks(data.packed.blocks, model.specials, work.settings.continued_pretraining.mask_share)
    validate = _validation(model, data)
    *before, last = stages_of(model, data, work)
    head: Trained | None = None
    head_before: dict[str, Any] = {}
    if isinstance(model, MaskedModel) and before:
        model.freeze_encoder(True)
        head = _trained(model, blocks, validate, before[0], work)
        head_before = model.head_state()
        model.freeze_encoder(False)
    if not isinstance(model, MaskedModel):
        model.hold_for_training()
    whole = _trained(model, blocks, validate, last, work)
    if not isinstance(model, MaskedModel):
        model.hold_as_kept()
    length = sum(blocks.lengths) / len(blocks.lengths)
    return Read(last.key, whole, head, head_before, whole.measured["examples_per_second"] * length)


def _trained(
    model: "MaskedModel | CausalModel", blocks: TrainingBlocks, validate: Validate, stage: Stage, work: Work
) -> Trained:
    from .sharing import in_processes  # noqa: PLC0415 -- its processes come back here

    run = Run(work.folder / stage.name, work.settings.labelled_data.seed, None, work.progress, work.tell)
    shared = replace(run, shared=lambda: in_processes(work, run))
    return train_network(
        model.network, blocks, model.loss, validate, stage.training, shared, key=stage.key, longest=_LONGEST
    )


def _validation(model: "MaskedModel | CausalModel", data: Mixture) -> Validate:
    """Minus the loss of held-out text, both kinds in the shares in which they are trained on: what training lowers."""
    share = data.packed.share if data.general else 0.0

    def validate() -> float:
        loss = (1 - share) * model.losses(data.domain, thorough=False).mean
        return -(loss + (share * model.losses(data.general, thorough=False).mean if share else 0.0))

    return validate
