"""Shows the check of the data as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from .noise import Suspect
from .probe import Probe
from .report import DataReport

_WIDTH = 80
_NAME = 18
_LABELS_SHOWN = 6
_ROWS_SHOWN = 5
_TEXT_SHOWN = 44


def report_table(report: DataReport) -> str:
    """All that the check found; what forbids training stands last, where it is seen."""
    blocks = [_figures(report), _rows_to_look_at(report), _lines("note", report.warnings), _blocking(report)]
    return "\n\n".join("\n".join(lines) for lines in map(list, blocks) if lines)


def _figures(report: DataReport) -> Iterator[str]:
    files = ", ".join(f"{name} {rows:,}" for name, rows in list(report.files.items())[:_ROWS_SHOWN])
    more = len(report.files) - _ROWS_SHOWN
    yield from _named(
        "rows", f"{report.usable + report.test_rows:,} usable, {report.faulty:,} not ({files}{_and_more(more)})"
    )
    yield from _named("columns", report.columns)
    sides = report.sides
    left_out = f", left out {sides.left_out:,}" if sides.left_out else ""
    counts = f"train {sides.train:,}, validation {sides.validation:,}, test {sides.test:,}{left_out}"
    yield from _named("split", f"{counts}; {sides.method}")
    if report.balance is not None and report.balance.labels:
        labels = report.balance.labels
        shown = ", ".join(f"{each.label} {each.count:,}" for each in labels[:_LABELS_SHOWN])
        rarest = f"; rarest {labels[-1].label} {labels[-1].count:,}" if len(labels) > _LABELS_SHOWN else ""
        yield from _named("labels", f"{len(labels)}: {shown}{_and_more(len(labels) - _LABELS_SHOWN)}{rarest}")
    lengths = report.lengths
    cut = f"; {lengths.cut:,} are cut at {lengths.limit:,}" if lengths.limit else ""
    spread = f"median {lengths.median:,}, 95 % up to {lengths.p95:,}, longest {lengths.longest:,} {lengths.unit}"
    yield from _named("text length", f"{spread}{cut}")
    repeats = report.repeats
    yield from _named("repeats", f"{repeats.exact:,} exact, {repeats.near:,} nearly the same")
    yield from _named("conflicts", f"{report.conflicting:,} of the same text, or nearly, with different targets")
    if report.task == "classification":
        yield from _named("likely wrong", f"{report.suspected:,} {'label' if report.suspected == 1 else 'labels'}")
    yield from _named("personal data", _personal(report))
    if report.probe is not None:
        yield from _probe(report.probe)


def _personal(report: DataReport) -> str:
    found = report.personal_data
    if found is None:
        return "not looked for (labelled_data.personal_data: allow)"
    regions = ", ".join(found.regions) or "no country"
    scope = f"numbers of {regions}; names and postal addresses are not looked for"
    if not found.rows:
        return f"none found ({scope})"
    kinds = ", ".join(f"{kind.kind} {kind.hits:,}" for kind in found.kinds)
    return f"in {found.rows:,} rows: {kinds} ({scope})"


def _probe(probe: Probe) -> Iterator[str]:
    yield from _named("probe", probe.why)
    if probe.p is not None:
        yield from _named("", f"{probe.permutations:,} shuffles, p = {probe.p:.3g}")
    if probe.accuracy is not None and probe.majority is not None:
        simple = f"TF-IDF + logistic regression {probe.accuracy:.3f}, commonest label {probe.majority:.3f}"
        yield from _named("accuracy", f"{simple} (cross-validated over {probe.model_rows:,} rows)")
    if probe.curve is not None:
        points = ", ".join(f"{point.accuracy:.2f} at {point.rows:,}" for point in probe.curve.points)
        yield from _named("learning curve", points)
        yield from _named("rows needed", probe.curve.why)


def _rows_to_look_at(report: DataReport) -> Iterator[str]:
    if report.faults:
        yield "Rows that cannot be used:"
        for fault in report.faults:
            yield from _indented(fault)
        if report.faulty > len(report.faults):
            yield f"  and {report.faulty - len(report.faults):,} more"
    if report.conflicts:
        yield "The same text, or nearly, with different targets:"
        for pair in report.conflicts[:_ROWS_SHOWN]:
            yield from _indented(f"{pair.first} and {pair.second}: {_short(pair.text)!r}")
            yield f"    {_short(pair.first_target)}"
            yield f"    {_short(pair.second_target)}"
    if report.suspects:
        yield "Labels that are likely wrong:"
        yield from suspect_lines(report.suspects)
    if report.personal_data is not None and report.personal_data.kinds:
        yield "Personal data, masked:"
        for kind in report.personal_data.kinds:
            yield from _indented(f"{kind.kind}: {', '.join(kind.samples)}")


def suspect_lines(suspects: Sequence[Suspect]) -> Iterator[str]:
    """The first rows whose label is likely wrong, as lines of at most 80 columns."""
    for row in suspects[:_ROWS_SHOWN]:
        yield from _indented(f"{row.place}: {_short(row.text)!r}")
        yield f"    {_short(row.given)}"
        yield f"    likely {_short(row.likely)} ({row.likely_probability:.2f})"


def _indented(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _blocking(report: DataReport) -> Iterator[str]:
    for finding in report.blocking:
        yield from textwrap.wrap(f"training is refused ({finding.name}): {finding.text}", _WIDTH)
        yield from textwrap.wrap(f"next: {finding.next_step}", _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _lines(name: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(f"{name}: {line}", _WIDTH, subsequent_indent="  ")


def _named(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"{name:<{_NAME}}", subsequent_indent=" " * _NAME)


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN else f"{text[: _TEXT_SHOWN - 1]}…"


def _and_more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
