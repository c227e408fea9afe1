"""Shows an evaluation as plain text, at most 80 columns wide."""

from collections.abc import Iterator, Sequence

from ...evaluation.bootstrap import Interval
from ...evaluation.classification import ClassScore
from ...evaluation.paired import Difference
from ...evaluation.regression import regression_in_words
from ..ladder.scoring import SHOWN, digits
from .beside import shortened
from .figures import interval_text, number, p_text, rows_for_questions, sentence, share, wrapped
from .held_out import unchecked
from .model_evaluation import Beside, Cases, ChangedRow, Floor, Measure, ModelEvaluation

_NAME = 26
_CLASSES = 30
_CONFUSIONS = 8
_ROWS = 5


def evaluation_table(found: ModelEvaluation) -> str:
    """All that was found, the most important first; long lists are cut, and stand whole in the file."""
    blocks = [
        _head(found),
        _floors(found),
        _against(found),
        _cases(found.cases) if found.cases else iter(()),
        _classes(found),
        _confusions(found),
        _probabilities(found),
        _abstaining(found),
        _forgetting(found),
        _samples(found),
        _notes(found),
    ]
    return "\n\n".join("\n".join(lines) for block in blocks if (lines := list(block)))


def _head(found: ModelEvaluation) -> Iterator[str]:
    yield from wrapped(
        f"{found.version} ({found.rung}) on {found.rows:,} test rows of {found.data_name}, trained on "
        f"{found.trained_on:,} others"
    )
    if found.looks > 1:
        yield from wrapped(
            f"These test rows have judged {found.looks} versions by now: choosing among many by them flatters the "
            "chosen one."
        )
    yield f"{'measure':<{_NAME}}{'value':>9}{'95 % interval':>18}"
    for measure in found.measures:
        decides = measure.name == SHOWN[found.metric]
        places = digits(found.metric, measure.value) if decides else 3
        value, interval = number(measure.value, places), interval_text(measure.interval, places=places)
        yield f"{measure.name:<{_NAME}}{value:>9}{interval:>18}{'  decides' if decides else ''}"


def _floors(found: ModelEvaluation) -> Iterator[str]:
    if not found.floors:
        return
    yield f"{'on the same rows, minus':<{_NAME}}{'difference':>10}{'95 % interval':>22}{'p':>6}  verdict"
    for floor in found.floors:
        places = digits(found.metric, floor.difference.difference)
        yield _difference(f"{floor.rung} ({floor.score:.{places}f})", floor.difference, places)
    for floor in found.floors:
        if floor.difference.verdict != "better":
            yield from wrapped(_no_gain(floor))


def _no_gain(floor: Floor) -> str:
    return f"No gain over {floor.rung} is shown. {sentence(floor.difference, floor.rung)}"


def _against(found: ModelEvaluation) -> Iterator[str]:
    against = found.against
    if against is None:
        return
    told = regression_in_words(
        against.regression, f"{against.version}{', in service now' if against.in_service else ''}"
    )
    yield from wrapped(rows_for_questions(told).replace("items", "rows"))
    yield from wrapped(_compared_by(against, found.rows))
    yield from _rows("newly wrong", against.newly_wrong)
    yield from _rows("newly right", against.newly_right)


def _compared_by(against: Beside, rows: int) -> str:
    if against.same_data:
        return ""
    if against.seen_known:
        left = f"; {against.left_out} of {rows} test rows taught it and were left out" if against.left_out else ""
        lost = f" {unchecked(against.version, against.vanished)}." if against.vanished else ""
        return f"{against.version} was made of other data{left}.{lost}"
    return (
        f"{against.version} was made of other data, and nobody knows which test rows taught it: that flatters it, "
        "and its lead may not be real."
    )


def _cases(cases: Cases) -> Iterator[str]:
    yield from wrapped(
        f"Rows that must stay right ({cases.file}): {cases.right} of {cases.rows} are right, {len(cases.broken)} broke"
    )
    yield from _rows("broken", cases.broken)
    yield from _rows("wrong", cases.still_wrong)


def _rows(name: str, rows: Sequence[ChangedRow]) -> Iterator[str]:
    for row in rows[:_ROWS]:
        yield from wrapped(f"{name} {row.id}: {shortened(row.text, 60)!r}", 2)
        before = f"before {row.before}; " if row.before else ""
        yield from wrapped(f"wanted {row.expected}; {before}now {row.now}", 6)
    if len(rows) > _ROWS:
        yield f"  and {len(rows) - _ROWS} more {name}"


