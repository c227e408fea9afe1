"""Turns the files, each sound on its own, into one `Knowledge`: reads conditions, follows names, finds gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from advisor.conditions import ALWAYS
from advisor.errors import RulesError, allowed
from advisor.knowledge import files
from advisor.knowledge.approaches import AdvisedOnly, ApproachSpec, HybridGate, Pattern
from advisor.knowledge.case_text import CasesFile
from advisor.knowledge.cases import link_cases
from advisor.knowledge.faults import Faults, Where
from advisor.knowledge.figures import OWN_PRICES
from advisor.knowledge.grounds import Source, SourceRef
from advisor.knowledge.model import Accepted, Conflict, Effect, Knowledge, Levels, PlanStep, Risk, Rule, Side
from advisor.knowledge.patterns import link_patterns, link_settings
from advisor.knowledge.prices import audited, link_prices
from advisor.knowledge.questions import in_reading_order, link_asks, link_derivations
from advisor.knowledge.sources import link_sources
from advisor.strict_yaml import Loaded
from advisor.values import Approach

__all__ = ["Linker", "Read"]


@dataclass
class Read:
    """The files of a rules folder, each validated on its own and with its lines."""

    single: dict[str, tuple[Any, Loaded]] = field(default_factory=dict)
    criteria: list[tuple[files.CriterionFile, Loaded]] = field(default_factory=list)
    patterns: list[tuple[files.PatternsFile, Loaded]] = field(default_factory=list)
    cases: list[tuple[CasesFile, Loaded]] = field(default_factory=list)

    def add(self, name: str, parsed: BaseModel, loaded: Loaded) -> None:
        """Takes in one file."""
        if isinstance(parsed, files.CriterionFile):
            self.criteria.append((parsed, loaded))
        elif isinstance(parsed, files.PatternsFile):
            self.patterns.append((parsed, loaded))
        elif isinstance(parsed, CasesFile):
            self.cases.append((parsed, loaded))
        else:
            self.single[name] = (parsed, loaded)


class Linker:
    """Links the files of one rules folder; every fault found is kept, then raised together."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._faults = Faults()

    def link(self, digest: str, own: tuple[tuple[str, str], ...], next_step: str) -> Knowledge:
        """The linked knowledge.

        Raises:
            RulesError: with every fault.
        """
        asks = link_asks(self._read.criteria, self._faults)
        sources = link_sources(*self._single("sources.yaml"), self._faults)
        approaches_file, approaches_loaded = self._single("approaches.yaml")
        needs = {name: text.title for name, text in approaches_file.needs.items()}
        risks_file, risks_loaded = self._single("risks.yaml")
        risks = {
            key: Risk(key, text.title, text.mitigation, risks_loaded.where(("risks", key)))
            for key, text in risks_file.risks.items()
        }
        steps = self._steps()
        step_ids = [step.id for step in steps]
        patterns = link_patterns(
            self._read.patterns,
            (approaches_file, approaches_loaded),
            risks,
            step_ids,
            lambda texts, where: self._refs(texts, sources, where),
            self._faults,
        )
        approaches = self._approaches(approaches_file, approaches_loaded, needs, patterns)
        rules = self._rules(needs, patterns, risks, step_ids, sources)
        derivations = link_derivations(self._read.criteria, self._faults)
        on_top = self._read.single.get(OWN_PRICES)
        knowledge = Knowledge(
            asks=in_reading_order(asks, derivations, self._faults),
            derivations=derivations,
            rules=tuple(sorted(rules, key=lambda rule: rule.id)),
            needs=needs,
            approaches=approaches,
            patterns=patterns,
            advised_only=tuple(
                AdvisedOnly(
                    self._faults.condition(text.when, (approaches_loaded, ("advised_only", index, "when"))), text.says
                )
                for index, text in enumerate(approaches_file.advised_only)
            ),
            hybrid=self._hybrid(sources),
            levels=Levels(**approaches_file.confidence.model_dump()),
            conflicts=self._conflicts(sources),
            risks=risks,
            steps=steps,
            sources=sources,
            accepted=tuple(
                Accepted(text.finding, text.because, loaded.where(("accepted", index)))
                for criterion, loaded in self._read.criteria
                for index, text in enumerate(criterion.accepted)
            ),
            criteria={criterion.criterion: criterion.title for criterion, _ in self._read.criteria},
            derivable=frozenset(derivation.fact for derivation in derivations),
            vocabulary=self._faults.vocabulary,
            cases=link_cases(self._read.cases, asks, self._single("sources.yaml")[0].documents, self._faults),
            prices=link_prices(self._single("prices.yaml"), on_top, patterns, sources, self._faults),
            digest=digest,
            own=own if on_top is None else audited(own, on_top[0]),
        )
        if self._faults.problems:
            raise RulesError(self._faults.problems, next_step)
        return knowledge

    def _single(self, name: str) -> tuple[Any, Loaded]:
        return self._read.single[name]

    # -- sources -------------------------------------------------------------------------------------------------

    def _refs(
        self, texts: Sequence[files.SourceRefText], sources: Mapping[str, Source], where: Where
    ) -> tuple[SourceRef, ...]:
        refs = []
        for index, text in enumerate(texts):
            at = (where[0], (*where[1], "sources", index))
            key = text.claim or text.evidence
            if key is None or (text.claim and text.evidence):
                self._faults.complain(at, "a source is {claim: C04} or {evidence: E06}")
            elif key not in sources:
                self._faults.complain(at, f"unknown source {key!r}; {allowed(key, sorted(sources))}")
            else:
                status = sources[key].status
                if text.status is not None and text.status != status:
                    self._faults.complain(at, f"{key} has the status {status} in sources.yaml, not {text.status}")
                refs.append(SourceRef(key, status))
        return tuple(refs)

    # -- approaches and patterns ---------------------------------------------------------------------------------

    def _approaches(
        self, file: files.ApproachesFile, loaded: Loaded, needs: Mapping[str, str], patterns: Mapping[str, Pattern]
    ) -> dict[Approach, ApproachSpec]:
        specs: dict[Approach, ApproachSpec] = {}
        for index, text in enumerate(file.approaches):
            where = (loaded, ("approaches", index))
            self._faults.known(where, "need", text.serves, needs)
            serves = {
                need: ALWAYS
                if isinstance(when, str)
                else self._faults.condition(when, (loaded, (*where[1], "serves", need)))
                for need, when in text.serves.items()
            }
            own = tuple(pattern for pattern in patterns.values() if pattern.approach == text.id)
            specs[text.id] = ApproachSpec(
                text.id, text.title, text.means, text.prior, serves, own, loaded.where(where[1])
            )
        for missing in [approach for approach in Approach if approach not in specs]:
            self._faults.complain((loaded, ("approaches",)), f"the approach {missing} is missing")
        return {approach: specs[approach] for approach in Approach if approach in specs}

    def _hybrid(self, sources: Mapping[str, Source]) -> HybridGate:
        file, loaded = self._single("hybrid.yaml")
        return HybridGate(
            self._faults.condition(file.knowledge_is_real, (loaded, ("knowledge_is_real",))),
            self._faults.condition(file.behaviour_is_real, (loaded, ("behaviour_is_real",))),
            file.least_need,
            file.because,
            self._refs(file.sources, sources, (loaded, ())),
            loaded.where(("knowledge_is_real",)),
        )

    # -- rules ---------------------------------------------------------------------------------------------------

    def _rules(
        self,
        needs: Mapping[str, str],
        patterns: Mapping[str, Pattern],
        risks: Mapping[str, Risk],
        steps: list[str],
        sources: Mapping[str, Source],
    ) -> list[Rule]:
        rules: dict[str, Rule] = {}
        for criterion, loaded in self._read.criteria:
            for index, text in enumerate(criterion.rules):
                where = (loaded, ("rules", index))
                at_effect = (loaded, ("rules", index, "effect"))
                if text.id in rules:
                    self._faults.complain(where, f"rule {text.id!r} stands twice (first at {rules[text.id].where})")
                    continue
                effect = text.effect
                self._faults.known(at_effect, "need", effect.need, needs)
                self._faults.known(at_effect, "approach or pattern", effect.veto, [*Approach, *patterns])
                self._faults.known(at_effect, "pattern", effect.prefer, patterns)
                self._faults.known(at_effect, "risk", effect.risks, risks)
                self._faults.known(at_effect, "plan step", effect.plan, steps)
                link_settings(effect.set, (loaded, (*at_effect[1], "set")), self._faults)
                self._veto_makes_sense(effect, at_effect, patterns)
                when = self._faults.condition(text.when, (loaded, ("rules", index, "when")))
                rules[text.id] = Rule(
                    id=text.id,
                    criterion=criterion.criterion,
                    says=text.says,
                    when=when,
                    facts=when.facts(),
                    effect=Effect(**{name: getattr(effect, name) for name in files.EffectText.model_fields}),
                    because=text.because,
                    strength=text.strength,
                    sources=self._refs(text.sources, sources, where),
                    cases=json.loads(text.cases.model_dump_json()),
                    where=loaded.where(("rules", index)),
                )
        return list(rules.values())

    def _veto_makes_sense(self, effect: files.EffectText, where: Where, patterns: Mapping[str, Pattern]) -> None:
        if not effect.model_dump(exclude_defaults=True):
            self._faults.complain(where, "the effect is empty: nothing follows from this rule")
        if bool(effect.veto) != (effect.relax is not None):
            self._faults.complain(where, "a veto and 'relax' (what would have to give to bring it back) go together")
        for target, reach in effect.veto.items():
            if (reach == "pattern") != (target in patterns):
                self._faults.complain(
                    where, f"veto of {target!r}: an approach takes 'alone' or 'any', a pattern takes 'pattern'"
                )

    def _conflicts(self, sources: Mapping[str, Source]) -> tuple[Conflict, ...]:
        file, loaded = self._single("conflicts.yaml")
        conflicts = []
        for index, text in enumerate(file.conflicts):
            where = (loaded, ("conflicts", index))
            when = self._faults.condition(text.when, (loaded, (*where[1], "when")))
            refs = self._refs(text.sources, sources, where)
            conflicts.append(
                Conflict(
                    text.id,
                    text.between,
                    when,
                    text.cannot_be,
                    self._sides(text, (loaded, (*where[1], "sides"))),
                    text.resolution,
                    text.because,
                    refs,
                    loaded.where(where[1]),
                )
            )
        return tuple(conflicts)

    def _sides(self, text: files.ConflictText, where: Where) -> tuple[Side, ...]:
        return tuple(
            Side(
                side.says,
                None
                if isinstance(side.holds_when, str)
                else self._faults.condition(side.holds_when, (where[0], (*where[1], index, "holds_when"))),
            )
            for index, side in enumerate(text.sides)
        )

    def _steps(self) -> tuple[PlanStep, ...]:
        file, loaded = self._single("plans.yaml")
        return tuple(
            PlanStep(
                key,
                text.title,
                text.do,
                text.done_when,
                self._faults.condition(text.when, (loaded, ("steps", key, "when")), may_be_open=True),
                loaded.where(("steps", key)),
            )
            for key, text in file.steps.items()
        )
