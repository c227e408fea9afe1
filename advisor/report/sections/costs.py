"""What each open approach costs, how long it takes, and how soon a changed fact comes out right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from advisor.documents import Dossier, Recommendation
from advisor.documents.costs import Amount, ApproachCosts, CostBasis, CostLine, PayBack, UsedFigure
from advisor.report.blocks import Block, Callout, Fold, Item, Items, KeyValues, Paragraph, Section, Table
from advisor.report.money import exact, money, quantity, times_thousand
from advisor.report.wording import capital, sentence, spoken
from advisor.values import Approach

__all__ = ["build", "overdue"]

_IN_TIME = {"yes": "yes", "no": "no", "open": "perhaps", None: "no limit known"}
_WHOSE = {
    "user": "yours, for this decision",
    "own_rules": "from your rules",
    "answer": "your answer",
    "band": "the band of your answer",
    "unknown": "unknown",
    "rules": "",
}
_STATUS = {"read": "read", "second_hand": "read second-hand", "derived": "derived", "assumed": "our estimate"}
_HOURS_OF_A_DAY = 24
_SECOND = 1000


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when nothing was worked out."""
    advice = dossier.recommendation
    basis = advice.cost_basis
    if basis is None or not advice.costs:
        return None
    blocks = _brief(advice, basis) if brief else _full(advice, basis)
    return Section(id="costs", title="What it costs", blocks=tuple(blocks)) if blocks else None


def overdue(basis: CostBasis | None, today: date) -> str | None:
    """A warning when the prices should have been looked up again by now."""
    if basis is None or today.isoformat() <= basis.review_by:
        return None
    return f"the prices were to be looked up again by {basis.review_by}: check the figures that matter to you"


def _brief(advice: Recommendation, basis: CostBasis) -> list[Block]:
    verdict = next((one for one in advice.costs if one.is_verdict), None)
    if verdict is None:
        return []
    shown = [verdict, *(one for one in advice.costs if one.approach == Approach.PROMPTING and not one.is_verdict)]
    return [KeyValues(pairs=tuple((one.title, _in_one_line(one, basis)) for one in shown))]


def _in_one_line(one: ApproachCosts, basis: CostBasis) -> str:
    parts = []
    if one.per_month is not None:
        parts.append(f"{money(one.per_month, basis.currency)} a month")
    elif one.per_query is not None:
        parts.append(f"{money(times_thousand(one.per_query.amount), basis.currency)} per 1,000 queries")
    parts.append(f"{money(one.once_total, basis.currency)} once")
    if one.in_time == "no":
        parts.append("by our estimate later than your limit")
    return ", ".join(parts)


def _full(advice: Recommendation, basis: CostBasis) -> list[Block]:
    intro = (
        f"Worked out from the figures below, in {basis.currency}; they are to be looked up again by {basis.review_by}. "
        "A range is as wide as what is known. One number of your own, such as --set output_tokens=250, narrows it. "
        "The time that running takes your team is not in it."
    )
    blocks: list[Block] = [Paragraph(text=intro)]
    if basis.answer_first:
        blocks.append(
            Callout(title="Left open", text=f"Answers that would narrow this: {', '.join(basis.answer_first)}.")
        )
    blocks += [_bill(advice.costs, basis), _times(advice.costs), Items(items=tuple(_said(advice, basis)))]
    blocks += [
        Fold(summary=f"How it adds up: {one.title}, {spoken(one.pattern)}", blocks=(_lines(one, basis),))
        for one in advice.costs
    ]
    blocks.append(Fold(summary="Memory for training and serving", blocks=(_memory(basis),)))
    blocks.append(Fold(summary=f"Figures used ({len(basis.figures)})", blocks=(_figures(basis),)))
    return blocks


def _bill(costs: Iterable[ApproachCosts], basis: CostBasis) -> Table:
    rows = []
    for one in costs:
        query = one.per_query.amount if one.per_query else None
        rows.append(
            (
                f"{one.title}: {spoken(one.pattern)}",
                money(query, basis.currency) if query else "by the month",
                money(times_thousand(query), basis.currency) if query else "by the month",
                money(one.per_month, basis.currency) if one.per_month else _floor(one, basis),
                money(one.once_total, basis.currency),
                one.pay_back.says if one.pay_back else _no_pay_back(one, basis),
            )
        )
    columns = ("Approach", "Per query", "Per 1,000 queries", "Per month", "Once before launch", "Pays back")
    return Table(caption="Money for each open approach", columns=columns, rows=tuple(rows))


