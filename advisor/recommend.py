"""FACTS + FINDINGS + STABILITY -> RECOMMENDATION: the verdict, with everything that its readers need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from advisor.conditions import State
from advisor.confidence import level_of, why_undecided
from advisor.deciding import Verdict, choose_settings, decide, why_no_project
from advisor.documents import Answers, Facts, Findings, Recommendation, Stability
from advisor.documents.recommendation import (
    ConfidenceIn,
    FirstExperiment,
    Named,
    PatternChoice,
    PlanItem,
    Rank,
    Reason,
    Resolved,
    RiskItem,
    SettingChoice,
    SourceNote,
    StageItem,
    Veto,
)
from advisor.knowledge import Knowledge, Pattern, Rule, SourceRef, Stage
from advisor.notes import note_of
from advisor.states import answered_codes, states_of
from advisor.values import Approach, Outcome, Undecided

__all__ = ["recommend"]


def recommend(
    answers: Answers, facts: Facts, findings: Findings, stability: Stability, knowledge: Knowledge
) -> Recommendation:
    """Puts the verdict together."""
    states = states_of(knowledge, answered_codes(facts))
    holding = {finding.rule for finding in findings.findings if finding.outcome == "true"}
    fired = [rule for rule in knowledge.rules if rule.id in holding]
    verdict = decide(knowledge, states, fired)
    confidence = _confidence(verdict, stability, knowledge)
    known = sum(fact.code is not None and fact.applies for fact in facts.facts)
    points = (line.points for line in findings.contributions if line.approach is verdict.approach)
    undecided = why_undecided(verdict, confidence.score, known, points, knowledge.levels)
    approach = None if undecided else verdict.approach
    pattern = knowledge.patterns[verdict.pattern] if approach and verdict.pattern else None
    return Recommendation.model_validate(
        {
            "approach": approach,
            "undecided": undecided,
            "headline": _headline(approach, undecided, pattern, verdict, stability, knowledge),
            "pattern": pattern.id if pattern else None,
            "chosen": _choice(pattern, states, knowledge) if pattern else None,
            "settings": _settings(pattern, fired, knowledge) if pattern else (),
            "confidence": confidence,
            "ranking": tuple(
                Rank(
                    approach=a,
                    title=knowledge.approaches[a].title,
                    score=round(verdict.scores[a], 2),
                    vetoed=a in verdict.vetoed,
                    closed=a in verdict.closed,
                )
                for a in verdict.ranking
            ),
            "reasons": _reasons(fired, findings, verdict, knowledge),
            "vetoes": tuple(Veto(**veto.model_dump()) for veto in findings.vetoes),
            "conflicts": _conflicts(states, knowledge),
            "flips": () if undecided == "too_little_known" else stability.flips,
            "unknowns": stability.open_facts,
            "shares": stability.shares,
            "risks": _risks(fired, pattern, knowledge),
            "plan": _plan(fired, pattern, states, knowledge),
            "answers": answers.given,
            "figures": answers.figures,
            "facts": facts.facts,
            "rules_digest": knowledge.digest,
            "own_rules": knowledge.own,
        }
    )


def _weighs(rule: Rule) -> bool:
    effect = rule.effect
    return bool(effect.need or effect.support or effect.oppose or effect.veto or effect.stop)


def _confidence(verdict: Verdict, stability: Stability, knowledge: Knowledge) -> ConfidenceIn:
    share = next((one.share for one in stability.shares if one.approach == verdict.approach), 0.0)
    kept = round(share * stability.completions)
    says = (
        f"The verdict stays in {kept} of {stability.completions} ways to fill in what is unknown, "
        "each with weights between half and one and a half of ours."
    )
    return ConfidenceIn(level=level_of(share, knowledge.levels), score=share, says=says)


def _headline(
    approach: Approach | None,
    undecided: Undecided | None,
    pattern: Pattern | None,
    verdict: Verdict,
    stability: Stability,
    knowledge: Knowledge,
) -> str:
    if undecided == "everything_vetoed":
        return "No approach is left: your hard constraints rule out all five."
    if undecided == "too_little_known":
        first = [f"“{one.question}”" for one in stability.open_facts[:2]]
        return "Too little is known for a verdict. " + (f"Answer first: {' and '.join(first)}" if first else "")
    if approach is None:
        return ""
    if verdict.stopped:
        return (
            f"{knowledge.approaches[approach].title} is enough: the baseline meets its target, nothing more is needed."
        )
    title = knowledge.approaches[approach].title
    if pattern is None or pattern.title.lower().startswith(title.lower()):
        return pattern.title if pattern else title
    return f"{title}: {pattern.title}"


def _choice(pattern: Pattern, states: Mapping[str, State], knowledge: Knowledge) -> PatternChoice:
    experiment = pattern.first_experiment
    advised_only = why_no_project(knowledge, states)
    return PatternChoice(
        id=pattern.id,
        title=pattern.title,
        does=pattern.does,
        build_first=pattern.build_first,
        second_half_pays_when=pattern.second_half_pays_when,
        component=None if advised_only else pattern.component,
        advised_only=advised_only,
        first_experiment=FirstExperiment(
            title=experiment.title,
            do=experiment.do,
            days=experiment.days,
            measure=experiment.measure,
            stop_when=experiment.stop_when,
            sources=_notes(experiment.sources, knowledge),
        ),
        stages=tuple(_stage(stage, knowledge) for stage in pattern.stages),
        sources=_notes(pattern.sources, knowledge),
    )


def _stage(stage: Stage, knowledge: Knowledge) -> StageItem:
    return StageItem(
        title=stage.title,
        pattern=(stage.pattern, knowledge.patterns[stage.pattern].title) if stage.pattern else None,
        do=stage.do,
        next_when=stage.next_when,
        back_when=stage.back_when,
        keeps=stage.keeps,
        throws_away=stage.throws_away,
        sources=_notes(stage.sources, knowledge),
    )


def _settings(pattern: Pattern, fired: Iterable[Rule], knowledge: Knowledge) -> tuple[SettingChoice, ...]:
    return tuple(
        SettingChoice(
            section=choice.section,
            key=choice.key,
            value=choice.value,
            rule=choice.rule.id if choice.rule else None,
            says=choice.rule.says if choice.rule else "",
            because=choice.rule.because if choice.rule else "",
            sources=_notes(choice.rule.sources if choice.rule else (), knowledge),
        )
        for choice in choose_settings(pattern, fired)
    )


def _reasons(fired: Iterable[Rule], findings: Findings, verdict: Verdict, knowledge: Knowledge) -> tuple[Reason, ...]:
    """The fired rules that weigh: those that decide first, then by what they give the verdict."""
    points: dict[str, list[Named]] = {}
    for line in findings.contributions:
        points.setdefault(line.rule, []).append(Named(name=line.approach, value=round(line.points, 2)))
    steps = {finding.rule: finding.steps for finding in findings.findings}
    reasons = []
    for rule in fired:
        if not _weighs(rule):
            continue
        reasons.append(
            Reason(
                rule=rule.id,
                criterion=rule.criterion,
                says=rule.says,
                because=rule.because,
                strength=rule.strength,
                decides=bool(rule.effect.veto or rule.effect.stop),
                points=tuple(points.get(rule.id, ())),
                facts=steps[rule.id],
                sources=_notes(rule.sources, knowledge),
            )
        )

    def for_verdict(reason: Reason) -> float:
        return sum(point.value for point in reason.points if point.name == verdict.approach)

    return tuple(sorted(reasons, key=lambda r: (-for_verdict(r), not r.decides, r.rule)))


def _notes(refs: Iterable[SourceRef], knowledge: Knowledge) -> tuple[SourceNote, ...]:
    return tuple(note_of(knowledge.sources[ref.id]) for ref in refs)


def _conflicts(states: Mapping[str, State], knowledge: Knowledge) -> tuple[Resolved, ...]:
    return tuple(
        Resolved(
            id=conflict.id,
            between=conflict.between,
            resolution=conflict.resolution,
            because=conflict.because,
            sources=_notes(conflict.sources, knowledge),
        )
        for conflict in knowledge.conflicts
        if conflict.when.judge(states) is Outcome.TRUE
    )


def _risks(fired: Iterable[Rule], pattern: Pattern | None, knowledge: Knowledge) -> tuple[RiskItem, ...]:
    ids = dict.fromkeys([*(pattern.risks if pattern else ()), *(risk for rule in fired for risk in rule.effect.risks)])
    return tuple(RiskItem(id=i, title=knowledge.risks[i].title, mitigation=knowledge.risks[i].mitigation) for i in ids)


def _plan(
    fired: Iterable[Rule], pattern: Pattern | None, states: Mapping[str, State], knowledge: Knowledge
) -> tuple[PlanItem, ...]:
    wanted = {*(pattern.plan if pattern else ()), *(step for rule in fired for step in rule.effect.plan)}
    return tuple(
        PlanItem(id=step.id, title=step.title, do=step.do, done_when=step.done_when)
        for step in knowledge.steps
        if step.id in wanted and step.when.judge(states) is Outcome.TRUE
    )
