"""How quick several models are, each measured in turn within one run, so that noise of the machine meets them all."""

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from ..evaluation.metrics import percentile

Answer = Callable[[Sequence[str]], object]
"""Answers texts, as `Classifier.probabilities` and `Tagger.spans` do."""

_WARM_UP = 3
_PARTS = 4
_MS = 1000.0


class Speed(BaseModel):
    """How quick a model is.

    Attributes:
        one_ms_p50: Median time of one text alone, in milliseconds.
        one_ms_p95: The 95th percentile.
        texts_a_second: In batches: as many as each round gives at once.
        one_times: How many times as quick as the first model with one text: the median over the same texts.
        many_times: Likewise in batches: the median over the rounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    one_ms_p50: float
    one_ms_p95: float
    texts_a_second: float
    one_times: float
    many_times: float


def measure_speed(models: Mapping[str, Answer], texts: Sequence[str], rounds: int = 3) -> dict[str, Speed]:
    """Asks each model each text alone, and all texts in a few batches; the models take turns at every step.

    Args:
        models: By name; the first is what the others are compared with.
        texts: At least one; each is asked alone once in each round.
        rounds: How often, at least 1.

    Raises:
        ValueError: There are no models or no texts.
    """
    if not models or not texts:
        raise ValueError("speed needs at least one model and one text")
    for answer in models.values():
        for text in texts[:_WARM_UP]:
            answer([text])
    alone: dict[str, list[float]] = {name: [] for name in models}
    together: dict[str, list[float]] = {name: [] for name in models}
    parts = [part for part in (list(texts[start::_PARTS]) for start in range(_PARTS)) if part]
    order = list(models)
    for turn in range(rounds):
        for text in texts:
            for name in order:
                alone[name].append(_seconds(models[name], [text]))
            # Whoever comes after a large model finds less of its own weights in the processor's cache.
            order.append(order.pop(0))
        for part in itertools.islice(itertools.cycle(parts), turn, turn + len(parts)):
            for name in order:
                together[name].append(_seconds(models[name], part))
            order.append(order.pop(0))
    first = next(iter(models))
    return {
        name: Speed(
            one_ms_p50=_MS * statistics.median(alone[name]),
            one_ms_p95=_MS * (percentile(alone[name], 0.95) or 0.0),
            texts_a_second=rounds * len(texts) / sum(together[name]),
            one_times=_times(alone[first], alone[name]),
            many_times=_times(together[first], together[name]),
        )
        for name in models
    }


def _seconds(answer: Answer, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    answer(texts)
    return time.perf_counter() - started


def _times(first: Sequence[float], other: Sequence[float]) -> float:
    return statistics.median(one / two for one, two in zip(first, other, strict=True))
