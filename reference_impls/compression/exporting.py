"""Writes a tuned encoder with its head as ONNX: one file and its tokenizer, in the form that serves best."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..embedding.agreement import CHECK_TEXTS
from ..embedding.onnx_writing import quietly, write_onnx
from ..embedding.quantising import in_blocks, in_int8
from ..encoders.tagger_tuning import TaggerAbout
from ..labelled_data.base import Classifier, Example, Tagger
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder, write_model
from .measuring import Candidate, measure_forms, nothing_held_out
from .networks import Parts, candidate, parts_of
from .onnx_models import KIND, MODEL_FILE, TOKENIZER_FILE, OnnxAbout, model_from
from .results import Compressed, Form
from .scores import agreement, answers_of
from .settings import Settings
from .words import plain

_FORMS: Mapping[str, Callable[[Path, Path], None]] = {"onnx_blocks": in_blocks, "onnx_int8": in_int8}
_EXACT = "onnx"
_LARGEST_DIFFERENCE = 1e-3
"""What the probabilities of the export in float32 may differ from those of torch; rounding alone gives about 1e-6."""
_AS_QUICK = 1.1
_REASON = 300

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
    parts = parts_of(model)
    if os.path.lexists(folder) and not replace:
        raise UserError(f"{folder} stands already", "choose another folder")
    if not held_out:
        raise nothing_held_out()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tell("exporting the model to ONNX, which takes some seconds ...")
        known = _write_exact(parts, scratch / _EXACT)
        refused = _write_smaller(scratch)
        written = {form.name: form for form in sorted(scratch.iterdir())}
        opened = {form: model_from(place, known) for form, place in written.items()}
        _check(model, opened[_EXACT])
        tell(f"measuring {len(opened)} forms of it on {len(held_out):,} held-out examples ...")
        measured = measure_forms("export", _candidates(model, parts, opened, written), held_out, settings)
        forms = (*measured.forms, *refused)
        chosen = chosen_form(forms, settings)
        told = {**(about or {}), **known.model_dump(mode="json"), "form": chosen}
        made = write_model(folder, KIND, told, lambda part: _copy(written[chosen], part), replace=replace)
        return made, measured.model_copy(update={"forms": forms, "chosen": chosen})


def _candidates(
    model: Classifier | Tagger, parts: Parts, opened: Mapping[str, Classifier | Tagger], written: Mapping[str, Path]
) -> dict[str, Candidate]:
    in_torch = candidate(parts)
    # What is exported is merged; the adapter is there to be compared with.
    candidates = {"merged": in_torch, "adapter": Candidate(model)} if parts.adapted else {"torch": in_torch}
    for form in (_EXACT, *_FORMS):
        if form in opened:
            candidates[form] = Candidate(opened[form], _size(written[form]), in_torch.parameters)
    return candidates


def _write_exact(parts: Parts, place: Path) -> OnnxAbout:
    """Writes the network in float32, and its tokenizer."""
    place.mkdir()
    rows = parts.reader.read(CHECK_TEXTS[1:3]).tokens
    try:
        with quietly():
            inputs = write_onnx(parts.network, parts.reader.inputs(rows), "logits", place / MODEL_FILE)
    except UserError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # Exporters fail in many exception types over models that they do not know.
        raise UserError(
            f"this model cannot be exported to ONNX: {_first_line(error)}",
            "serve it as it is, or set embedding.model to an encoder of another type",
        ) from error
    plain(parts.reader.tokenizer).save(str(place / TOKENIZER_FILE))
    about = parts.about
    return OnnxAbout(
        task="extraction" if isinstance(about, TaggerAbout) else "classification",
        labels=about.labels,
        shares=() if isinstance(about, TaggerAbout) else about.shares,
        prompt=about.prompt,
        most_tokens=about.most_tokens,
        overlap=about.overlap if isinstance(about, TaggerAbout) else 0,
        padding_token=parts.reader.tokenizer.pad_token_id or 0,
        inputs=inputs,
    )


def _write_smaller(scratch: Path) -> list[Form]:
    """Writes the smaller forms beside the exact one; those that cannot be had are returned, with the reason."""
    refused = []
    for form, quantise in _FORMS.items():
        place = scratch / form
        place.mkdir()
        try:
            with quietly():
                quantise(scratch / _EXACT / MODEL_FILE, place / MODEL_FILE)
            shutil.copyfile(scratch / _EXACT / TOKENIZER_FILE, place / TOKENIZER_FILE)
        except UserError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            # Not every processor, and not every matrix, has each form.
            shutil.rmtree(place)
            refused.append(Form(name=form, unusable=_first_line(error)))
    return refused


def _check(model: Classifier | Tagger, exported: Classifier | Tagger) -> None:
    """Makes sure that the export in float32 gives the answers of torch, for texts of all lengths.

    Raises:
        UserError: It does not.
    """
    found = agreement(answers_of(model, CHECK_TEXTS), answers_of(exported, CHECK_TEXTS))
    if found.same < 1 or (found.largest or 0.0) > _LARGEST_DIFFERENCE:
        apart = "" if found.largest is None else f", probabilities by up to {found.largest:.4f}"
        raise UserError(
            f"the export to ONNX answers otherwise than the model: {1 - found.same:.0%} of the answers differ{apart}",
            "serve the model as it is, and report this with the versions of torch, onnx and onnxscript",
        )


def chosen_form(forms: Sequence[Form], settings: Settings) -> str:
    """The name of the form to keep.

    Args:
        forms: As they were measured.
        settings: The form that is wanted, and the loss that is allowed.

    Raises:
        UserError: The form that is wanted cannot be had, or loses too much.
    """
    found = {form.name: form for form in forms if form.name in {_EXACT, *_FORMS}}
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


def _copy(source: Path, target: Path) -> None:
    for name in (MODEL_FILE, TOKENIZER_FILE):
        shutil.copyfile(source / name, target / name)


def _size(place: Path) -> int:
    return sum(file.stat().st_size for file in place.iterdir())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:_REASON]
