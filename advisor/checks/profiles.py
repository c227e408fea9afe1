"""The answers that checks try out: the cases of the rules, the labelled cases, and completions of these."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from advisor.errors import allowed
from advisor.knowledge import Knowledge
from advisor.sensitivity import complete

__all__ = ["codes_of", "rule_profiles", "whole_profiles"]

_COMPLETIONS = 4
"""Completions tried for each labelled case: enough to find what a score does at an edge, few enough for a linter."""


def codes_of(profile: Mapping[str, str | int | float], knowledge: Knowledge) -> tuple[dict[str, str], list[str]]:
    """The codes of a case, numbers in their bands, and what is wrong with it: facts and codes that nobody knows."""
    codes: dict[str, str] = {}
    faults = []
    for fact, value in profile.items():
        ask = knowledge.asks.get(fact)
        if ask is None:
            faults.append(f"unknown fact {fact!r}; {allowed(fact, sorted(knowledge.asks))}")
            continue
        code = value if isinstance(value, str) else ask.banded(value)
        if code is None or code not in ask.codes:
            faults.append(f"{fact} has no code {value!r}; {allowed(str(value), ask.codes)}")
            continue
        codes[fact] = code
    return codes, faults


def rule_profiles(knowledge: Knowledge) -> list[dict[str, str]]:
    """The cases in which rules fire."""
    return [codes_of(profile, knowledge)[0] for rule in knowledge.rules for profile in rule.cases["fires"]]


@lru_cache(maxsize=1)
def whole_profiles(knowledge: Knowledge) -> tuple[Mapping[str, str], ...]:
    """The whole-path cases that come with the rules, and some completions of each."""
    profiles: list[Mapping[str, str]] = []
    for codes in (case.facts for group in knowledge.cases for case in group.cases):
        completions = complete(codes, knowledge, vary_weights=False, points=_COMPLETIONS)
        profiles += [codes, *({**codes, **one.filled} for one in completions)]
    return tuple(profiles)
