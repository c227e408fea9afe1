"""Loads the embedder that the settings name."""

import time
from collections.abc import Callable

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .base import Embedder
from .cache import read_export
from .exported import ExportedEmbedder, open_export
from .on_ray import RayEmbedder
from .quickest import QuickestEmbedder
from .sentence import SentenceEmbedder
from .settings import Settings

Tell = Callable[[str], object]

_ACCELERATORS = ("cuda", "mps")


def load_embedder(settings: Settings, tell: Tell = lambda _: None, *, export: bool = False) -> Embedder:
    """The embedder of a project.

    Args:
        settings: The model, where it runs, and by which library.
        tell: Hears, in one line each, what takes long and what was chosen.
        export: Whether a model that is not exported yet is exported now, which takes seconds, once. With the backends
            `onnx` and `onnx_int8` this is done in any case.

    Raises:
        UserError: The library or the model is missing, the offline weights are not the published ones, or the settings
            ask for an export of a model that cannot be exported.
        OSError: The cache folder cannot be written.
    """
    if settings.workers:
        local = load_embedder(settings.model_copy(update={"workers": 0}), tell, export=export)
        return RayEmbedder(local, settings)
    exported_only = settings.backend in {"onnx", "onnx_int8"}
    if exported_only and settings.device in _ACCELERATORS:
        raise UserError(
            f"embedding.backend {settings.backend} runs on the CPU, but embedding.device is {settings.device}",
            "set embedding.device to cpu, or embedding.backend to auto",
        )
    if settings.backend in {"torch", "torch_bfloat16"} or settings.device in _ACCELERATORS:
        return SentenceEmbedder(settings)
    exported, in_torch = open_export(settings), None
    if exported is None:
        in_torch = SentenceEmbedder(settings)
        if export or exported_only:
            exported = _export(settings, in_torch, tell)
        elif (known := read_export(settings)) is None or not known.unusable:
            tell(f"questions start quicker once the embedder is exported: {command_line('index')}")
    if not exported_only:
        return QuickestEmbedder(settings, exported, in_torch, tell)
    if exported is None:
        raise UserError(
            f"embedding.backend is {settings.backend}, but the embedder {settings.model} cannot be exported",
            "set embedding.backend to auto, which runs it in torch",
        )
    if settings.backend == "onnx_int8" and export:
        told = exported.export
        tell(
            f"vectors in int8: cosine with those in float32 {told.cosine_mean:.4f} in the mean, "
            f"{told.cosine_least:.4f} at least, on texts of all lengths"
        )
    return exported


def _export(settings: Settings, in_torch: SentenceEmbedder, tell: Tell) -> ExportedEmbedder | None:
    from .export import export_model, known_export  # noqa: PLC0415 -- not needed once the export stands

    export = known_export(settings)
    if export is None:
        started = time.perf_counter()
        tell("exporting the embedder, once, so that questions start without torch ...")
        export = export_model(settings, in_torch)
        agreed = "" if export.unusable else f"; cosine to the vectors of torch at least {export.cosine_least:.4f}"
        tell(f"this took {time.perf_counter() - started:.0f} s{agreed}")
    if export.unusable:
        tell(f"torch embeds everything, since the embedder cannot be exported: {export.unusable}")
        return None
    return open_export(settings)