def _floor(one: ApproachCosts, basis: CostBasis) -> str:
    """What is paid each month even while the traffic is unknown."""
    if not one.monthly:
        return "answer monthly_queries"
    least = sum(line.amount.low for line in one.monthly)
    return f"{money(Amount(low=least, high=None), basis.currency)}; answer monthly_queries"


def _no_pay_back(one: ApproachCosts, basis: CostBasis) -> str:
    if one.approach == Approach.PROMPTING:
        return "The baseline itself"
    return "Not known yet" if basis.queries is None or one.per_month is None else "There is no prompted baseline"


def _times(costs: Iterable[ApproachCosts]) -> Table:
    rows = tuple(
        (
            f"{one.title}: {spoken(one.pattern)}",
            _duration(one.first_output),
            _duration(one.whole_output),
            _IN_TIME[one.in_time],
            _wait(one.fresh_after.amount),
        )
        for one in costs
    )
    columns = ("Approach", "First output", "Whole answer", "Within your limit", "A changed fact comes out right after")
    return Table(caption="Time, for a call that waits for no other", columns=columns, rows=rows)


def _duration(amount: Amount) -> str:
    return quantity(_scaled(amount, _SECOND), "s")


def _wait(amount: Amount) -> str:
    if amount.high is not None and amount.high < 1:
        return quantity(_scaled(amount, 1 / 60), "minutes")
    if amount.low >= _HOURS_OF_A_DAY:
        return quantity(_scaled(amount, _HOURS_OF_A_DAY), "days")
    return quantity(amount, "hours")


def _scaled(amount: Amount, by: float) -> Amount:
    return Amount(low=amount.low / by, high=None if amount.high is None else amount.high / by)


def _said(advice: Recommendation, basis: CostBasis) -> Iterable[Item]:
    cached, plain = basis.break_even_cached.amount, basis.break_even_plain.amount
    pages = quantity(basis.break_even_pages.amount, "pages")
    if any(one.approach == Approach.RAG for one in advice.costs):
        yield Item(
            title="Whole corpus in the prompt, or retrieval?",
            gist=f"Up to {quantity(cached, 'tokens')} (about {pages}) a cached prompt costs no more than retrieval, "
            f"without a warm cache up to {quantity(plain, 'tokens')}.",
        )
    for one in advice.costs:
        if one.pay_back is not None and one.trains:
            yield Item(title=f"{one.title} to save money?", gist=_reason(one.pay_back, basis))
        for note in one.notes:
            yield Item(title=f"{one.title}, {spoken(one.pattern)}", gist=note)


def _reason(back: PayBack, basis: CostBasis) -> str:
    rule = (
        f"It may be a reason when it pays back within {back.most_months:g} months "
        f"and saves at least {basis.currency} {back.least_saving:,.10g} a month."
    )
    said = {"yes": "Yes.", "no": "No: cost is no reason for it here.", "open": "Not clear yet."}
    return f"{said[back.is_a_reason]} {back.says} {rule}"


def _lines(one: ApproachCosts, basis: CostBasis) -> Table:
    paid = [*([one.per_query] if one.per_query else []), *one.monthly, *one.once]
    lines = [*one.tokens, *paid, *one.stages, one.fresh_after]
    rows = tuple((capital(line.title), _shown(line, basis), line.unit, line.how) for line in lines)
    return Table(
        caption="Each line with its arithmetic", columns=("Line", "Amount", "Unit", "Worked out as"), rows=rows
    )


def _shown(line: CostLine, basis: CostBasis) -> str:
    return money(line.amount, basis.currency) if line.unit.startswith(basis.currency) else quantity(line.amount)


def _memory(basis: CostBasis) -> Table:
    rows = tuple(
        (
            f"{capital(one.model)} of {quantity(one.parameters, 'billion parameters')}",
            *(quantity(amount, "GB") for amount in (one.full, one.lora, one.qlora, one.serving)),
        )
        for one in basis.memory
    )
    return Table(caption="Memory of the GPU", columns=("Model", "All weights", "LoRA", "QLoRA", "Serving"), rows=rows)


def _figures(basis: CostBasis) -> Table:
    rows = tuple((one.id, exact(one.amount, one.unit), capital(one.means), _origin(one)) for one in basis.figures)
    return Table(caption="Figures and answers used", columns=("Name", "Amount", "What it is", "From"), rows=rows)


def _origin(one: UsedFigure) -> str:
    checked = _STATUS.get(one.status, "")
    said = ", ".join(part for part in (_WHOSE[one.origin], checked, one.source, one.as_of) if part)
    return sentence(said)
