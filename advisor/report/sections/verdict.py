"""The verdict: what to do, why in one sentence, how sure, and where the others stand."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.documents.recommendation import Rank
from advisor.report.blocks import Bar, Bars, Block, Callout, Headline, Meter, Section
from advisor.report.weighing import bearing_reason, own_points, stops
from advisor.report.wording import ApproachNames, fixed, percent, sentence, way_in_words

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
    headline, rest = _split(advice.headline)
    blocks: list[Block] = [Headline(text=headline, why=_why(advice) or rest)]
    if advice.approach is None:
        blocks.append(_way_out(advice, names))
    else:
        blocks.append(_confidence(advice, brief))
    if advice.ranking:
        blocks.append(_ranking(advice, brief))
    if not brief and any(share.approach != advice.approach for share in advice.shares):
        blocks.append(_shares(advice, names))
    return Section(
        id="verdict", title="Recommendation" if advice.approach else "No recommendation yet", blocks=tuple(blocks)
    )


def _split(headline: str) -> tuple[str, str]:
    """The first sentence, which is shown large, and the rest."""
    first, stop, rest = headline.partition(". ")
    return (first + stop.rstrip(), rest) if stop else (headline, "")


def _why(advice: Recommendation) -> str:
    reason = bearing_reason(advice) if advice.approach else None
    if reason is None or own_points(reason, advice) > 0 or stops(reason, advice):
        return sentence(reason.says) if reason else ""
    return "No rule speaks for it; it is what your constraints leave open."


def _way_out(advice: Recommendation, names: ApproachNames) -> Callout:
    """What to do when there is no verdict."""
    if advice.undecided == "everything_vetoed":
        way = advice.flips[0] if advice.flips else None
        text = (
            f"{way_in_words(way, advice)}: that brings {names.inside(way.approach)} back."
            if way
            else "No three answers, changed together, bring an approach back: the project asks for too much at once."
        )
        return Callout(title="The constraint to give up first", text=text, tone="alarm")
    leading = next((share for share in advice.shares if share.approach is not None), None)
    text = "Under \N{LEFT DOUBLE QUOTATION MARK}Find out first\N{RIGHT DOUBLE QUOTATION MARK} stand the open questions."
    if leading is not None:
        ways = percent(leading.share)
        often = names.title(leading.approach)
        text = f"Of all ways to fill in what is unknown, {often} comes out most often, and only in {ways} of them."
    return Callout(title="Not settled yet", text=text, tone="alarm")


def _confidence(advice: Recommendation, brief: bool) -> Meter:
    confidence = advice.confidence
    return Meter(
        label="Confidence",
        value=confidence.score,
        reading=f"{confidence.level}, {fixed(confidence.score, 2)}",
        says="" if brief else f"{_MEANS[confidence.level]} {sentence(confidence.says)}",
    )


def _ranking(advice: Recommendation, brief: bool) -> Bars:
    bars = tuple(
        Bar(label=rank.title, value=rank.score, shown=fixed(rank.score, 1), mark=_mark(rank)) for rank in advice.ranking
    )
    return Bars(caption="" if brief else "Points of the five approaches", bars=bars)


def _shares(advice: Recommendation, names: ApproachNames) -> Bars:
    bars = tuple(
        Bar(label=names.title(share.approach), value=share.share, shown=percent(share.share)) for share in advice.shares
    )
    return Bars(caption="How often each is the verdict when what is unknown is filled in", bars=bars, whole=1.0)


def _mark(rank: Rank) -> str:
    if rank.vetoed:
        return "ruled out"
    return "not both needed" if rank.closed else ""
