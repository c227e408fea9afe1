"""The forms of an exported model: each a folder with one ONNX file and its tokenizer."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ..embedding.agreement import CHECK_TEXTS
from ..embedding.onnx_writing import quietly, write_onnx
from ..embedding.quantising import in_blocks, in_int8
from ..encoders.tagger_tuning import TaggerAbout
from ..project_base.errors import UserError
from .networks import Parts, model_of
from .onnx_models import MODEL_FILE, TOKENIZER_FILE, OnnxAbout, model_from
from .results import Form
from .scores import agreement, answers_of
from .words import plain

EXACT = "onnx"
SMALLER: Mapping[str, Callable[[Path, Path], None]] = {"onnx_blocks": in_blocks, "onnx_int8": in_int8}
"""What makes each smaller form of the exact one."""

_LARGEST_DIFFERENCE = 1e-3
"""What the probabilities of the export in float32 may differ from those of torch; rounding alone gives about 1e-6."""
_REASON = 300


def write_exact(parts: Parts, place: Path) -> OnnxAbout:
    """Writes the network in float32, its tokenizer, and what counts words beside it.

    Args:
        parts: The model.
        place: A new folder.

    Returns:
        What is to be known beside the files.

    Raises:
        UserError: Nobody knows how to export this network, or a library is missing.
        OSError: A file cannot be written.
    """
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
    if parts.words is not None:
        parts.words.write(place)
    about = parts.about
    return OnnxAbout(
        task="extraction" if isinstance(about, TaggerAbout) else "classification",
        labels=about.labels,
        shares=() if isinstance(about, TaggerAbout) else about.shares,
        prompt=about.prompt,
        most_tokens=about.most_tokens,
        overlap=about.overlap if isinstance(about, TaggerAbout) else 0,
        words_weight=parts.choice.words_weight if parts.words is not None else 0.0,
        temperature=parts.choice.temperature,
        padding_token=parts.reader.tokenizer.pad_token_id or 0,
        inputs=inputs,
    )


def write_smaller(scratch: Path) -> list[Form]:
    """Writes the smaller forms beside the exact one; those that cannot be had are returned, with the reason.

    Args:
        scratch: Holds the folder of the exact form.

    Raises:
        OSError: A file cannot be written.
    """
    refused = []
    for form, quantise in SMALLER.items():
        place = scratch / form
        place.mkdir()
        try:
            copy_form(scratch / EXACT, place)
            with quietly():
                quantise(scratch / EXACT / MODEL_FILE, place / MODEL_FILE)
        except UserError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            # Not every processor, and not every matrix, has each form.
            shutil.rmtree(place)
            refused.append(Form(name=form, unusable=_first_line(error)))
    return refused


def check_exact(parts: Parts, known: OnnxAbout, place: Path) -> None:
    """Makes sure that the network in float32 gives the answers of torch, for texts of all lengths.

    Raises:
        UserError: It does not.
    """
    alone = model_from(place, known.model_copy(update={"words_weight": 0.0, "temperature": 1.0}))
    found = agreement(answers_of(model_of(parts), CHECK_TEXTS), answers_of(alone, CHECK_TEXTS))
    if found.same < 1 or (found.largest or 0.0) > _LARGEST_DIFFERENCE:
        apart = "" if found.largest is None else f", probabilities by up to {found.largest:.4f}"
        raise UserError(
            f"the export to ONNX answers otherwise than the model: {1 - found.same:.0%} of the answers differ{apart}",
            "serve the model as it is, and report this with the versions of torch, onnx and onnxscript",
        )


def copy_form(source: Path, target: Path) -> None:
    """Copies the files of a form into a folder."""
    for file in source.iterdir():
        shutil.copyfile(file, target / file.name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:_REASON]
