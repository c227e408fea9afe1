"""What the calls of a recipe read, write and cost, and the machines that they need.

Price of a query = sum over its calls of (fresh + cached x discount) x price of reading + written x price of writing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from advisor.economics.ledger import Ledger
from advisor.economics.terms import Term, between, constant, rest_of, total, whole
from advisor.knowledge.figures import CORPUS, INPUT, OUTPUT, Call, Recipe

__all__ = ["HOURS", "Cache", "Spoken", "Traffic", "standing_model"]

HOURS = constant(730)
"""Of a month."""
_SECONDS = constant(2_628_000)
"""Of a month."""
_MILLION = constant(1_000_000)
_WARM_FROM = 12 * 730
"""Queries a month from which there is one every five minutes, which keeps a cache warm (E26)."""

Cache = Literal["warm", "cold", "open", "none"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One call with its lengths; `times` is None for once, `is_rest` says that it stands in for another one."""

    model: str
    fresh: Term | None
    cached: Term | None
    written: Term | None
    times: Term | None
    is_rest: bool

    @property
    def read(self) -> Term | None:
        """All that it reads; None for a model that reads no text."""
        parts = [part for part in (self.cached, self.fresh) if part]
        return total(parts) if parts else None

    def often(self, term: Term) -> Term:
        """`term` for as many calls as there are."""
        return term if self.times is None else term * self.times


def standing_model(ledger: Ledger) -> str:
    """The sort of model that is in production where something is retrained."""
    return {"encoder": "encoder", "llm": "tuned"}.get(ledger.code("model_kind") or "", "predictive")


