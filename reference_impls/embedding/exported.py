"""Turns texts into vectors with an exported model."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .base import Vectors
from .batches import batches_by_length
from .cache import MODEL, TOKENIZER, Export, export_folder, read_export, whole
from .onnx_model import Inputs, OnnxModel, open_tokenizer
from .sentence import unit_rows
from .settings import Settings

_TOKENS = 1024


class ExportedEmbedder:
    """A model that `export_model` wrote.

    Args:
        folder: Where its files lie.
        export: What is known about it.
        batch_size: Most texts in a batch.
    """

    def __init__(self, folder: Path, export: Export, batch_size: int) -> None:
        inputs = Inputs(export.inputs, export.most_tokens, export.padding_token, export.pads_left)
        self._model = OnnxModel(folder / export.files[MODEL][0], inputs)
        self._tokenizer = open_tokenizer(folder / export.files[TOKENIZER][0], export.most_tokens)
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
            those = [encodings[position] for position in part]
            vectors = self._model.run([each.ids for each in those], [each.type_ids for each in those])
            if rows is None:
                rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            rows[part] = vectors
            advance(len(part))
        return np.empty((0, 0), dtype=np.float32) if rows is None else unit_rows(rows)


def open_export(settings: Settings) -> ExportedEmbedder | None:
    """Opens the export of the model that the settings name; None where there is none that is whole and its own."""
    export = read_export(settings)
    folder = export_folder(settings)
    if export is None or export.unusable or not whole(folder, export):
        return None
    return ExportedEmbedder(folder, export, settings.batch_size)
