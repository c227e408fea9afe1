"""Makes of a model another one that is smaller, quicker or stands alone, and measures what that costs."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...compression.distillation import distil
from ...compression.exporting import export_kept
from ...compression.measuring import Candidate, measure_forms
from ...compression.networks import candidate, parts_of
from ...compression.pruning import prune
from ...compression.results import Compressed, Form, within
from ...compression.settings import Settings as CompressionSettings
from ...encoders.head import KIND as HEAD
from ...encoders.kinds import merged
from ...encoders.tagger_tuning import LORA as ADAPTED_TAGGER
from ...encoders.tuning import LORA as ADAPTED
from ...labelled_data.base import Classifier, Example, Tagger
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent
from ...registry.lock import only_one
from ...registry.model_folder import ModelFolder, write_model
from ..answering.answering import Tell, task_of
from ..ladder.data import Data
from ..ladder.models import encoder_context, open_model_of
from ..settings import ProjectSettings
from .export_rows import known_rows, test_rows, unlabelled_texts
from .exporting_writers import merged_writer

As = Literal["merged", "onnx", "int8", "pruned", "distilled"]

LEFT_BEHIND = {"key", "form", "made_of", "exported_as", "loss"}
"""What a model does not hand on to those that are made of it: the key is that of a training."""
_ANYTHING = 1.0


@dataclass(frozen=True)
class Order:
    """What is to be made.

    Attributes:
        settings: Of the project.
        folder: The model that it is made of.
        name: What messages call that one.
        data: Of the project. Its test rows measure, and its training rows teach what is pruned or distilled.
        exported_as: What is made.
        target: The new model folder.
        replaces: Whether a model that stands there goes.
        despite_loss: Whether a loss beyond `compression.most_loss` is taken.
        progress: Opens bars.
        tell: Hears, in one line each, what takes long and what has to be known.
    """

    settings: ProjectSettings
    folder: ModelFolder
    name: str
    data: Data
    exported_as: As
    target: Path
    replaces: bool = False
    despite_loss: bool = False
    progress: Progress = silent
    tell: Tell = lambda _: None

    @property
    def about(self) -> dict[str, object]:
        """What the new model tells of where it comes from; the calibration goes with it."""
        kept = {key: value for key, value in self.folder.about.items() if key not in LEFT_BEHIND}
        task = self.settings.fine_tuning.task
        return {**kept, "task": task, "made_of": self.name, "exported_as": self.exported_as}

    def test_rows(self, labels: Sequence[str]) -> list[Example]:
        """See `export_rows.test_rows`."""
        return test_rows(self.folder, self.name, labels, self.data, self.tell)


def export(order: Order) -> tuple[ModelFolder, Compressed | None]:
    """Makes the model.

    Returns:
        Its folder, and what was measured; None where it is the same model in another place.

    Raises:
        UserError: This kind of model cannot be had so, it loses more than is allowed, there are no test rows, or the
            folder is taken.
        OSError: It cannot be written; nothing is left behind then.
    """
    task = task_of(order.folder, order.name, order.settings)
    if task == "generation":
        if order.exported_as != "merged":
            raise UserError(
                f"a language model that writes cannot be exported as {order.exported_as}",
                "export it as merged; for less memory choose a smaller generators.model",
            )
        test = order.test_rows(())
        return merged_writer(order.folder, order.target, test, order.settings, order.tell, replace=order.replaces)
    model = open_model_of(order.folder, order.settings)
    if not isinstance(model, Classifier | Tagger):
        raise UserError(f"{order.name} is no model of {task}", "take another version")
    if order.exported_as == "merged" and order.folder.kind not in {ADAPTED, ADAPTED_TAGGER}:
        return _copied(order), None
    test = order.test_rows(model.labels)
    if order.exported_as == "merged":
        return _merged(order, model, test)
    if order.exported_as in {"onnx", "int8"}:
        return _onnx(order, test)
    return _taught(order, model, test)


def _copied(order: Order) -> ModelFolder:
    order.tell(f"{order.name} has no adapter, so there is nothing to merge: it is copied as it is")
    if order.folder.kind == HEAD:
        order.tell("its text encoder stays where embedding.model has it; --as onnx puts both into one file")

    def copy(part: Path) -> None:
        for file in order.folder.files:
            (part / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(order.folder.path / file, part / file)

    return write_model(order.target, order.folder.kind, order.about, copy, replace=order.replaces)


def _merged(order: Order, model: Classifier | Tagger, test: Sequence[Example]) -> tuple[ModelFolder, Compressed]:
    kept = merged(model)
    adapter = Candidate(model, sum(order.folder.sizes.values()))
    forms = {"adapter": adapter, "merged": candidate(parts_of(model))}
    measured = measure_forms("export", forms, test, order.settings.compression)
    result = measured.model_copy(update={"chosen": "merged"})
    _check_loss(order, result)
    made = write_model(order.target, kept.kind, {**order.about, **kept.about}, kept.write, replace=order.replaces)
    return made, result


def _onnx(order: Order, test: Sequence[Example]) -> tuple[ModelFolder, Compressed]:
    settings = order.settings.compression
    small: Literal["onnx_blocks", "onnx_int8"] = "onnx_blocks" if settings.form == "onnx_blocks" else "onnx_int8"
    form = "onnx" if order.exported_as == "onnx" else small
    given = settings.model_copy(update={"form": form} | ({"most_loss": _ANYTHING} if order.despite_loss else {}))
    context = encoder_context(order.settings)
    try:
        made, result = export_kept(
            order.folder, context, order.target, test, given, order.about, order.tell, replace=order.replaces
        )
    except UserError as error:
        if "most_loss" not in error.message:
            raise
        raise UserError(error.message, _bear_it(form)) from error
    return made, _judged(result, settings)


def _taught(order: Order, model: Classifier | Tagger, test: Sequence[Example]) -> tuple[ModelFolder, Compressed]:
    settings = order.settings
    folder = Path(settings.fine_tuning.runs_folder) / "export" / f"{Path(order.name).name}-{order.exported_as}"
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(folder, settings.labelled_data.seed, None, order.progress, order.tell)
    context, given = encoder_context(settings), settings.compression
    train, validation = (known_rows(examples, model.labels) for examples in (order.data.train, order.data.validation))
    with only_one(folder.parent / f".{folder.name}.lock", f"training {folder.name}", tell=order.tell):
        if order.exported_as == "pruned":
            fitted, result = prune(model, train, validation, test, context, given, run)
        else:
            texts = unlabelled_texts(settings, order.data, order.tell)
            fitted, result = distil(model, train, validation, test, texts, context, given, run)
        _check_loss(order, result)
        about = {**order.about, **fitted.about}
        made = write_model(order.target, fitted.kind, about, fitted.write, replace=order.replaces)
        # Checkpoints of what now stands are of no more use; after a refusal they spare the training another time.
        shutil.rmtree(folder, ignore_errors=True)
    return made, result


def _check_loss(order: Order, result: Compressed) -> None:
    form = chosen(result)
    if form is None or form.within != "beyond" or order.despite_loss:
        return
    lost = form.differences[0]
    raise UserError(
        f"as {order.exported_as} the model loses {-lost.difference:.4f} of its {lost.measure} on {result.examples:,} "
        f"test rows, and compression.most_loss allows {result.most_loss:g}",
        _bear_it(form.name),
    )


def _bear_it(form: str) -> str:
    other = "compression.form to onnx_blocks, " if form == "onnx_int8" else ""
    return f"set {other}compression.most_loss to what you can bear; or take it once: the same with --despite-loss"


def chosen(result: Compressed) -> Form | None:
    """The form that was kept."""
    return next((form for form in result.forms if form.name == result.chosen), None)


def _judged(result: Compressed, settings: CompressionSettings) -> Compressed:
    """The same figures, judged by the loss that the settings allow, which may have been overruled."""
    forms = tuple(
        form.model_copy(update={"within": within(form.differences[0], settings.most_loss)})
        if form.differences
        else form
        for form in result.forms
    )
    return result.model_copy(update={"most_loss": settings.most_loss, "forms": forms})
