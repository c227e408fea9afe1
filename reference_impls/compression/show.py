"""Shows what making a model smaller has given and cost, as plain text of at most 80 columns."""

import textwrap
from collections.abc import Sequence

from ..evaluation.paired import Difference
from ..project_base.terminal import printable
from .results import Compressed, Form, Within

_WIDTH = 80
_MEGA = 1e6
_ALLOWED: dict[Within, str] = {"within": "yes", "beyond": "no", "cannot tell": "perhaps"}


def table(result: Compressed) -> str:
    """How right, how large and how quick each form is."""
    blocks = [_quality(result), _speed(result)]
    notes = [*_refused(result), *_in_words(result), *result.told]
    if notes:
        blocks.append([line for note in notes for line in textwrap.wrap(printable(note), _WIDTH)])
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _quality(result: Compressed) -> list[str]:
    head = f"{'form':<13}{'MB':>7}{'weights':>8}{result.measure:>11}{'macro-F1':>10}"
    lines = [head + f"{'difference, 95 % interval':>31}"]
    for form in _usable(result):
        lines.append(
            f"{form.name:<13}{_scaled(form.bytes, 1):>7}{_scaled(form.parameters, 2, 'M'):>8}"
            f"{_figure(form.score):>11}{_figure(form.macro_f1):>10}{_change(form.differences):>31}"
        )
    return [*lines, f"measured on {result.examples:,} held-out examples"]


def _speed(result: Compressed) -> list[str]:
    lines = [f"{'form':<13}{'one text, ms: p50':>19}{'p95':>8}{'times':>8}{'in batches, texts/s':>22}{'times':>8}"]
    for form in _usable(result):
        if form.speed is not None:
            speed = form.speed
            lines.append(
                f"{form.name:<13}{speed.one_ms_p50:>19.2f}{speed.one_ms_p95:>8.2f}{speed.one_times:>8.2f}"
                f"{speed.texts_a_second:>22.0f}{speed.many_times:>8.2f}"
            )
    threads = f"{result.threads} thread" + ("s" if result.threads > 1 else "")
    return [*lines, f"in turn within one run: {printable(result.processor)}, {threads}"]


def _in_words(result: Compressed) -> list[str]:
    first = result.forms[0].name
    told = []
    for form in _usable(result)[1:]:
        if form.within is None or form.agreement is None:
            continue
        allowed = {
            "within": f"a loss of more than {result.most_loss:g} is ruled out",
            "beyond": f"that is more than the {result.most_loss:g} that compression.most_loss allows",
            "cannot tell": f"{result.examples:,} examples cannot rule out a loss of more than {result.most_loss:g}",
        }[form.within]
        told.append(f"{form.name}: {form.agreement.same:.1%} of the answers are those of {first}; {allowed}.")
    if result.removed:
        told.append(f"Removed: {result.removed}.")
    if result.chosen:
        told.append(f"Kept: {result.chosen}.")
    return told


def _refused(result: Compressed) -> list[str]:
    return [f"{form.name} cannot be had: {form.unusable}." for form in result.forms if form.unusable]


def _usable(result: Compressed) -> list[Form]:
    return [form for form in result.forms if not form.unusable]


def _change(differences: Sequence[Difference]) -> str:
    if not differences:
        return "-"
    low, high = differences[0].interval
    return f"{differences[0].difference:+.4f}  {low:+.4f} to {high:+.4f}"


def _scaled(figure: int | None, digits: int, unit: str = "") -> str:
    return "-" if figure is None else f"{figure / _MEGA:.{digits}f}{unit}"


def _figure(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.4f}"