def _classes(found: ModelEvaluation) -> Iterator[str]:
    rows: list[tuple[str, int, float | None, float | None, float, Interval]]
    if found.classes:
        rows = [
            (_named(each), each.support, each.precision, each.recall, each.f1, each.f1_interval)
            for each in found.classes.classes
        ]
    elif found.spans:
        rows = [
            (each.label, each.spans, each.precision, each.recall, each.f1, each.f1_interval)
            for each in found.spans.labels
        ]
    else:
        return
    counted = "rows" if found.classes else "spans"
    yield f"{'label':<{_NAME}}{counted:>6}{'precision':>11}{'recall':>8}{'F1':>7}{'95 % interval':>15}"
    # Where not all fit, the weakest are the ones to look at.
    shown = rows if len(rows) <= _CLASSES else sorted(rows, key=lambda row: (row[4], row[0]))[:_CLASSES]
    for label, support, precision, recall, f1, interval in shown:
        yield (
            f"{shortened(label, _NAME - 1):<{_NAME}}{support:>6}{share(precision):>11}{share(recall):>8}{f1:>7.3f}"
            f"{interval_text(interval):>15}"
        )
    if len(rows) > len(shown):
        yield f"  and {len(rows) - len(shown)} labels with a higher F1"


def _named(each: ClassScore) -> str:
    return each.label if each.known else f"{each.label} (unknown to it)"


def _confusions(found: ModelEvaluation) -> Iterator[str]:
    if not found.classes or not found.classes.confusions:
        return
    yield "taken for another label, most frequent first"
    for each in found.classes.confusions[:_CONFUSIONS]:
        yield from wrapped(f"{each.count:>4} x {each.true} as {each.predicted} ({each.share:.0%} of its rows)", 0, 7)


def _probabilities(found: ModelEvaluation) -> Iterator[str]:
    scores = found.probabilities
    if scores is None:
        return
    yield f"{'probabilities':<{_NAME}}{'ECE':>9}{'95 % interval':>18}{'NLL':>8}{'Brier':>8}"
    for name, each in (("as the model gives them", scores.before), (_at(scores.temperature), scores.after)):
        interval = interval_text(each.error_interval)
        yield f"{name:<{_NAME}}{each.error:>9.3f}{interval:>18}{each.nll:>8.3f}{each.brier:>8.3f}"
    after = scores.after
    honest = "no sign that they are not honest" if after.error <= after.chance_error else "not quite honest"
    yield from wrapped(
        f"Honest probabilities would show an ECE up to {after.chance_error:.3f} on so many rows: {honest}. The "
        f"temperature was chosen by {scores.rests_on}."
    )


def _at(temperature: float) -> str:
    return f"at temperature {temperature:.2f}"


def _abstaining(found: ModelEvaluation) -> Iterator[str]:
    each = found.abstaining
    if each is None:
        return
    if each.chosen is None:
        yield from wrapped(
            f"No threshold reaches {each.wanted:g} right answers (fine_tuning.abstain_accuracy): the validation "
            "examples are too few to promise it, or the model too weak. It abstains from everything until another "
            "accuracy is set."
        )
        return
    yield from wrapped(
        f"Answering from a probability of {each.chosen.threshold:.3f} on promises {each.wanted:g} right answers. On "
        f"the test data {_told(each.coverage)} of the rows are answered, and "
        + (f"{_told(each.accuracy)} of these are right." if each.accuracy else "so none can be right.")
    )


def _told(measure: Measure) -> str:
    return f"{measure.value:.3f} ({interval_text(measure.interval)})"


def _forgetting(found: ModelEvaluation) -> Iterator[str]:
    each = found.forgetting
    if each.verdict == "nothing trained":
        yield from wrapped(f"General skills: nothing can be forgotten, since {each.why}.")
        return
    if each.verdict == "not measured":
        yield from wrapped(f"General skills: not measured, since {each.why}.")
        return
    told = f"General skills: {each.verdict}. {each.measure[:1].upper()}{each.measure[1:]} ({each.items} items): "
    told += f"{each.before:.3g} before the training, {each.after:.3g} after it"
    if each.difference:
        told += (
            f" (difference {each.difference.difference:+.3f}, {interval_text(each.difference.interval, signed=True)})"
        )
    if each.rise is not None and each.rise_interval:
        told += f" ({each.rise:.2f} times as much, {interval_text(each.rise_interval)})"
    yield from wrapped(told + ".")


def _samples(found: ModelEvaluation) -> Iterator[str]:
    for sample in found.samples:
        yield from wrapped(f"asked: {shortened(sample.prompt, 200)}", 0, 9)
        yield from wrapped(f"wanted: {shortened(sample.wanted, 200)}", 2, 9)
        yield from wrapped(f"written: {shortened(sample.written, 200)}", 2, 9)


def _notes(found: ModelEvaluation) -> Iterator[str]:
    for overruled in found.despite:
        yield from wrapped(f"note: trained despite {overruled}", 0, 6)
    for note in found.notes:
        yield from wrapped(f"note: {note}", 0, 6)


def _difference(name: str, found: Difference, places: int) -> str:
    interval, start = interval_text(found.interval, signed=True, places=places), shortened(name, _NAME - 1)
    return f"{start:<{_NAME}}{found.difference:>+10.{places}f}{interval:>22}{p_text(found.p):>6}  {found.verdict}"
