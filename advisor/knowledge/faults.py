"""What is found wrong while a rules folder is linked, and what every part of the linking needs for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from advisor.conditions import ALWAYS, Codes, Condition, Unsettled, parse
from advisor.errors import allowed
from advisor.strict_yaml import Loaded

__all__ = ["Faults", "Where"]

Where = tuple[Loaded, tuple[str | int, ...]]
"""A file, and the path of a part in it."""


class Faults:
    """Gathers complaints, each with its file and line; reads conditions against the vocabulary known so far.

    Attributes:
        problems: what was found.
        vocabulary: for each fact, its codes; filled first, since conditions are read against it.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.vocabulary: dict[str, Codes] = {}

    def complain(self, where: Where, text: str) -> None:
        """Notes what is wrong at a place."""
        loaded, path = where
        self.problems.append(f"{loaded.where(path)}: {text}")

    def known(self, where: Where, kind: str, names: Iterable[str], known: Iterable[str]) -> None:
        """Complains of every name that is not among the known ones."""
        known = sorted(known)
        for name in names:
            if name not in known:
                self.complain(where, f"unknown {kind} {name!r}; {allowed(name, known)}")

    def condition(self, written: Mapping[str, Any] | None, where: Where, *, may_be_open: bool = False) -> Condition:
        """The condition as written; always-true, with a complaint, where it cannot be read."""
        if written is None:
            return ALWAYS
        try:
            condition = parse(written, self.vocabulary)
        except ValueError as fault:
            self.complain(where, str(fault))
            return ALWAYS
        if not may_be_open and _asks_openness(condition):
            self.complain(where, "'unsettled' speaks of knowledge, not of the project: it is for plans only")
        return condition


def _asks_openness(condition: Condition) -> bool:
    return any(isinstance(leaf, Unsettled) for leaf in condition.leaves())
