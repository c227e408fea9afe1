"""Embeds passages on many processes or machines with Ray; questions stay in this process."""

import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..project_base.errors import UserError
from ..project_base.optional import require
from .base import Embedder, Vectors
from .settings import Settings

_BATCHES_A_BLOCK = 8
_PASSED_ON = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "HF_HOME", "TOKENIZERS_PARALLELISM")
"""What holds in this process must hold on the machines of a cluster too, above all that nothing is downloaded."""


class RayEmbedder:
    """The embedder of this process, with further ones of the same settings in the workers of a Ray cluster.

    Passages that fit into one block are embedded here: starting the workers takes seconds. The package of this project
    and the model must be installed on every machine of the cluster.

    Args:
        local: Embeds questions and few passages.
        settings: Those of the room; `workers` says how many, `ray_address` where.
    """

    def __init__(self, local: Embedder, settings: Settings) -> None:
        self._local = local
        self._settings = settings

    @property
    def id(self) -> str:
        """That of the local embedder: the model is the same."""
        return self._local.id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions here: float32 [n, dimension], rows of length 1."""
        return self._local.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """Embeds passages on the workers: float32 [n, dimension], rows of length 1, in the order of the texts.

        Raises:
            UserError: Ray is missing, its cluster cannot be reached, or a worker failed.
        """
        block = self._settings.batch_size * _BATCHES_A_BLOCK
        if len(texts) <= block:
            return self._local.encode_passages(texts, advance)
        ray = require("ray", "ray[data]>=2.40")
        data = require("ray.data", "ray[data]>=2.40")
        # Texts of like length meet in one block, the longest first: no worker is left with one at the end.
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        rows: Vectors | None = None
        with _cluster(ray, self._settings), _failures(ray):
            blocks = data.from_items(
                [{"position": number, "text": texts[number]} for number in order],
                override_num_blocks=-(-len(order) // block),
            ).map_batches(
                _Worker,
                fn_constructor_args=(_of_a_worker(self._settings),),
                batch_size=block,
                compute=data.ActorPoolStrategy(size=self._settings.workers),
                num_cpus=1,
            )
            for part in blocks.iter_batches(batch_size=None, batch_format="numpy"):
                vectors = np.asarray(part["vector"], dtype=np.float32)
                if rows is None:
                    rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
                rows[part["position"]] = vectors
                advance(len(vectors))
        if rows is None:
            raise AssertionError("more texts than one block came back as none")
        return rows


def _of_a_worker(settings: Settings) -> Settings:
    # Each machine would measure for itself what is quickest, and the vectors would differ with who made them.
    backend = "torch" if settings.backend == "auto" else settings.backend
    return settings.model_copy(update={"workers": 0, "backend": backend})


class _Worker:
    """Runs in a process of Ray; loads the embedder with its first block, where a failure is told as it is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder: Embedder | None = None

    def __call__(self, block: dict[str, Any]) -> dict[str, Any]:
        from .load import load_embedder  # noqa: PLC0415 -- load.py makes what this module holds

        try:
            if self._embedder is None:
                self._embedder = load_embedder(self._settings)
            vectors = self._embedder.encode_passages(list(block["text"]))
        except UserError as error:
            # Errors travel between processes by their arguments, of which a UserError has two.
            raise RuntimeError(f"{error.message}; {error.next_step}") from None
        return {"position": block["position"], "vector": vectors}


@contextmanager
def _cluster(ray: Any, settings: Settings) -> Iterator[None]:
    """Joins the cluster, or starts one on this machine; leaves one alone that the process has joined already."""
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    where: dict[str, Any] = (
        {"address": settings.ray_address, "runtime_env": {"env_vars": passed}}
        if settings.ray_address
        # "local" keeps RAY_ADDRESS from sending the documents to another machine than the configuration names.
        else {"address": "local", "num_cpus": settings.workers, "include_dashboard": False}
    )
    try:
        ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise UserError(
            f"the Ray cluster {settings.ray_address or 'of this machine'} cannot be used: {reason}",
            "check embedding.ray_address (empty starts workers on this machine), or set embedding.workers to 0",
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _failures(ray: Any) -> Iterator[None]:
    """Silences Ray, whose reports would break the progress bar, and tells what failed in one sentence."""
    logger = logging.getLogger("ray.data")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Ray warns of settings of its own that nobody has set.
            warnings.simplefilter("ignore", DeprecationWarning)
            ray.data.DataContext.get_current().enable_progress_bars = False
            yield
    except ray.exceptions.RayError as error:
        raise UserError(
            f"a worker that embeds failed: {_reason(error)}",
            "run this again; with embedding.workers: 0 everything is embedded in this process",
        ) from error
    finally:
        logger.setLevel(level)


def _reason(error: BaseException) -> str:
    """The first error of a report by Ray, which quotes the traceback of the worker with the cause on top."""
    text = str(error)
    found = re.search(r"^[\w.]*(?:Error|Exception): (.+)$", text, re.MULTILINE)
    return (found.group(1) if found else (text.strip().splitlines() or [type(error).__name__])[0])[:300]
