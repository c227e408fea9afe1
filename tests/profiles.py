"""Profiles for property tests: any answers to any questions."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from advisor.documents import Answers, Given
from advisor.knowledge import Knowledge

__all__ = ["answers_of", "profiles"]


def profiles(knowledge: Knowledge) -> st.SearchStrategy[dict[str, str]]:
    """Codes for some of the facts, from none to all: one byte a fact, zero for unknown, so that it shrinks well."""
    asks = [knowledge.asks[fact] for fact in sorted(knowledge.asks)]

    def codes(raw: bytes) -> dict[str, str]:
        return {
            ask.fact: ask.codes[byte % len(ask.codes)] for ask, byte in zip(asks, raw, strict=True) if byte % 4 != 0
        }

    return st.binary(min_size=len(asks), max_size=len(asks)).map(codes)


def answers_of(codes: Mapping[str, str]) -> Answers:
    return Answers(given=tuple(Given(fact=fact, code=code) for fact, code in sorted(codes.items())))
