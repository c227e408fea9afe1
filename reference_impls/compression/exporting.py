"""Writes a tuned encoder with its head as ONNX: one file and its tokenizer, in the form that serves best."""

import dataclasses
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..encoders.base import Context
from ..encoders.kinds import LOADERS
from ..labelled_data.base import Classifier, Example, Tagger
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder, write_model
from .measuring import Candidate, measure_forms, nothing_held_out
from .networks import Parts, candidate, parts_of, parts_of_kept
from .onnx_forms import EXACT, SMALLER, check_exact, copy_form, write_exact, write_smaller
from .onnx_models import KIND, model_from
from .results import Compressed, Form
from .settings import Settings

_AS_QUICK = 1.1

Tell = Callable[[str], object]


def export_model(
    model: Classifier | Tagger,
    folder: Path,
    held_out: Sequence[Example],
    settings: Settings,
    about: Mapping[str, object] | None = None,
    tell: Tell = lambda _: None,
    *,
    replace: bool = False,
) -> tuple[ModelFolder, Compressed]:
    """Exports a model in all forms, measures them beside it, and keeps the one that the settings want.

    Args:
        model: A tuned classifier or tagger of the room encoders, with an adapter or without.
        folder: The new model folder.
        held_out: Examples that neither training nor any choice has seen.
        settings: The form, and the loss that it may have.
        about: What else is to stand in model.json.
        tell: Hears, in one line each, what takes long.
        replace: Replaces a model that stands in the folder.

    Raises:
        UserError: The model cannot be exported, the form that is wanted loses more than is allowed, there are no
            held-out examples, or the folder is taken.
        OSError: A file cannot be written; nothing is left behind then.
    """
    return _exported(model, parts_of(model), folder, held_out, settings, about, tell, replace=replace)


def export_kept(
    kept: ModelFolder,
    context: Context,
    folder: Path,
    held_out: Sequence[Example],
    settings: Settings,
    about: Mapping[str, object] | None = None,
    tell: Tell = lambda _: None,
    *,
    replace: bool = False,
) -> tuple[ModelFolder, Compressed]:
    """Likewise for a model as it is kept, which may also be a frozen encoder with its head.

    Args:
        kept: The folder of a model of the room encoders.
        context: Where its encoder is, and where it runs.
        folder: As `export_model`, like all that follows.
        held_out: See there.
        settings: See there.
        about: See there.
        tell: See there.
        replace: See there.

    Raises:
        UserError: As `export_model`, or the model cannot be opened.
        OSError: As `export_model`.
    """
    load = LOADERS.get(kept.kind)
    if load is None:
        raise UserError(
            f"a model of the kind {kept.kind} is none of those that can be exported",
            "export a model of the rungs head, lora or full",
        )
    model = load(kept, context)
    assert isinstance(model, Classifier | Tagger)  # noqa: S101 -- the room has no other kinds
    parts = parts_of_kept(kept, model, context)
    return _exported(model, parts, folder, held_out, settings, about, tell, replace=replace)


def _exported(
    model: Classifier | Tagger,
    parts: Parts,
    folder: Path,
    held_out: Sequence[Example],
    settings: Settings,
    about: Mapping[str, object] | None,
    tell: Tell,
    *,
    replace: bool,
) -> tuple[ModelFolder, Compressed]:
    if os.path.lexists(folder) and not replace:
        raise UserError(f"{folder} stands already", "choose another folder")
    if not held_out:
        raise nothing_held_out()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tell("exporting the model to ONNX, which takes some seconds ...")
        known = write_exact(parts, scratch / EXACT)
        refused = write_smaller(scratch)
        written = {form.name: form for form in sorted(scratch.iterdir())}
        opened = {form: model_from(place, known) for form, place in written.items()}
        check_exact(parts, known, scratch / EXACT)
        tell(f"measuring {len(opened)} forms of it on {len(held_out):,} held-out examples ...")
        measured = measure_forms("export", _candidates(model, parts, opened, written), held_out, settings)
        forms = (*measured.forms, *refused)
        chosen = chosen_form(forms, settings)
        told = {**(about or {}), **known.model_dump(mode="json"), "form": chosen}
        made = write_model(folder, KIND, told, lambda part: copy_form(written[chosen], part), replace=replace)
        return made, measured.model_copy(update={"forms": forms, "chosen": chosen})


def _candidates(
    model: Classifier | Tagger, parts: Parts, opened: Mapping[str, Classifier | Tagger], written: Mapping[str, Path]
) -> dict[str, Candidate]:
    whole = candidate(parts)
    if parts.adapted:
        # What is exported is merged; the adapter is there to be compared with.
        candidates = {"merged": whole, "adapter": Candidate(model)}
    else:
        candidates = {"torch": dataclasses.replace(whole, model=model)}
    for form in (EXACT, *SMALLER):
        if form in opened:
            candidates[form] = Candidate(opened[form], _size(written[form]), whole.parameters)
    return candidates


def chosen_form(forms: Sequence[Form], settings: Settings) -> str:
    """The name of the form to keep.

    Args:
        forms: As they were measured.
        settings: The form that is wanted, and the loss that is allowed.

    Raises:
        UserError: The form that is wanted cannot be had, or loses too much.
    """
    found = {form.name: form for form in forms if form.name in {EXACT, *SMALLER}}
    if settings.form != "auto":
        _check_wanted(found[settings.form], settings)
        return settings.form
    allowed = {name: form for name, form in found.items() if not form.unusable and form.within != "beyond"}
    times = {name: form.speed.one_ms_p50 for name, form in allowed.items() if form.speed is not None}
    # Among forms that are about as quick, which one is quickest is chance, and the smallest is the better one.
    quick = [name for name in times if times[name] <= _AS_QUICK * min(times.values())]
    return min(quick, key=lambda name: allowed[name].bytes or 0)


def _check_wanted(form: Form, settings: Settings) -> None:
    if form.unusable:
        raise UserError(
            f"this model cannot be had as {form.name}: {form.unusable}", "set compression.form to auto, or to onnx"
        )
    if form.within == "beyond":
        lost = form.differences[0]
        raise UserError(
            f"as {form.name} the model loses {-lost.difference:.4f} of its {lost.measure}, and "
            f"compression.most_loss allows {settings.most_loss:g}",
            "set compression.form to auto, or compression.most_loss to what you can bear",
        )


def _size(place: Path) -> int:
    return sum(file.stat().st_size for file in place.iterdir())
