"""Finds the quickest way to embed many texts on this machine, once, and remembers it."""

import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ..project_base.files import write_text
from .agreement import LEAST_COSINE, cosines_of
from .base import Embedder, Vectors
from .settings import Settings

Way = Literal["torch", "torch_bfloat16", "onnx"]
SAMPLE = 32
"""Texts that each way embeds: a second or two with all-MiniLM-L6-v2, and a small share of many texts."""

_FILE = "measured.json"
_WARM_UP = 4
_ROUNDS = 4
_LIBRARIES = ("onnxruntime", "sentence-transformers", "torch", "transformers")


class Speed(BaseModel):
    """How one way did: texts a second, and the least cosine of its vectors with those of torch in float32."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: float
    cosine: float


class Measured(BaseModel):
    """What was measured, and for what: another machine, model or version is measured anew."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: dict[str, str]
    speeds: dict[Way, Speed]

    @property
    def quickest(self) -> Way:
        """The way with the highest rate among those that give the vectors of torch in float32."""
        same = {way: speed.rate for way, speed in self.speeds.items() if speed.cosine >= LEAST_COSINE}
        return max(same, key=lambda way: same[way])

    def __str__(self) -> str:
        """One line for the terminal."""
        told = ", ".join(
            f"{way} {speed.rate:.0f}"
            + ("" if speed.cosine >= LEAST_COSINE else f" (other vectors: {speed.cosine:.4f})")
            for way, speed in self.speeds.items()
        )
        return f"documents are embedded with {self.quickest}; texts a second, measured on {SAMPLE} of them: {told}"


def measure(ways: dict[Way, Callable[[], Embedder]], texts: Sequence[str], settings: Settings, model: str) -> Measured:
    """Embeds a sample with each way; all are in memory meanwhile, about two and a half times the model.

    Args:
        ways: Makes the embedder of each way; `torch`, which the others are compared with, comes first.
        texts: The texts to embed; the sample is drawn evenly over their lengths.
        settings: Where the result is kept.
        model: Id of the model.

    Raises:
        OSError: The cache folder cannot be written.
    """
    by_length = sorted(texts, key=len)
    sample = by_length[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    embedders = {way: make() for way, make in ways.items()}
    seconds = dict.fromkeys(ways, 0.0)
    cosines = dict.fromkeys(ways, 1.0)
    for embedder in embedders.values():
        embedder.encode_passages(sample[:_WARM_UP])
    # In turn, round by round: what else the machine does then slows all of them alike.
    for part in (sample[start::_ROUNDS] for start in range(_ROUNDS)):
        rows: dict[Way, Vectors] = {}
        for way, embedder in embedders.items():
            started = time.perf_counter()
            rows[way] = embedder.encode_passages(part)
            seconds[way] += time.perf_counter() - started
            cosines[way] = min(cosines[way], float(cosines_of(rows[way], rows["torch"]).min()))
    speeds = {way: Speed(rate=round(len(sample) / seconds[way], 2), cosine=round(cosines[way], 5)) for way in embedders}
    measured = Measured(key=_key(model), speeds=speeds)
    Path(settings.cache_folder).mkdir(parents=True, exist_ok=True)
    write_text(Path(settings.cache_folder) / _FILE, measured.model_dump_json(indent=2) + "\n")
    return measured


def remembered(settings: Settings, model: str) -> Measured | None:
    """What was measured for this model on this machine with these versions; None where nothing was."""
    try:
        content = (Path(settings.cache_folder) / _FILE).read_text(encoding="utf-8")
        measured = Measured.model_validate_json(content)
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
    fits = measured.key == _key(model) and any(speed.cosine >= LEAST_COSINE for speed in measured.speeds.values())
    return measured if fits else None


def _key(model: str) -> dict[str, str]:
    return {
        "model": model,
        "machine": json.dumps([platform.node(), platform.machine(), processor(), os.cpu_count()]),
        "threads": os.environ.get("OMP_NUM_THREADS", ""),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def processor() -> str:
    """The name of the processor, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
