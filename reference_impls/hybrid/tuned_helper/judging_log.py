"""How well a helper finds and mends the faults of a log, kind by kind, beside a plain rule."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...evaluation.metrics import normalise_answer
from ...evaluation.rates import wilson_interval
from ...rag.groundedness import numbers_of
from ..evaluation import Table
from .facts import tokens_of
from .log import Said
from .mending import Helper

NONE = "no fault"


@dataclass(frozen=True)
class Judged:
    """What became of one line of the log.

    Attributes:
        said: The line.
        went_out: What goes out; empty where it is kept back.
        outcome: `kept`, `repaired` or `withheld`.
        right: Whether what goes out says what was wanted.
        rule: Whether a plain rule objects: a number in digits that no passage holds.
    """

    said: Said
    went_out: str
    outcome: str
    right: bool
    rule: bool


def judge_log(
    log: Sequence[Said], helper: Helper, evidence: Callable[[Said], Mapping[int, str]], advance: Callable[[int], object]
) -> list[Judged]:
    """Mends every line of a log.

    Args:
        log: What was said.
        helper: What mends.
        evidence: The passages of a line, by number.
        advance: Hears how many more lines are done.
    """
    found = []
    for said in log:
        passages = evidence(said)
        text, mended = helper.mend(said.said, passages)
        outcomes = {each.outcome for each in mended}
        outcome = "withheld" if "withheld" in outcomes else "repaired" if "repaired" in outcomes else "kept"
        held = numbers_of("\n".join(passages.values()))
        right = (outcome == "kept" and not said.fault) or same(text, said.wanted)
        found.append(Judged(said, text, outcome, right, not numbers_of(said.said) <= held))
        advance(1)
    return found


def same(text: str, wanted: str) -> bool:
    """Whether two texts say the same but for case, punctuation, articles and the way that numbers are written."""
    return normalise_answer(" ".join(tokens_of(text))) == normalise_answer(" ".join(tokens_of(wanted)))


def table_of(judged: Sequence[Judged]) -> Table:
    """Kind by kind: how many, objected to, repaired rightly, repaired wrongly, kept back, and gone out unchanged."""
    kinds = sorted({each.said.fault for each in judged}, key=lambda kind: (not kind, kind))
    rows = []
    for kind in kinds:
        of_kind = [each for each in judged if each.said.fault == kind]
        repaired = [each for each in of_kind if each.outcome == "repaired"]
        rows.append(
            (
                kind or NONE,
                len(of_kind),
                sum(each.outcome != "kept" for each in of_kind),
                sum(each.right for each in repaired),
                sum(not each.right for each in repaired),
                sum(each.outcome == "withheld" for each in of_kind),
                sum(each.outcome == "kept" for each in of_kind),
                sum(each.rule for each in of_kind),
            )
        )
    columns = ("fault", "lines", "found", "mended rightly", "mended wrongly", "kept back", "stays", "plain rule finds")
    return Table(title="What the log holds, and what becomes of it", columns=columns, rows=tuple(rows))


def figures_of(judged: Sequence[Judged]) -> dict[str, float]:
    """Precision and recall of helper and plain rule, with the bounds of their 95 % intervals, and what goes out."""
    found = {
        **_rates("helper", [(each.outcome != "kept", bool(each.said.fault)) for each in judged]),
        **_rates("plain_rule", [(each.rule, bool(each.said.fault)) for each in judged]),
    }
    total = len(judged)
    return {
        **found,
        "right_before": sum(not each.said.fault for each in judged) / total,
        "right_after": sum(each.right for each in judged) / total,
        "wrong_after": sum(bool(each.went_out) and not each.right for each in judged) / total,
        "kept_back": sum(each.outcome == "withheld" for each in judged) / total,
    }


def _rates(name: str, pairs: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    caught = sum(objected and fault for objected, fault in pairs)
    found: dict[str, float] = {}
    for rate, total in (
        ("precision", sum(objected for objected, _ in pairs)),
        ("recall", sum(fault for _, fault in pairs)),
    ):
        if total:
            low, high = wilson_interval(caught, total)
            found |= {f"{name}_{rate}": caught / total, f"{name}_{rate}_low": low, f"{name}_{rate}_high": high}
    return found
