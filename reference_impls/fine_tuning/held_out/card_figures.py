"""The figures of a model card, as Markdown tables."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ...evaluation.bootstrap import Interval
from ...evaluation.calibration import Calibration
from .figures import interval_text, number, sentence
from .held_out import unchecked
from .model_evaluation import ModelEvaluation

_MARKS = re.compile(r"([\\|*_`\[\]#])")


def figures(found: ModelEvaluation) -> dict[str, Iterator[str]]:
    """The lines below each heading; a heading without lines is left out."""
    return {
        "## Held-out figures": _measures(found),
        "## Beside cheap models": _floors(found),
        "## Beside another version": _against(found),
        "## Rows that must stay right": _cases(found),
        "## Labels": _labels(found),
        "## Most frequent confusions": _confusions(found),
        "## Probabilities": _probabilities(found),
        "## Abstaining": _abstaining(found),
        "## General skills": _forgetting(found),
        "## Samples": _samples(found),
    }


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(columns)} |".replace("|  |", "| |").replace("|  |", "| |")
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def cell(text: str) -> str:
    """Text of anyone, as Markdown shows it unchanged on one line."""
    escaped = _MARKS.sub(r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def _measures(found: ModelEvaluation) -> Iterator[str]:
    yield from table(
        ("measure", "value", "95 % interval"),
        ((each.name, number(each.value), interval_text(each.interval)) for each in found.measures),
    )


def _floors(found: ModelEvaluation) -> Iterator[str]:
    if not found.floors:
        return
    yield "Each was trained on the same data and asked the same rows."
    yield ""
    rows = (
        (
            f"`{each.rung}`",
            number(each.score),
            f"{each.difference.difference:+.3f}",
            interval_text(each.difference.interval, signed=True),
            "" if each.difference.p is None else f"{each.difference.p:.3g}",
            each.difference.verdict,
        )
        for each in found.floors
    )
    yield from table(("model", "score", "gain over it", "95 % interval", "p (McNemar)", "verdict"), rows)


def _against(found: ModelEvaluation) -> Iterator[str]:
    against = found.against
    if against is None:
        return
    change = against.regression
    yield f"**{change.outcome}** beside {against.version}: {sentence(change.difference, against.version)}"
    yield (
        f"{len(change.newly_right)} rows are newly right and {len(change.newly_wrong)} newly wrong, of {against.rows}."
    )
    if not against.same_data:
        yield (
            f"{against.version} was made of other data; "
            + (
                f"{against.left_out} test rows that taught it were left out."
                if against.seen_known
                else "nobody knows which test rows taught it, which flatters it."
            )
        )
    if against.vanished:
        yield f"{unchecked(against.version, against.vanished)}."
    for each in change.worse_groups:
        yield (
            f"Worse beyond chance on {cell(each.group)}: {each.newly_wrong} of {each.items} newly wrong, "
            f"{each.newly_right} newly right."
        )


def _cases(found: ModelEvaluation) -> Iterator[str]:
    if found.cases is None:
        return
    cases = found.cases
    yield f"{cases.right} of {cases.rows} rows of `{cases.file}` are right."
    for row in cases.broken:
        yield f"- {cell(row.id)} was right before: wanted {cell(row.expected)}, now {cell(row.now)}"
    for row in cases.still_wrong:
        yield f"- {cell(row.id)} is wrong: wanted {cell(row.expected)}, now {cell(row.now)}"


def _labels(found: ModelEvaluation) -> Iterator[str]:
    rows: list[tuple[str, ...]] = []
    if found.classes:
        for each in found.classes.classes:
            rows.append((cell(each.label), str(each.support), _rate(each.precision, each.precision_interval)))
            rows[-1] += (_rate(each.recall, each.recall_interval), _rate(each.f1, each.f1_interval))
    elif found.spans:
        for span in found.spans.labels:
            rows.append((cell(span.label), str(span.spans), _rate(span.precision, span.precision_interval)))
            rows[-1] += (_rate(span.recall, span.recall_interval), _rate(span.f1, span.f1_interval))
    if rows:
        counted = "rows" if found.classes else "spans"
        yield f"In brackets: 95 % intervals. A rate of no {counted} is left open."
        yield ""
        yield from table(("label", counted, "precision", "recall", "F1"), rows)


def _confusions(found: ModelEvaluation) -> Iterator[str]:
    if found.classes and found.classes.confusions:
        rows = (
            (cell(each.true), cell(each.predicted), str(each.count), f"{each.share:.1%}")
            for each in found.classes.confusions
        )
        yield from table(("right label", "taken for", "rows", "share of the label's rows"), rows)


def _probabilities(found: ModelEvaluation) -> Iterator[str]:
    scores = found.probabilities
    if scores is None:
        if found.task == "classification":
            yield "<!-- Not known: how honest its probabilities are; see the limits. -->"
        return
    yield (
        f"They are read at the temperature {scores.temperature:.3f}, which was chosen by {scores.rests_on}. Honest "
        f"probabilities would show a calibration error (ECE) up to {scores.after.chance_error:.3f} on so many rows."
    )
    yield ""
    rows = (_calibrated("as the model gives them", scores.before), _calibrated("at the temperature", scores.after))
    yield from table(("probabilities", "ECE", "95 % interval", "NLL (nats)", "Brier score", "mean confidence"), rows)


def _calibrated(name: str, each: Calibration) -> tuple[str, ...]:
    interval = interval_text(each.error_interval)
    return (name, number(each.error), interval, number(each.nll), number(each.brier), number(each.confidence))


def _abstaining(found: ModelEvaluation) -> Iterator[str]:
    each = found.abstaining
    if each is None:
        return
    if each.chosen is None:
        yield f"No threshold promises {each.wanted:g} right answers, so it abstains from everything."
        return
    yield (
        f"It answers from a probability of {each.chosen.threshold:.4f} on, which promises {each.wanted:g} right "
        f"answers (wrong in at most {each.chosen.risk:.0%} of such choices). On the test data it answers "
        f"{_rate(each.coverage.value, each.coverage.interval)} of the rows"
        + (f"; {_rate(each.accuracy.value, each.accuracy.interval)} of these are right." if each.accuracy else ".")
    )


def _forgetting(found: ModelEvaluation) -> Iterator[str]:
    each = found.forgetting
    if each.verdict == "nothing trained":
        yield f"Nothing can be forgotten, since {cell(each.why)}."
    elif each.verdict == "not measured":
        yield f"<!-- Not known: what was forgotten, since {each.why.replace('--', '- -')}. -->"
    else:
        yield (
            f"{each.verdict.capitalize()}: {each.measure} {each.before:.3g} before the training and {each.after:.3g} "
            f"after it, on {each.items} items that have nothing to do with the data."
        )
        if each.difference:
            interval = interval_text(each.difference.interval, signed=True)
            yield f"The difference is {each.difference.difference:+.3f} ({interval})."
        if each.rise is not None and each.rise_interval:
            yield f"That is {each.rise:.2f} times as much ({interval_text(each.rise_interval)})."


def _samples(found: ModelEvaluation) -> Iterator[str]:
    for each in found.samples:
        yield f"- asked: {cell(each.prompt)}"
        yield f"  - wanted: {cell(each.wanted)}"
        yield f"  - written: {cell(each.written)}"


def _rate(value: float | None, interval: Interval) -> str:
    return "" if value is None else f"{value:.3f} ({interval_text(interval)})"
