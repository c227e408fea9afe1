"""ANSWERS + FACTS + FINDINGS + RECOMMENDATION -> COSTS: the arithmetic of every approach that is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.deciding import likely_patterns
from advisor.documents import Answers, Facts, Findings, Recommendation
from advisor.documents.costs import Amount, ApproachCosts, CostBasis, CostLine, Costs, PayBack
from advisor.economics.ledger import Ledger, amount
from advisor.economics.memory import memory
from advisor.economics.paying_back import Bill, pay_back
from advisor.economics.spending import Spending, summed
from advisor.economics.terms import Term, total
from advisor.economics.timing import fresh_after, in_time, outputs, stages
from advisor.economics.traffic import Traffic
from advisor.knowledge import Knowledge, Recipe
from advisor.states import answered_codes, states_of
from advisor.values import Approach

__all__ = ["economics"]

_BASELINE = "few_shot"
"""The prompted baseline where prompting itself is closed: it stays the yardstick."""


def economics(
    answers: Answers, facts: Facts, findings: Findings, recommendation: Recommendation, knowledge: Knowledge
) -> Costs:
    """Works out the costs of the approaches that neither a veto nor a missing need closes."""
    estimate = _Estimate(Ledger(answers, facts, knowledge), recommendation, knowledge)
    states = states_of(knowledge, answered_codes(facts))
    holding = {finding.rule for finding in findings.findings if finding.outcome == "true"}
    patterns = likely_patterns(knowledge, states, [rule for rule in knowledge.rules if rule.id in holding])
    if recommendation.approach is not None and recommendation.pattern is not None:
        patterns[recommendation.approach] = recommendation.pattern
    open_ones = [rank.approach for rank in recommendation.ranking if not (rank.vetoed or rank.closed)]
    taken = {one: patterns[one] for one in open_ones if patterns.get(one) in knowledge.prices.recipes}
    baseline = taken.get(Approach.PROMPTING, _BASELINE)
    approaches = tuple(estimate.of(approach, pattern, baseline) for approach, pattern in taken.items())
    return Costs(approaches=approaches, basis=estimate.basis())


class _Estimate:
    """The estimates of one decision, over one ledger."""

    def __init__(self, ledger: Ledger, recommendation: Recommendation, knowledge: Knowledge) -> None:
        self._ledger = ledger
        self._advice = recommendation
        self._knowledge = knowledge
        self._currency = knowledge.prices.currency

    def of(self, approach: Approach, pattern: str, baseline: str) -> ApproachCosts:
        """One approach in one pattern."""
        ledger, recipe = self._ledger, self._knowledge.prices.recipes[pattern]
        traffic = Traffic(recipe, ledger)
        spending = Spending(approach, recipe, traffic, ledger)
        per_query = traffic.per_query()
        monthly, outside, own_time = list(spending.monthly()), list(spending.outside()), list(spending.own_time())
        once = summed([*outside, *own_time])
        first, whole = outputs(recipe, traffic, ledger)
        return ApproachCosts(
            approach=approach,
            title=self._knowledge.approaches[approach].title,
            pattern=pattern,
            is_verdict=approach == self._advice.approach,
            trains=recipe.trains is not None,
            tokens=tuple(self._tokens(traffic)),
            per_query=None if per_query is None else self._money("query", "each query", per_query, "per query"),
            monthly=self._lines(monthly, "per month"),
            per_month=_monthly(per_query, monthly, traffic),
            cache=traffic.cache,
            once=self._lines([*outside, *own_time], "once"),
            once_total=amount(once),
            outside=amount(summed(outside)),
            pay_back=self._pay_back(approach, once, Bill(per_query, _besides(monthly)), traffic, baseline),
            stages=tuple(_line(name, title, time, "ms") for name, title, time in stages(recipe, traffic, ledger)),
            first_output=amount(first),
            whole_output=amount(whole),
            in_time=in_time(first, ledger),
            fresh_after=_line(
                "fresh_after", "from a changed fact to a right answer", fresh_after(recipe, ledger), "hours"
            ),
            notes=tuple(self._notes(recipe, traffic, summed(outside))),
        )

    def _tokens(self, traffic: Traffic) -> Iterator[CostLine]:
        for name, title, tokens in (("read", "read", traffic.read()), ("written", "written", traffic.written())):
            if tokens is not None:
                yield _line(name, f"tokens {title}", tokens, "tokens per query")

    def _money(self, name: str, title: str, money: Term, unit: str) -> CostLine:
        return _line(name, title, money, f"{self._currency} {unit}")

    def _lines(self, lines: Iterable[tuple[str, str, Term]], unit: str) -> tuple[CostLine, ...]:
        return tuple(self._money(name, title, money, unit) for name, title, money in lines)

    def _pay_back(self, approach: Approach, once: Term, then: Bill, traffic: Traffic, baseline: str) -> PayBack | None:
        """None for prompting itself, for a model that cannot be prompted, and while a bill is open."""
        if approach is Approach.PROMPTING or traffic.queries is None or traffic.lacks_corpus:
            return None
        if self._ledger.code("model_kind") == "predictive":
            return None
        recipe = self._knowledge.prices.recipes[baseline]
        prompted = Traffic(recipe, self._ledger)
        if prompted.lacks_corpus:
            return None
        besides = _besides(list(Spending(Approach.PROMPTING, recipe, prompted, self._ledger).monthly()))
        now = Bill(prompted.per_query(), besides)
        return pay_back(once, now, then, traffic.queries, self._ledger)

    def _notes(self, recipe: Recipe, traffic: Traffic, outside: Term) -> Iterator[str]:
        ledger = self._ledger
        budget = ledger.fact("upfront_budget") if ledger.code("upfront_budget") else None
        same_money = self._knowledge.asks["upfront_budget"].unit == self._currency if budget else False
        if budget is not None and same_money and outside.low > budget.high:
            yield "Even the least outside spending is above the budget before launch."
        if traffic.lacks_corpus:
            yield "The price of a query hangs on the size of the corpus: answer corpus_size."
        if traffic.queries is None:
            yield "The monthly cost hangs on the number of queries: answer monthly_queries."
        if traffic.cache == "cold":
            yield "With less than one query every five minutes the cache is cold, so all text is paid in full."
        if traffic.cache == "open":
            yield "Whether the cache stays warm is open: it takes one query every five minutes, 8,760 a month."
        if ledger.self_hosted:
            yield "Nothing may leave your machines, so these are counted as rented ones, not prices of an API."
        if ledger.code("data_boundary") == "offline_edge":
            yield "Machines are counted once; on devices it is your hardware, once for each."
        if ledger.code("model_kind") == "vision_audio":
            yield "Lengths are those of text: set input_tokens to what your pictures or sound count for."
        if recipe.trains and ledger.code("label_flow") == "automatic":
            yield "Labels come by themselves, so none are bought."
        if any(one.times is not None for one in traffic.calls):
            yield "Not every query takes the same calls: the figure is the mean over all queries."

    def basis(self) -> CostBasis:
        """What all of it rests on; asked for last, when all figures have been looked up."""
        ledger = self._ledger
        retrieved = ledger("retrieved_tokens")
        queries = ledger.fact("monthly_queries", least=1.0)
        table = memory(ledger)
        cached = retrieved / ledger("cache_read_factor")
        return CostBasis(
            currency=self._currency,
            review_by=self._knowledge.prices.review_by,
            queries=amount(queries) if queries is not None else None,
            break_even_cached=_line("cached", "corpus up to which a cached prompt costs no more", cached, "tokens"),
            break_even_plain=_line("plain", "the same without a warm cache", retrieved, "tokens"),
            break_even_pages=_line("pages", "the same in pages", cached / ledger("page_tokens"), "pages"),
            memory=table,
            figures=ledger.used,
            answer_first=tuple(sorted(ledger.missing)),
        )


def _line(name: str, title: str, term: Term, unit: str) -> CostLine:
    return CostLine(id=name, title=title, amount=amount(term), unit=unit, how=term.text, inputs=term.inputs)


def _besides(monthly: list[tuple[str, str, Term]]) -> Term | None:
    return summed(monthly) if monthly else None


def _monthly(per_query: Term | None, monthly: list[tuple[str, str, Term]], traffic: Traffic) -> Amount | None:
    if traffic.queries is None or traffic.lacks_corpus:
        return None
    parts = [money for _, _, money in monthly]
    if per_query is not None:
        parts.append(per_query * traffic.queries)
    return amount(total(parts))
