"""The answers that checks try out: the cases of the rules, the labelled cases, and completions of these."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from advisor.knowledge import Knowledge
from advisor.knowledge.asked import read_codes
from advisor.sensitivity import complete

__all__ = ["rule_profiles", "whole_profiles"]

_COMPLETIONS = 4
"""Completions tried for each labelled case: enough to find what a score does at an edge, few enough for a linter."""


def rule_profiles(knowledge: Knowledge) -> list[dict[str, str]]:
    """The cases in which rules fire."""
    return [read_codes(profile, knowledge.asks)[0] for rule in knowledge.rules for profile in rule.cases["fires"]]


@lru_cache(maxsize=1)
def whole_profiles(knowledge: Knowledge) -> tuple[Mapping[str, str], ...]:
    """The whole-path cases that come with the rules, and some completions of each."""
    profiles: list[Mapping[str, str]] = []
    for codes in (case.facts for group in knowledge.cases for case in group.cases):
        completions = complete(codes, knowledge, vary_weights=False, points=_COMPLETIONS)
        profiles += [codes, *({**codes, **one.filled} for one in completions)]
    return tuple(profiles)
