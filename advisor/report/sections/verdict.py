"""The verdict: what to do, why in one sentence, how sure, and where the others stand."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.report.blocks import Bar, Bars, Block, Callout, Headline, Meter, Section
from advisor.report.weighing import bearing_reason
from advisor.report.wording import ApproachNames, figure, fixed, percent, sentence

__all__ = ["build"]

_MEANS = {
    "high": "What is still unknown hardly touches it.",
    "medium": "It is the likely answer; what is still unknown could turn it.",
    "low": "Take it as a direction, and answer the open questions before you build.",
}


def build(dossier: Dossier, brief: bool = False) -> Section:
    """Always says something, also without a verdict."""
    advice = dossier.recommendation
    names = ApproachNames(advice)
    blocks: list[Block] = [Headline(text=advice.headline, why=_why(advice, names))]
    if advice.approach is None:
        blocks.append(_way_out(advice))
    else:
        blocks.append(_confidence(advice, brief))
    if advice.ranking:
        blocks.append(_ranking(advice, brief))
    if not brief and any(share.approach != advice.approach for share in advice.shares):
        blocks.append(_shares(advice, names))
    return Section(
        id="verdict", title="Recommendation" if advice.approach else "No recommendation yet", blocks=tuple(blocks)
    )


def _why(advice: Recommendation, names: ApproachNames) -> str:
    if advice.approach is None:
        leading = next((share for share in advice.shares if share.approach is not None), None)
        if advice.undecided == "everything_vetoed" or leading is None:
            return ""
        return (
            f"{names.title(leading.approach)} leads so far, but only in {percent(leading.share)} of the ways to fill "
            "in what is unknown."
        )
    reason = bearing_reason(advice)
    return sentence(reason.says) if reason else ""


def _way_out(advice: Recommendation) -> Callout:
    if advice.undecided == "everything_vetoed":
        return Callout(
            title="Give up one constraint",
            text="Under “What is ruled out” stand the constraints, the one that costs least to give up first.",
            tone="alarm",
        )
    return Callout(
        title="Answer a little more",
        text="Under “Find out first” stand the open questions, the one that settles most first.",
        tone="alarm",
    )


def _confidence(advice: Recommendation, brief: bool) -> Meter:
    confidence = advice.confidence
    return Meter(
        label="Confidence",
        value=confidence.score,
        reading=f"{confidence.level}, {figure(confidence.score)}",
        says="" if brief else f"{_MEANS[confidence.level]} {sentence(confidence.says)}",
    )


def _ranking(advice: Recommendation, brief: bool) -> Bars:
    bars = tuple(
        Bar(label=rank.title, value=rank.score, shown=fixed(rank.score, 1), mark="ruled out" if rank.vetoed else "")
        for rank in advice.ranking
    )
    return Bars(caption="" if brief else "Points of the five approaches", bars=bars)


def _shares(advice: Recommendation, names: ApproachNames) -> Bars:
    bars = tuple(
        Bar(label=names.title(share.approach), value=share.share, shown=percent(share.share)) for share in advice.shares
    )
    return Bars(caption="How often each is the verdict when what is unknown is filled in", bars=bars, whole=1.0)
