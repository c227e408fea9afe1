"""A language model with its adapter added into its weights, measured beside the adapter."""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from ...compression.latency import Answer, measure_speed
from ...compression.results import Compressed, Form, within
from ...embedding.measure import processor
from ...embedding.onnx_model import threads
from ...evaluation.paired import compare
from ...generators.kinds import ADAPTER, write_merged
from ...labelled_data.base import Example, Turn, Writer
from ...project_base.errors import UserError
from ...registry.model_folder import ModelFolder
from ..answering.answering import Tell
from ..ladder.models import open_model_of
from ..settings import ProjectSettings

_SPEED_TEXTS = 3
"""Conversations that speed is measured with: each takes seconds."""
_MEASURE = "likelihood"


def merged_writer(
    folder: ModelFolder,
    target: Path,
    test: Sequence[Example],
    settings: ProjectSettings,
    tell: Tell = lambda _: None,
    *,
    replace: bool = False,
) -> tuple[ModelFolder, Compressed]:
    """Writes the merged model, and measures it and the adapter on the same conversations.

    Args:
        folder: Of the adapter.
        target: The new model folder.
        test: Test rows.
        settings: Of the project.
        tell: Hears what takes long.
        replace: Replaces a model that stands there.

    Raises:
        UserError: It has no adapter, its base model is gone, or `target` is taken.
        OSError: It cannot be written; nothing is left behind then.
    """
    if folder.kind != ADAPTER:
        raise UserError(
            f"{folder.path.name} has no adapter, so there is nothing to merge",
            "use it as it is, or train the rung lora",
        )
    started = time.perf_counter()
    made = write_merged(folder, target, settings.generators, replace=replace)
    tell(f"merged in {time.perf_counter() - started:.1f} s; measuring both on {len(test):,} test rows ...")
    writers = {
        "adapter": cast("Writer", open_model_of(folder, settings)),
        "merged": cast("Writer", open_model_of(made, settings)),
    }
    values = {name: [math.exp(-loss) for loss in writer.losses(test).tolist()] for name, writer in writers.items()}
    lost = compare(_MEASURE, values["merged"], values["adapter"], graded=True)
    texts = [example.text for example in test[:_SPEED_TEXTS]]
    speeds = measure_speed({name: _asked(writer) for name, writer in writers.items()}, texts, rounds=1)
    most = settings.compression.most_loss
    forms = tuple(
        Form(
            name=name,
            bytes=sum(model.sizes.values()),
            score=math.fsum(values[name]) / len(values[name]),
            differences=(lost,) if name == "merged" else (),
            within=within(lost, most) if name == "merged" else None,
            speed=speeds[name],
        )
        for name, model in (("adapter", folder), ("merged", made))
    )
    return made, Compressed(
        step="export",
        measure=_MEASURE,
        examples=len(test),
        most_loss=most,
        threads=threads(),
        processor=processor() or "",
        forms=forms,
        chosen="merged",
        told=("Likelihood is the mean probability of a wanted token; speed is that of whole responses.",),
    )


def _asked(writer: Writer) -> Answer:
    return lambda texts: writer.write([(Turn("user", text),) for text in texts])
