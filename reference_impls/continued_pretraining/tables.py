"""What the commands show."""

from collections.abc import Iterator, Sequence

from .check import Amount, Check, Finding
from .gate import seen
from .results import Evaluation

_MOST_SKIPPED = 5


def check_table(check: Check) -> str:
    """What `check` shows."""
    return "\n".join(_check_lines(check))


def _check_lines(check: Check) -> Iterator[str]:
    yield f"{check.objective} language modelling with {check.base} ({check.parameters / 1e6:,.1f} million parameters)"
    if check.notice:
        yield f"  {check.notice}"
    yield ""
    columns = ("text", "documents", "tokens", "tokens a word", "trained on", "validation", "held out")
    rows = [columns, _amount(check.domain), _amount(check.general)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    yield ""
    if check.repeats:
        yield f"{check.repeats} documents repeat others word by word and are left out"
    if check.skipped:
        yield f"{len(check.skipped)} files or records cannot be read:"
        yield from (f"  {line}" for line in check.skipped[:_MOST_SKIPPED])
    for finding in check.findings:
        yield from _finding(finding)


def _amount(amount: Amount) -> tuple[str, ...]:
    return (
        amount.kind,
        f"{amount.documents:,}",
        f"{amount.tokens:,}",
        f"{amount.tokens_a_word:.2f}",
        f"{amount.train:,}",
        f"{amount.validation:,}",
        f"{amount.held_out:,}",
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.weight}: {finding.says}" + (f" [{finding.id}]" if finding.weight == "blocking" else "")
    if finding.instead:
        yield f"  instead: {finding.instead}"


def evaluation_table(found: Evaluation) -> str:
    """What `evaluate` shows."""
    return "\n".join(_evaluation_lines(found))


def _evaluation_lines(found: Evaluation) -> Iterator[str]:
    yield f"{found.version}, made from {found.base}"
    if found.notice:
        yield f"  {found.notice}"
    yield f"  {found.measure}"
    yield ""
    yield f"domain   {seen(found.domain)}: {verdict(found)[0]}"
    yield f"general  {seen(found.general)}: {verdict(found)[1]}"
    if found.paraphrases:
        probe = found.paraphrases
        low, high = probe.interval
        yield (
            f"sentences  {probe.second:.1%} of {probe.questions} paraphrases found before and {probe.first:.1%} after "
            f"(95 % interval of the difference {low:+.3f} to {high:+.3f}): {probe.verdict}"
        )
    if found.against:
        low, high = found.against.interval
        yield (
            f"beside {found.against.version}, in service  {found.against.ratio:.3f} times its perplexity on "
            f"{found.against.documents} documents (95 % interval {low:.3f} to {high:.3f})"
        )
    yield from (f"note: {note}" for note in found.notes)


def verdict(found: Evaluation) -> tuple[str, str]:
    """What became of domain and general text, in a word or two each."""
    low, high = found.domain.ratio_interval
    domain = "gained" if high < 1 else "lost" if low > 1 else "no gain beyond chance"
    low, high = found.general.ratio_interval
    general = "forgot" if low > 1 else "nothing forgotten; even gained" if high < 1 else "no change beyond chance"
    return domain, general


def status_lines(lines: Sequence[tuple[str, str]]) -> str:
    """Names and what is to be said of each."""
    width = max((len(name) for name, _ in lines), default=0)
    return "\n".join(f"{name.ljust(width)}  {told}" for name, told in lines)
