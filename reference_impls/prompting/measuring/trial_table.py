"""A result for a terminal."""

from ...evaluation.bootstrap import Interval
from ...project_base.terminal import printable
from ..asking.stand_in import NOTE
from .trial import MergedField, Trial

_MANY_VERSIONS = 3
_FEW_TIMES = 20
"""Below so many times not one of them lies beyond the 95th percentile."""
_SHOWN = 60
_MOST_FAILURES = 5
_MOST_MERGED = 12
_MOST_LEFT_OUT = 5


def trial_table(trial: Trial) -> str:
    """Quality with its interval, latency, tokens and cost, what failed, and what to bear in mind."""
    lines = [
        f"{trial.label} (sha256 {trial.prompt.sha256[:12]}), {trial.method}, {trial.model}",
        *_quality(trial),
        *_effort(trial),
        *_reduced(trial),
        *_failures(trial),
        *(f"note: {note}" for note in notes(trial)),
    ]
    return printable("\n".join(lines))


def share_in_words(share: float, interval: Interval | None) -> str:
    """A share with its interval."""
    told = f", 95 % interval {interval[0]:.3f} to {interval[1]:.3f}" if interval else ""
    return f"{share:.3f}{told}"


def _quality(trial: Trial) -> list[str]:
    found = trial.quality
    if found.share is None:
        lines = [f"quality    {found.items} outputs for a person to judge"]
    else:
        told = share_in_words(found.share, found.interval)
        lines = [f"quality    {found.right} of {found.items} right by {found.measure}: {told}; target {trial.target:g}"]
    if found.field_f1 is not None:
        lines.append(f"           F1 of the fields {share_in_words(found.field_f1, found.field_f1_interval)}")
    if found.valid_first < found.items or found.repaired:
        lines.append(
            f"           as declared at once {found.valid_first}, after one repair {found.valid}; asked once more "
            f"{found.repaired}, refused {found.refused}"
        )
    return lines


def _effort(trial: Trial) -> list[str]:
    found = trial.effort
    lines = [f"latency    p50 {found.ms_p50:,.0f} ms, p95 {found.ms_p95:,.0f} ms (the whole output, without streaming)"]
    timed = sum(not row.refused for row in trial.rows)
    if timed < _FEW_TIMES:
        lines.append(f"           of {timed} answers: with fewer than {_FEW_TIMES}, p95 says little beyond the slowest")
    if found.retried:
        lines.append(f"           {found.retried} items needed further attempts, {found.waited_s:.1f} s in all")
    parts = [f"instruction about {found.instruction_tokens:,}", f"input about {found.input_tokens:,}"]
    if found.example_tokens:
        parts.insert(1, f"{trial.shots} examples about {found.example_tokens:,}")
    if found.corpus_tokens:
        about = "" if found.corpus_counted else "about "
        parts.append(f"documents {about}{found.corpus_tokens:,}")
    lines.append(f"tokens     {', '.join(parts)}")
    if found.read is not None and found.written is not None:
        cached = "unknown" if found.cached is None else f"{found.cached:,.0f}"
        lines.append(
            f"           counted: {found.read:,.0f} read (from the cache {cached}), {found.written:,.0f} written"
        )
    if found.cost_per_item is not None and found.cost is not None:
        lines.append(
            f"cost       {found.cost_per_item:.6f} {found.currency} an item, {found.cost:.4f} for this trial, of which "
            f"{found.reused} of {found.fresh + found.reused} requests were paid for before"
        )
    elif not trial.stand_in:
        lines.append(f"calls      {found.fresh} sent, {found.reused} answered from the journal")
    return lines


def _reduced(trial: Trial) -> list[str]:
    found = trial.reduced
    if found is None:
        return []
    lines = [
        f"documents  {found.documents} read, {len(found.failed)} without a valid answer, {found.unsupported} values "
        "left out, since their quote does not stand in the document"
    ]
    off = [each for each in found.merged if each.read != each.wanted]
    lines.append(f"merged     {len(found.merged) - len(off)} of {len(found.merged)} figures as people found them")
    lines += [f"           {_merged(each)}" for each in off[:_MOST_MERGED]]
    lines += ["result", *(f"  {line}" for line in found.text.splitlines())]
    if found.unknown_figures:
        lines.append(f"warning: figures that do not stand in the table: {', '.join(found.unknown_figures)}")
    return lines


def _merged(each: MergedField) -> str:
    return f"{each.field}, {each.value}: read {each.read:g}, wanted {each.wanted:g}"


def _failures(trial: Trial) -> list[str]:
    failed = [row for row in trial.rows if row.right is False]
    lines = [f"failures   {len(failed)}; sort them with `review`"] if failed else []
    for row in failed[:_MOST_FAILURES]:
        why = row.refused or "; ".join(row.problems) or ", ".join(row.wrong_fields)
        lines.append(
            f"  {row.id}: {_short(row.input)}\n      wanted {_short(row.wanted)}\n      got    {_short(row.output)}"
            + (f"\n      {_short(why)}" if why else "")
        )
    return lines


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."


def notes(trial: Trial) -> list[str]:
    """What whoever reads the figures must know."""
    found = [NOTE] if trial.stand_in else []
    if trial.versions_tried >= _MANY_VERSIONS:
        found.append(
            f"{trial.versions_tried} versions of prompts were tried on these items: the best of several looks better "
            "than it is. Keep 20 other items for the end"
        )
    if trial.effort.asked_again:
        found.append(
            f"{trial.effort.asked_again} requests were on their way when a run was killed, and were sent again: they "
            "may have been billed twice"
        )
    if trial.suspicious:
        found.append(f"documents that address a language model: {', '.join(trial.suspicious[:_MOST_LEFT_OUT])}")
    if trial.left_out:
        more = f" and {len(trial.left_out) - _MOST_LEFT_OUT} more" if len(trial.left_out) > _MOST_LEFT_OUT else ""
        found.append(f"not sent: {'; '.join(trial.left_out[:_MOST_LEFT_OUT])}{more}")
    return found
