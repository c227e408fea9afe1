"""What the commands print for people."""

from collections.abc import Iterable, Sequence

from ..evaluation.bootstrap import Interval
from ..evaluation.paired import in_words
from .base import Finding, Reply, Trained
from .evaluation import Against, Cell, Table, TwoByTwo
from .form import Beside
from .patterns import PATTERNS
from .wrapping import wrapped

_STEP = 7
"""Columns by which what stands below a finding is indented, as far as its first word reaches."""
_VERDICTS = {
    "pays": "THE SECOND HALF PAYS",
    "does_not_pay": "THE SECOND HALF DOES NOT PAY",
    "cannot_tell": "THE SECOND HALF IS NOT SHOWN TO PAY",
}


def table_text(found: TwoByTwo) -> str:
    """A 2 x 2 table with its differences, its verdict and how to drop the second half."""
    without = [_cell_text(found.cell("base")), _cell_text(found.cell("tuned"))]
    with_retrieval = [_cell_text(found.cell("base_retrieval")), _cell_text(found.cell("tuned_retrieval"))]
    rows = [
        ("", "without retrieval", "with retrieval"),
        ("base", without[0], with_retrieval[0]),
        ("tuned", without[1], with_retrieval[1]),
    ]
    groups = f" in {found.groups} groups" if found.groups != found.items else ""
    lines = [
        *wrapped(
            f"{PATTERNS[found.pattern].title}, {found.version or 'untuned'}: {found.measure}, {found.items} "
            f"items{groups}"
        ),
        "",
        *_aligned(rows),
        "",
        *_wrapped(
            f"{name}: {cell.system}{'; ' + cell.why_not if cell.why_not else ''}" for name, cell in _named(found)
        ),
        "",
        *_wrapped(_against_text(each, found) for each in found.against),
        "",
        *wrapped(f"{_VERDICTS[found.verdict]}. {found.why}"),
        *wrapped(f"To drop it: {found.dropping}"),
        *_beside_text(found.beside),
    ]
    if found.measured:
        lines += ["", *(f"{name}: {value:.4g}" for name, value in found.measured.items())]
    for table in found.tables:
        lines += ["", *table_lines(table)]
    return "\n".join([*lines, *([""] if found.notes else []), *_wrapped(found.notes, "note: ")])


def table_lines(table: Table) -> list[str]:
    """A further table, its title first."""
    rows = [tuple(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row) for row in table.rows]
    return [table.title, *_aligned([table.columns, *rows])]


def reply_text(reply: Reply) -> str:
    """A reply with the way that it took and its sources."""
    lines = [reply.text, ""]
    lines += [f"[{source.number}] {source.document} {source.heading}".rstrip() for source in reply.sources]
    lines += _wrapped(reply.repaired, "repaired: ")
    if reply.reason:
        lines += wrapped(reply.reason, "refused: ")
    if reply.why:
        lines += wrapped(reply.why, f"{reply.way}: ")
    lines += _wrapped(reply.notes, "note: ")
    return "\n".join([*lines, f"{reply.total_ms:.0f} ms"])


def trained_text(trained: Trained) -> str:
    """What `train` left."""
    stands = f"{trained.version} stands in the registry; promote puts a version in service"
    return "\n".join(_wrapped([*trained.told, stands]))


def findings_text(findings: Sequence[Finding]) -> str:
    """What `check` found, what blocks first."""
    if not findings:
        return "nothing stands in the way"
    lines = []
    for finding in sorted(findings, key=lambda each: not each.blocking):
        lines += wrapped(finding.says, "STOPS: " if finding.blocking else "note: ", _STEP)
        lines += finding.rows
        if finding.next_step:
            lines += wrapped(finding.next_step, " " * _STEP)
    return "\n".join(lines)


def _named(found: TwoByTwo) -> list[tuple[str, Cell]]:
    names = {
        "base": "base, without",
        "base_retrieval": "base, with",
        "tuned": "tuned, without",
        "tuned_retrieval": "tuned, with",
    }
    return [(names[cell.name], cell) for cell in found.cells]


def _cell_text(cell: Cell) -> str:
    if cell.score is None:
        return "not measured"
    return f"{cell.score:.3f}{_interval(cell.interval)}"


def _interval(interval: Interval | None) -> str:
    return f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""


def _against_text(each: Against, found: TwoByTwo) -> str:
    low, high = each.difference.interval
    return (
        f"hybrid minus {found.cell(each.cell).system}: {each.difference.difference:+.3f} (95 % interval {low:+.3f} to "
        f"{high:+.3f}; won {each.difference.won}, lost {each.difference.lost}; p {each.p:.2g}, corrected "
        f"{each.p_holm:.2g})"
    )


def _beside_text(beside: Beside | None) -> list[str]:
    if beside is None:
        return []
    told = f"In service is {beside.version}."
    if beside.difference is not None:
        told += f" {in_words(beside.difference, beside.version)}"
    return ["", *wrapped(told), *(wrapped(beside.told, "note: ") if beside.told else [])]


def _wrapped(texts: Iterable[str], lead: str = "") -> list[str]:
    return [line for text in texts for line in wrapped(text, lead)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
