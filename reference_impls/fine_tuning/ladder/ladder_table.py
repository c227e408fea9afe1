"""Shows a climb as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from ...evaluation.paired import Difference
from ...labelled_data.report_table import suspect_lines
from ...project_base.rooms import command_line
from .durations import duration
from .ladder import Ladder, Step
from .results import Metric, RungResult
from .scoring import SHOWN, digits

_WIDTH = 80
_LEAST_P = 0.0005


def ladder_table(ladder: Ladder) -> str:
    """Scores of all rungs, what each adds to the one before, which is kept and why, and which labels it doubts."""
    blocks = [list(_scores(ladder)), list(_differences(ladder)), list(_verdict(ladder)), list(_left(ladder.steps))]
    blocks.append(list(_doubts(ladder)))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def result_table(result: RungResult) -> str:
    """One rung: its score with the interval, what it was judged by, and what it took."""
    low, high = result.interval
    places = digits(result.metric, result.score)
    lines = [
        f"{result.rung}: {SHOWN[result.metric]} {result.score:.{places}f}, 95 % interval {low:.{places}f}-"
        f"{high:.{places}f}",
        *_wrapped(_judged_by(len(result.outcomes), result.folds, result.trained_on)),
    ]
    took = f"took {duration(result.seconds)}"
    if result.estimated_seconds is not None:
        took += f", estimated were at most {duration(result.estimated_seconds)}"
    if result.epochs is not None:
        took += f"; validation was best after {result.epochs:.3g} {'pass' if result.epochs == 1 else 'passes'}"
    lines += _wrapped(took)
    for sample in result.samples:
        lines += ["", *_sample("asked", sample.prompt), *_sample("wanted", sample.wanted)]
        lines += _sample("written", sample.written)
    return "\n".join(lines)


def kept_line(version: str) -> str:
    """Says which version a model has become."""
    return f"It is version {version}, and not in service before it is promoted."


def next_steps(version: str) -> list[str]:
    """What to do after a model was kept."""
    return [f"next: {command_line(f'evaluate {version}')}   (the test data, once)"]


def _scores(ladder: Ladder) -> Iterator[str]:
    yield f"{'rung':<13}{SHOWN[ladder.metric]:>10}{'95 % interval':>16}{'trained':>12}{'time':>9}  outcome"
    for step in ladder.steps:
        if step.score is None or step.interval is None:
            yield f"{step.rung:<13}{'-':>10}{'-':>16}{'-':>12}{'-':>9}  {step.outcome}"
            continue
        low, high = step.interval
        places = digits(ladder.metric, step.score)
        time = duration(step.seconds) if step.seconds is not None else "-"
        yield (
            f"{step.rung:<13}{step.score:>10.{places}f}{f'{low:.{places}f}-{high:.{places}f}':>16}"
            f"{_count(step.trained_parameters):>12}{time:>9}  {step.outcome}"
        )
    yield from _wrapped(_judged_by(ladder.judged, ladder.folds, ladder.trained_on))


def _differences(ladder: Ladder) -> Iterator[str]:
    compared = [(step, step.difference) for step in ladder.steps if step.difference is not None]
    if not compared:
        return
    exact = any(found.p is not None for _, found in compared)
    yield f"{'on the same examples':<26}{'difference':>10}{'95 % interval':>22}{'p' if exact else '':>6}  verdict"
    for step, found in compared:
        low, high = found.interval
        places = digits(ladder.metric, found.difference)
        name, interval = f"{step.rung} minus {step.against}", f"{low:+.{places}f} to {high:+.{places}f}"
        yield f"{name:<26}{found.difference:>+10.{places}f}{interval:>22}{_p(found.p):>6}  {found.verdict}"
    if len(compared) > 1:
        yield from _wrapped(
            f"Each of these {len(compared)} intervals holds in 95 of 100 cases by itself; they are not corrected for "
            "their number, so that among equally good rungs some ladders name a winner by chance."
        )


def _verdict(ladder: Ladder) -> Iterator[str]:
    yield from _wrapped(" ".join([f"Kept: {ladder.kept}.", *_reason(ladder)]))
    for overruled in ladder.despite:
        yield from _wrapped(f"Trained despite {overruled}")


def _reason(ladder: Ladder) -> Iterator[str]:
    kept = next(step for step in ladder.steps if step.rung == ladder.kept)
    if kept.difference is not None:
        yield f"Better than {kept.against} ({_seen(kept.difference, ladder.metric)})."
    after = ladder.steps[ladder.steps.index(kept) + 1 :]
    dearer = [(step.rung, step.difference) for step in after if step.difference is not None]
    for rung, found in dearer:
        told = f"{rung} costs more and is not shown to be better ({_seen(found, ladder.metric)})."
        if found.questions_needed:
            told += f" To tell such a difference takes about {found.questions_needed:,} validation examples."
        yield told
    if kept.difference is None and not dearer:
        yield "No other rung was tried."


def _seen(found: Difference, metric: Metric) -> str:
    low, high = found.interval
    places = digits(metric, found.difference)
    return f"{found.measure} {found.difference:+.{places}f}, 95 % interval {low:+.{places}f} to {high:+.{places}f}"


def _left(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if step.outcome in {"left out", "failed"}:
            yield from _wrapped(f"{step.outcome}: {step.rung} ({step.why})")


def _doubts(ladder: Ladder) -> Iterator[str]:
    if not ladder.suspects:
        return
    what = "1 label is" if ladder.suspected == 1 else f"{ladder.suspected:,} labels are"
    yield from _wrapped(
        f"{what} likely wrong, as {ladder.kept} sees rows that it was not trained on. It is wrong itself at times; "
        "look at these, the likeliest first (ladder.json has more):"
    )
    yield from suspect_lines(ladder.suspects)


def _judged_by(judged: int, folds: int, trained_on: int) -> str:
    if folds > 1:
        return (
            f"Judged by {judged:,} examples of training and validation in {folds} folds: each by a model trained on "
            f"about {trained_on:,} others, which came before it where the rows are split in order. The test data was "
            "not looked at."
        )
    return (
        f"Judged by {judged:,} validation examples, trained on {trained_on:,} others. The test data was not looked at."
    )


def _sample(name: str, text: str) -> list[str]:
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, _WIDTH - 9)] or ["(nothing)"]
    return [f"{name + ':' if number == 0 else '':<9}{line}" for number, line in enumerate(lines)]


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return "<.001" if value < _LEAST_P else f"{value:.3f}"


def _count(numbers: float | None) -> str:
    if numbers is None:
        return "-"
    return (
        f"{numbers / 1e6:.1f} mio"
        if numbers >= 1e6
        else f"{numbers / 1e3:.0f} k"
        if numbers >= 1e4
        else f"{numbers:.0f}"
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)