class Traffic:
    """The calls of one recipe under the traffic of one project.

    Attributes:
        calls: with their lengths.
        queries: per month; None while unknown.
        cache: whether the part of the prompt that stays the same is still in the cache when the next call comes.
        lacks_corpus: a length hangs on the size of the corpus, which is unknown.
    """

    def __init__(self, recipe: Recipe, ledger: Ledger) -> None:
        self._recipe = recipe
        self._ledger = ledger
        self.lacks_corpus = False
        self.queries = ledger.fact("monthly_queries", least=1.0)
        self.calls = tuple(self._spoken(call) for call in recipe.calls)
        self.cache = self._cache()

    def _cache(self) -> Cache:
        if not any(one.cached and self.hosted(one.model) == "api" for one in self.calls):
            return "none"
        if self.queries is None:
            return "open"
        if self.queries.low >= _WARM_FROM:
            return "warm"
        return "cold" if self.queries.high < _WARM_FROM else "open"

    def _spoken(self, call: Call) -> Spoken:
        model = standing_model(self._ledger) if call.model == "standing" else call.model
        fresh = [term for part in call.reads if part not in call.caches if (term := self._length(part))]
        cached = [term for part in call.caches if (term := self._length(part))]
        writes = model in ("large", "tuned")
        if writes and not fresh + cached:
            fresh = [self._ledger("short_instruction_tokens"), self._ledger.of_task("input_tokens")]
        times = self._ledger(call.times) if call.times else None
        if call.rest_of:
            times = rest_of(self._ledger(call.rest_of))
        return Spoken(
            model,
            total(fresh) if fresh else None,
            total(cached) if cached else None,
            self._ledger.of_task("output_tokens") if writes else None,
            times,
            call.rest_of is not None,
        )

    def _length(self, part: str) -> Term | None:
        if part == CORPUS:
            if not self._ledger.applies("corpus_size"):
                return None  # the material comes with the request, and counts there
            corpus = self._ledger.fact("corpus_size", least=1.0)
            self.lacks_corpus = self.lacks_corpus or corpus is None
            return corpus
        if part in (INPUT, OUTPUT):
            return self._ledger.of_task(f"{part}_tokens")
        return self._ledger(part)

    def hosted(self, model: str) -> Literal["api", "gpu", "cpu"]:
        """Where a model runs."""
        if model in ("encoder", "predictive"):
            return "cpu"
        if self._ledger.self_hosted:
            return "gpu"
        # A tuned model behind an API is there only where the provider tunes it; else its weights are served on a GPU.
        return "api" if model == "large" or self._ledger.code("model_access") == "closed_ft" else "gpu"

    def read(self) -> Term | None:
        """Tokens that one query reads, over all its calls of language models."""
        parts = [one.often(one.read) for one in self.calls if one.read]
        return total(parts) if parts and not self.lacks_corpus else None

    def written(self) -> Term | None:
        """Tokens that one query writes."""
        parts = [one.often(one.written) for one in self.calls if one.written]
        return total(parts) if parts else None

    def per_query(self) -> Term | None:
        """Money for one more query; None where only machines are paid, or a length is unknown."""
        if self.lacks_corpus:
            return None
        parts = [one.often(self._price(one)) for one in self.calls if self.hosted(one.model) == "api"]
        if self._recipe.index and not self._ledger.self_hosted:
            parts.append(self._ledger.of_task("input_tokens") * self._ledger("embedding_price") / _MILLION)
        if self._recipe.reranks and not self._ledger.self_hosted:
            parts.append(self._ledger("rerank_price") / constant(1000))
        return total(parts) if parts else None

    def _price(self, call: Spoken) -> Term:
        read, write = self._token_prices(call.model)
        parts = [call.fresh * read] if call.fresh else []
        if call.cached:
            discount = self._ledger("cache_read_factor")
            factor = {"warm": discount, "cold": constant(1), "open": between(discount, constant(1))}[self.cache]
            parts.append(call.cached * read * factor)
        if call.written:
            parts.append(call.written * write)
        return total(parts) / _MILLION

    def _token_prices(self, model: str) -> tuple[Term, Term]:
        if model == "large":
            return self._ledger("large_input_price"), self._ledger("large_output_price")
        dearer = self._ledger("tuned_price_factor")
        return self._ledger("small_input_price") * dearer, self._ledger("small_output_price") * dearer

    def cache_writes(self) -> Term | None:
        """Money per month for writing a warm cache anew; None where nothing is cached, or the cache is not warm."""
        if self.cache != "warm" or self.lacks_corpus:
            return None
        factor = self._ledger("cache_write_factor") * self._ledger("cache_writes")
        parts = [
            one.cached * self._token_prices(one.model)[0] * factor / _MILLION
            for one in self.calls
            if one.cached and self.hosted(one.model) == "api"
        ]
        return total(parts)

    def machines(self) -> Iterator[tuple[str, Term]]:
        """Money per month for each sort of machine, with its id; one of each sort at least while traffic is unknown."""
        for model in dict.fromkeys(one.model for one in self.calls):
            kind = self.hosted(model)
            if kind == "cpu":
                yield f"{model}_server", self._copies(self._cpu_seconds(model)) * self._ledger("cpu_server_month")
            elif kind == "gpu" and not self.lacks_corpus:
                size = "large" if model == "large" else "small"
                copies = self._copies(self._gpu_seconds(model, size))
                memory = self._ledger(f"{size}_parameters") * self._ledger("serving_bytes")
                gpus = whole(memory * self._ledger("serving_overhead") / self._ledger("gpu_memory"))
                yield f"{size}_model_gpus", copies * gpus * self._ledger("gpu_hour") * HOURS

    def _copies(self, seconds: Term) -> Term:
        if self.queries is None:
            return Term(1.0, float("inf"), "copies", ())
        return whole(seconds * self.queries * self._ledger("peak_factor") / _SECONDS)

    def _cpu_seconds(self, model: str) -> Term:
        return constant(1) / self._ledger(f"{model}_rate")

    def _gpu_seconds(self, model: str, size: str) -> Term:
        parts = []
        for one in self.calls:
            if one.model == model and one.read and one.written:
                reading = one.read / self._ledger(f"{size}_prefill_rate")
                parts.append(one.often(reading + one.written / self._ledger(f"{size}_decode_rate")))
        return total(parts)
