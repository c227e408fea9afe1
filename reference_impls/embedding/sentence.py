"""Turns texts into vectors with one sentence-transformers model in torch."""

import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..project_base.errors import UserError
from ..project_base.optional import require
from .base import Vectors
from .batches import batches_by_length
from .settings import Settings
from .source import resolve_model

_CPU_CHARACTERS = 8192
_UNBOUNDED = 1 << 40


class SentenceEmbedder:
    """A model of the sentence-transformers library; queries and passages get the prompts that the model declares.

    Args:
        settings: `model`, `device`, `batch_size`, and `backend`, of which `torch_bfloat16` keeps the weights in
            bfloat16 and every other value in float32.

    Raises:
        UserError: The library or the model is missing, or the offline weights are not the published ones.
    """

    def __init__(self, settings: Settings) -> None:
        path, self._id = resolve_model(settings.model)
        if settings.backend == "torch_bfloat16":
            # Set by hand, nobody has compared its vectors with those in float32.
            self._id += "+bfloat16"
        library = require("sentence_transformers", "sentence-transformers>=5.0")
        device = None if settings.device == "auto" else settings.device
        require("transformers", "transformers>=4.50").utils.logging.disable_progress_bar()
        try:
            self._model: Any = library.SentenceTransformer(
                path, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
            if settings.backend == "torch_bfloat16":
                # Autocast keeps more digits (cosine .99999 to float32, against .9999), but converts all weights anew
                # for each batch: 7 % slower with all-MiniLM-L6-v2, and the more so the larger the model.
                self._model.bfloat16()
        except Exception as error:
            # Missing files, no network, a foreign folder and a missing device all end here, in many exception types.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise UserError(
                f"the embedder {settings.model} cannot be loaded: {reason}",
                "check embedding.model and embedding.device; a hub name needs project_base.offline: false once",
            ) from error
        self._batch_size = settings.batch_size

    @property
    def id(self) -> str:
        """The setting, with the hash of the weights where it is known."""
        return self._id

    @property
    def model(self) -> Any:
        """The model itself, a SentenceTransformer."""
        return self._model

    @cached_property
    def on_cpu(self) -> bool:
        """Whether it runs on the CPU."""
        return bool(self._model.device.type == "cpu")

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        return self._encode(self._model.encode_query, texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """Embeds passages: float32 [n, dimension], rows of length 1."""
        rows: Vectors | None = None
        budget = _CPU_CHARACTERS if self.on_cpu else _UNBOUNDED
        for part in batches_by_length([len(text) for text in texts], self._batch_size, budget):
            vectors = self._encode(self._model.encode_document, [texts[position] for position in part])
            if rows is None:
                rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            rows[part] = vectors
            advance(len(part))
        return np.empty((0, 0), dtype=np.float32) if rows is None else rows

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        with warnings.catch_warnings():
            # torch warns about pinned memory on machines without an accelerator; it changes nothing here.
            warnings.filterwarnings("ignore", message=".*pin_memory.*", category=UserWarning)
            rows = encode(list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False)
        return unit_rows(rows)


def unit_rows(rows: Any) -> Vectors:
    """Rows scaled to length 1, as contiguous float32; a row of zeros stays as it is."""
    rows = np.ascontiguousarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    # A model in bfloat16 normalises in bfloat16, and its rows miss the length 1 by up to .4 %.
    scaled: Vectors = rows / np.where(lengths > 0, lengths, np.float32(1))
    return scaled
