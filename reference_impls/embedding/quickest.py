"""Embeds by whatever is quickest on the machine: questions through the export, many documents as measured."""

from collections.abc import Callable, Sequence

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .base import Embedder, Vectors
from .exported import ExportedEmbedder
from .measure import Way, measure, remembered
from .sentence import SentenceEmbedder
from .settings import Settings

MANY = 500
"""From as many texts on, torch is worth its start of about five seconds and, once, as long a measurement."""

_WORTH_A_BATCH = 32


class QuickestEmbedder:
    """One model in as many forms as it needs; all give the same vectors (cosine .999 or more), so they share an id.

    Args:
        settings: The model, where it runs, and the cache.
        exported: The exported model; None where it cannot be exported, or has not been yet.
        in_torch: The model in torch, where it is loaded already; it must be given where `exported` is not.
        tell: Hears one line about what was chosen.

    Raises:
        UserError: As `SentenceEmbedder`; when torch is needed, also where its weights are not those of the export.
    """

    def __init__(
        self,
        settings: Settings,
        exported: ExportedEmbedder | None,
        in_torch: SentenceEmbedder | None,
        tell: Callable[[str], object],
    ) -> None:
        self._settings = settings
        self._exported = exported
        self._in_torch = in_torch
        self._tell = tell
        self._for_many: Embedder | None = None
        self.id = exported.id if exported is not None else self._torch().id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        return self._light().encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """Embeds passages: float32 [n, dimension], rows of length 1; `advance` hears how many more are done."""
        if len(texts) < (MANY if self._for_many is None else _WORTH_A_BATCH):
            return self._light().encode_passages(texts, advance)
        if self._for_many is None:
            self._for_many = self._chosen(texts)
        return self._for_many.encode_passages(texts, advance)

    def _light(self) -> Embedder:
        return self._exported if self._exported is not None else self._torch()

    def _torch(self) -> SentenceEmbedder:
        if self._in_torch is None:
            self._in_torch = SentenceEmbedder(self._settings.model_copy(update={"backend": "torch"}))
            if self._exported is not None and self._in_torch.id != self._exported.id:
                raise UserError(
                    f"the weights of {self._settings.model} are others than those that were exported, although their "
                    "size and time are the same",
                    f"delete the folder {self._settings.cache_folder}, then: {command_line('index')}",
                )
        return self._in_torch

    def _chosen(self, texts: Sequence[str]) -> Embedder:
        ways: dict[Way, Callable[[], Embedder]] = {"torch": self._torch, "torch_bfloat16": self._bfloat16}
        if self._exported is not None:
            exported = self._exported
            ways["onnx"] = lambda: exported
        measured = remembered(self._settings, self.id)
        if measured is None or measured.quickest not in ways:
            if not self._torch().on_cpu:
                return self._torch()
            measured = measure(ways, texts, self._settings, self.id)
        self._tell(str(measured))
        return ways[measured.quickest]()

    def _bfloat16(self) -> SentenceEmbedder:
        return SentenceEmbedder(self._settings.model_copy(update={"backend": "torch_bfloat16"}))
