"""Turns texts into vectors with an exported model: onnxruntime and tokenizers load in a tenth of a second."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.optional import require
from .base import Vectors
from .batches import batches_by_length
from .cache import MODEL, TOKENIZER, Export, export_folder, read_export, whole
from .sentence import unit_rows
from .settings import Settings

_TOKENS = 1024
_ERRORS_ONLY = 3


class ExportedEmbedder:
    """A model that `export_model` wrote.

    Args:
        folder: Where its files lie.
        export: What is known about it.
        batch_size: Most texts in a batch.
    """

    def __init__(self, folder: Path, export: Export, batch_size: int) -> None:
        library = require("onnxruntime", "onnxruntime>=1.22")
        options = library.SessionOptions()
        options.intra_op_num_threads = _threads()
        options.log_severity_level = _ERRORS_ONLY
        # Threads that spin while they wait make a shared machine several times slower.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = folder / export.files[MODEL][0]
        self._session: Any = library.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        tokenizer = require("tokenizers", "tokenizers>=0.21").Tokenizer.from_file(
            str(folder / export.files[TOKENIZER][0])
        )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if export.most_tokens:
            tokenizer.enable_truncation(export.most_tokens)
        self._tokenizer: Any = tokenizer
        self._batch_size = batch_size
        self.export = export

    @property
    def id(self) -> str:
        """The id of the model; in float32 that of the model itself, since the vectors are the same."""
        return self.export.id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        return self._encode([self.export.query_prompt + text for text in texts], lambda _: None)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """Embeds passages: float32 [n, dimension], rows of length 1; `advance` hears how many more are done."""
        return self._encode([self.export.passage_prompt + text for text in texts], advance)

    def _encode(self, texts: Sequence[str], advance: Callable[[int], object]) -> Vectors:
        encodings = self._tokenizer.encode_batch(list(texts))
        rows: Vectors | None = None
        for part in batches_by_length([len(each.ids) for each in encodings], self._batch_size, _TOKENS):
            vectors = self._session.run(None, self._inputs([encodings[position] for position in part]))[0]
            if rows is None:
                rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            rows[part] = vectors
            advance(len(part))
        return np.empty((0, 0), dtype=np.float32) if rows is None else unit_rows(rows)

    def _inputs(self, encodings: Sequence[Any]) -> dict[str, NDArray[np.int64]]:
        """The model's inputs, int64 [n, longest]; the mask is 0 where a row is padded."""
        shape = len(encodings), max(len(each.ids) for each in encodings)
        inputs = {name: np.zeros(shape, dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        inputs["input_ids"].fill(self.export.padding_token)
        for row, each in enumerate(encodings):
            length = len(each.ids)
            place = slice(shape[1] - length, shape[1]) if self.export.pads_left else slice(length)
            inputs["input_ids"][row, place] = each.ids
            inputs["attention_mask"][row, place] = 1
            inputs["token_type_ids"][row, place] = each.type_ids
        return {name: inputs[name] for name in self.export.inputs}


def open_export(settings: Settings) -> ExportedEmbedder | None:
    """Opens the export of the model that the settings name; None where there is none that is whole and its own."""
    export = read_export(settings)
    folder = export_folder(settings)
    if export is None or export.unusable or not whole(folder, export):
        return None
    return ExportedEmbedder(folder, export, settings.batch_size)


def _threads() -> int:
    # onnxruntime does not read this variable itself, and takes every core of the machine where nothing is said.
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
