"""Trains, and keeps the result as a version of the registry whose folder other projects name as their model."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..registry.lock import only_one
from ..registry.model_folder import ModelFolder, left_over, write_model
from ..registry.registry import Registry
from .check import Check
from .documents import Encoded
from .fitting import Mixture, Read, Work, mixture, read_on, stages_of
from .opening import ENCODER, WRITER
from .seen import write_seen

if TYPE_CHECKING:
    from .causal import CausalModel
    from .masked import MaskedModel

LOCK = ".pretraining.lock"
_MODEL = "model"


def train_and_keep(
    model: "MaskedModel | CausalModel",
    encoded: Encoded,
    check: Check,
    work: Work,
    despite: Sequence[str] = (),
    *,
    again: bool = False,
) -> str:
    """Lets a model read on and adds it to the registry; it is not in service before it is promoted.

    A version that was made of the same text, model, settings and code is taken as it is. A killed run goes on.

    Args:
        model: As it is before.
        encoded: Read, split and tokenised.
        check: What was found before; it is kept with the version.
        work: Settings and who watches.
        despite: Findings that the owner overruled.
        again: Train also what is finished, from the beginning.

    Returns:
        The id of the version.

    Raises:
        UserError: As the training, or another process is busy.
        OSError: A folder cannot be written; nothing is left of the version then.
    """
    registry = Registry(Path(work.settings.registry.folder), work.settings.registry.keep, tell=work.tell)
    work.folder.mkdir(parents=True, exist_ok=True)
    with only_one(work.folder / LOCK, "training", tell=work.tell):
        data = mixture(model, encoded, work.settings)
        key = stages_of(model, data, work)[-1].key
        if again:
            _clear(work.folder)
        else:
            for version in reversed(registry.versions()):
                if version.about.get("key") == key and not version.damage:
                    work.tell(f"{version.id} was made of the same text, model, settings and code")
                    # A run that was killed when it had added the version left its checkpoints.
                    _clear(work.folder)
                    return version.id
        folder = left_over(work.folder / _MODEL, key) or _trained(model, data, encoded, check, despite, work)
        version_id = registry.add(folder, folder.about, move=True)
        _clear(work.folder)
        return version_id


def _trained(
    model: "MaskedModel | CausalModel",
    data: Mixture,
    encoded: Encoded,
    check: Check,
    despite: Sequence[str],
    work: Work,
) -> ModelFolder:
    from .masked import BEFORE, HEAD_FOLDER, MaskedModel  # noqa: PLC0415 -- heavy

    started = time.perf_counter()
    masked = isinstance(model, MaskedModel)
    if isinstance(model, MaskedModel) and model.head_missing:
        work.tell(
            "the encoder's files hold no layer that guesses hidden tokens: one is fitted first, with the encoder "
            "frozen, and what it reaches counts as before"
        )
    read = read_on(model, data, work)
    trained_on = [text.text for kind in ("domain", "general") for text in encoded.texts.of(kind, "train")]

    def write(folder: Path) -> None:
        model.write(folder)
        # Validation documents chose the weights, so they judge no more than those that were trained on.
        chosen = [text.text for kind in ("domain", "general") for text in encoded.texts.of(kind, "validation")]
        write_seen(folder, [*trained_on, *chosen])
        if read.head_before:
            from safetensors.torch import save_file  # noqa: PLC0415 -- heavy

            save_file(read.head_before, folder / HEAD_FOLDER / f"{BEFORE}.safetensors")

    about = {
        "task": "masked text" if masked else "causal text",
        "base": model.base.about,
        "base_name": model.base.name,
        "notice": check.notice,
        "judging": {
            "mask_share": work.settings.continued_pretraining.mask_share,
            "window": model.window,
            "seed": work.settings.labelled_data.seed,
        },
        "data": encoded.texts.digest,
        "domain_tokens": data.packed.domain_tokens,
        "replay_tokens": data.packed.general_tokens,
        "replay_share": data.packed.share,
        "despite": list(despite),
        "training": _told(read),
        "settings": {
            "continued_pretraining": work.settings.continued_pretraining.model_dump(
                mode="json", exclude={"general", "runs_folder"}
            ),
            "training": work.settings.training.model_dump(mode="json"),
        },
        "seconds": time.perf_counter() - started,
        "key": read.key,
    }
    return write_model(work.folder / _MODEL, ENCODER if masked else WRITER, about, write, replace=True)


def _told(read: Read) -> dict[str, object]:
    """The course of the training, for card and table."""
    return {
        "head_stopped_early": read.head.stopped_early if read.head else None,
        "head_passes": read.head.epochs if read.head else None,
        "passes": read.whole.epochs,
        "best_pass": read.whole.best_epoch,
        "stopped_early": read.whole.stopped_early,
        "tokens_per_second": read.tokens_per_second,
        "seconds": read.whole.measured["seconds"],
        "parameters": read.whole.measured["parameters"],
        "validation": [
            {"pass": done.epoch, "train_loss": done.loss, "loss": -(done.validation or 0.0)}
            for done in read.whole.history
        ],
    }


def _clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
