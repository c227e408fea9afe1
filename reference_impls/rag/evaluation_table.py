"""Shows an evaluation as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Sequence

from ..evaluation.bootstrap import Interval
from ..evaluation.paired import MARGIN, Difference, Verdict, in_words
from .results import Comparison, Evaluation, RetrievalScores

_WIDTH = 80
_IDS_SHOWN = 8
_MODES = {"lexical": "BM25 only", "dense": "dense only", "fused": "fused", "random": "random order"}
_HEADLINE = "nDCG@10"
_TOLD: dict[Verdict, str] = {
    "worse": "Worse",
    "better": "Better",
    "not worse": f"Not worse by more than {MARGIN:g}",
    "cannot tell": "Cannot tell (in brackets: about how many questions could)",
}


def table(result: Evaluation) -> str:
    """All that was measured: retrieval, its difference to BM25 alone, answers, and the comparison with a former run."""
    blocks = [_retrieval(result)]
    if result.beside_bm25:
        blocks.append(_beside_bm25(result))
    blocks.append(_answers(result))
    if result.against is not None:
        blocks.append(_against(result.against))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _retrieval(result: Evaluation) -> list[str]:
    lines = [f"{'retrieval by ' + result.unit:<24}{'hit@1':>14}{'hit@5':>14}{'MRR':>14}{'nDCG@10':>14}"]
    for number, row in enumerate(result.retrieval):
        name = _named(row.mode) + (" (as set)" if number == 0 and row.mode in _MODES else "")
        figures = (row.hit_at_1, row.hit_at_5, row.mrr, row.ndcg_at_10)
        lines.append(f"{name:<24}" + "".join(f"{_cell(figure):>14}" for figure in figures))
        if any(_intervals(row)):
            lines.append(f"{'  95 % interval':<24}" + "".join(f"{_range(each):>14}" for each in _intervals(row)))
    lines.append(f"{'questions judged':<24}{result.judged} of {result.questions} questions name an indexed document")
    return lines


def _named(mode: str) -> str:
    _, *steps = mode.split("+")
    return f"as set (+{'+'.join(steps)})" if steps else _MODES[mode]


def _intervals(row: RetrievalScores) -> tuple[Interval | None, ...]:
    return row.hit_at_1_interval, row.hit_at_5_interval, row.mrr_interval, row.ndcg_at_10_interval


def _beside_bm25(result: Evaluation) -> list[str]:
    mode = _MODES.get(result.retrieval[0].mode, "as set")
    headline = next(each for each in result.beside_bm25 if each.measure == _HEADLINE)
    sentence = in_words(headline, "BM25 alone")
    return [*_differences(f"{mode} minus BM25", result.beside_bm25), *textwrap.wrap(sentence, _WIDTH)]


def _answers(result: Evaluation) -> list[str]:
    if result.retrieval_ms_p50 is None:
        return []
    shares = [
        ("answer containment", result.containment, result.containment_questions, result.containment_interval),
        ("groundedness", result.groundedness, result.answers, result.groundedness_interval),
        (
            "refused, unanswerable",
            result.refused_unanswerable,
            result.unanswerable,
            result.refused_unanswerable_interval,
        ),
        ("refused, answerable", result.refused_answerable, result.answerable, result.refused_answerable_interval),
    ]
    notes = {"groundedness": f"{result.supported:,} of {result.sentences:,} sentences"}
    lines = [f"{'answers':<24}{'share':>8}{'of':>6}{'95 % interval':>15}"]
    for name, share, count, interval in shares:
        line = f"{name:<24}{_cell(share):>8}{count:>6}{_range(interval):>15}  {notes.get(name, '')}"
        lines.append(line.rstrip())
    return [
        *lines,
        f"{'retrieval, ms':<24}p50 {result.retrieval_ms_p50:.1f}   p95 {result.retrieval_ms_p95:.1f}",
        f"{'whole answer, ms':<24}p50 {result.total_ms_p50:.1f}   p95 {result.total_ms_p95:.1f}",
    ]


def _against(found: Comparison) -> list[str]:
    lines = _differences("now minus then", found.differences)
    lines += textwrap.wrap(comparison_in_words(found), _WIDTH)
    for title, ids in (("wrong now, right then", found.wrong_now), ("right now, wrong then", found.right_now)):
        if ids:
            more = f" and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
            told = f"{title}: {', '.join(ids[:_IDS_SHOWN])}{more}"
            lines += textwrap.wrap(told, _WIDTH, subsequent_indent="  ")
    return lines


def comparison_in_words(found: Comparison) -> str:
    """The verdict on a change: what is worse first, since that is what has to be looked at."""
    left_out = f" ({found.left_out} stand in one run alone)" if found.left_out else ""
    parts = [f"On the {found.questions} questions of both runs{left_out}"]
    if not any(each.won or each.lost for each in found.differences):
        return f"{parts[0]} nothing has changed."
    for verdict, told in _TOLD.items():
        names = [
            each.measure + (f" ({each.questions_needed:,})" if each.questions_needed else "")
            for each in found.differences
            if each.verdict == verdict
        ]
        if names:
            parts.append(f"{told}: {', '.join(names)}")
    return ". ".join(parts) + "."


def _differences(title: str, differences: Sequence[Difference]) -> list[str]:
    lines = [f"{title:<24}{'difference':>10}{'95 % interval':>19}{'won':>6}{'lost':>6}  verdict"]
    for each in differences:
        low, high = each.interval
        lines.append(
            f"{each.measure:<24}{each.difference:>+10.3f}{f'{low:+.3f} to {high:+.3f}':>19}"
            f"{each.won:>6}{each.lost:>6}  {each.verdict}"
        )
    return lines


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _range(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval[0]:.3f}-{interval[1]:.3f}"
