"""Exports a model to ONNX once, and keeps the export only where it gives the vectors of torch."""

import importlib.metadata
import itertools
import os
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..project_base.errors import UserError
from ..project_base.optional import require
from .agreement import CHECK_TEXTS, LEAST_COSINE, cosines_of
from .base import Vectors
from .cache import (
    LOCK,
    MODEL,
    TOKENIZER,
    Export,
    clear_parts,
    export_folder,
    named_files,
    part_folder,
    precision_of,
    publish,
    read_export,
    whole,
)
from .exported import ExportedEmbedder
from .onnx_model import inputs_of
from .onnx_writing import INPUTS, quietly, write_onnx
from .quantising import in_blocks, in_int8
from .sentence import SentenceEmbedder
from .settings import Settings
from .source import file_states, locate_model

_LIBRARIES = ("onnx", "onnxruntime", "onnxscript", "sentence-transformers", "torch", "transformers")
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_QUESTIONS = 20


def export_model(settings: Settings, embedder: SentenceEmbedder) -> Export:
    """Exports the model of an embedder into the cache folder, unless another process has just done so.

    Exporting takes about ten seconds for a model of 90 MB. What cannot be exported, or gives other vectors than torch,
    is remembered as such with the reason, until the model or a library changes.

    Args:
        settings: Where the cache is, and the precision that is wanted.
        embedder: The model in torch, in float32, on any device; its vectors are what the export is compared with.

    Returns:
        The export, which is published, or the reason in `unusable`.

    Raises:
        UserError: A library is missing.
        OSError: The cache folder cannot be written.
    """
    folder = export_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    with require("filelock", "filelock>=3.12").FileLock(folder / LOCK):
        known = known_export(settings)
        if known is not None:
            return known
        clear_parts(folder)
        part = part_folder(folder)
        try:
            export = _exported(settings, embedder, part)
            for file in part.iterdir():
                if file.name in {name for name, _ in export.files.values()}:
                    _flush(file)
                    file.replace(folder / file.name)
            publish(folder, export)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return export


def known_export(settings: Settings) -> Export | None:
    """The export that stands, whole, or the reason why there is none; None where exporting is to be tried."""
    export = read_export(settings)
    if export is None:
        return None
    if export.unusable:
        return export if export.made_with == _versions() else None
    return export if whole(export_folder(settings), export) else None


def _exported(settings: Settings, embedder: SentenceEmbedder, part: Path) -> Export:
    precision = precision_of(settings)
    known = Export(
        # Vectors in int8 are others (cosine about .994), so they must not meet those of the model.
        id=embedder.id + ("+int8" if precision == "int8" else ""),
        source=file_states(locate_model(settings.model)),
        made_with=_versions(),
    )
    expected = embedder.encode_passages(CHECK_TEXTS)
    asked = embedder.encode_queries(CHECK_TEXTS)
    try:
        with quietly():
            described = _write(embedder.model, known, part)
        found = _compare(part, described, expected, asked)
        if found.cosine_least < LEAST_COSINE:
            raise ValueError(f"its vectors differ from those of torch (cosine {found.cosine_least:.4f})")
        if precision == "float32":
            return _smaller(found, part, expected, asked)
        with quietly():
            described = _quantised(in_int8, described, part)
        return _compare(part, described, expected, asked)
    except UserError:
        # A missing library says nothing about the model,
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            # nor does a full disk.
            raise
        # Exporters fail in many exception types over models that they do not know; torch runs those.
        reason = (str(error).strip().splitlines() or [""])[0][:300]
        return known.model_copy(update={"unusable": reason or type(error).__name__})


def _write(model: Any, known: Export, part: Path) -> Export:
    """Writes the whole model, from token numbers to sentence vectors, and its tokenizer into a folder."""
    torch = require("torch", "torch>=2.4")
    fast = getattr(model.tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ValueError("its tokenizer is none of the fast ones of transformers")
    features = model.tokenizer(list(CHECK_TEXTS[1:3]), padding=True, return_tensors="pt").to("cpu")
    names = tuple(name for name in INPUTS if name in features)

    class SentenceVectors(torch.nn.Module):  # type: ignore[misc, name-defined]
        """The model with its tensors as arguments: whatever it pools and normalises by goes into the export."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            return self.model(dict(zip(names, tensors, strict=True)))["sentence_embedding"]

    device = model.device
    try:
        written = write_onnx(SentenceVectors().eval().to("cpu"), features, "sentence_embedding", part / "float32.onnx")
    finally:
        model.to(device)
    fast.save(str(part / "tokenizer.json"))
    fed = inputs_of(model.tokenizer, written, model.max_seq_length)
    prompts = model.prompts
    return known.model_copy(
        update={
            "files": named_files(part, {MODEL: "float32.onnx", TOKENIZER: "tokenizer.json"}),
            "inputs": fed.names,
            "query_prompt": prompts.get("query", ""),
            "passage_prompt": next((prompts[name] for name in _PASSAGE_PROMPTS if name in prompts), ""),
            "most_tokens": fed.most_tokens,
            "padding_token": fed.padding_token,
            "pads_left": fed.pads_left,
        }
    )


def _quantised(quantise: Callable[[Path, Path], None], described: Export, part: Path) -> Export:
    """The export with its model in fewer bits, written beside the given one."""
    quantise(part / described.files[MODEL][0], part / "quantised.onnx")
    return described.model_copy(update={"files": described.files | named_files(part, {MODEL: "quantised.onnx"})})


def _smaller(found: Export, part: Path, expected: Vectors, asked: Vectors) -> Export:
    """The export with its weights in 8 bits, where that gives the same vectors and is quicker here; else as it is."""
    try:
        with quietly():
            smaller = _compare(part, _quantised(in_blocks, found, part), expected, asked)
            if smaller.cosine_least < LEAST_COSINE:
                return found
            times = _seconds_of_a_question(part, (found, smaller))
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # Not every processor, and not every matrix, has this form; the export stands without it.
        return found
    return smaller if times[1] < times[0] else found


def _seconds_of_a_question(part: Path, exports: tuple[Export, Export]) -> list[float]:
    """Median time of one question with each export, asked in turn."""
    opened = [ExportedEmbedder(part, export, 1) for export in exports]
    times: list[list[float]] = [[] for _ in opened]
    for embedder, taken in itertools.islice(itertools.cycle(zip(opened, times, strict=True)), 2 * _QUESTIONS):
        started = time.perf_counter()
        embedder.encode_queries(CHECK_TEXTS[1:2])
        taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in times]


def _compare(part: Path, described: Export, expected: Vectors, asked: Vectors) -> Export:
    """The export with its cosines to torch, for passages and for questions."""
    opened = ExportedEmbedder(part, described, len(CHECK_TEXTS))
    passages, questions = opened.encode_passages(CHECK_TEXTS), opened.encode_queries(CHECK_TEXTS)
    cosines = np.concatenate([cosines_of(passages, expected), cosines_of(questions, asked)])
    return described.model_copy(update={"cosine_mean": float(np.mean(cosines)), "cosine_least": float(np.min(cosines))})


def _flush(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}
