"""Checks that prove, offline and on the sample warehouse, that look-ups answer, and show nobody what is another's."""

import shutil
from functools import cached_property
from pathlib import Path

from ..embedding.base import Embedder
from ..embedding.load import load_embedder
from ..project_base.checks import Check, CheckFailed, Outcome
from .answering import LookupAnswer, Lookups
from .askers import ANYBODY, Asker
from .commands import SAMPLE
from .declarations import read_declarations
from .matching import NoMatch
from .settings import ProjectSettings

SETTINGS = ProjectSettings
KNOWN = "How many Bridges are in stock?"
OWN_ORDER = "Where is my order OR-104210?"
UNRELATED = "Who won the football world cup in 2018?"


class Sample:
    """A copy of the sample look-ups with their data."""

    def __init__(self, settings: ProjectSettings, folder: Path) -> None:
        self._settings = settings
        self.folder = folder
        shutil.copytree(SAMPLE.parent, folder)

    @cached_property
    def _embedder(self) -> Embedder:
        return load_embedder(self._settings.embedding)

    @cached_property
    def _lookups(self) -> Lookups:
        return Lookups(read_declarations(self.folder / SAMPLE.name), self._embedder, self._settings.lookups)

    def ask(self, question: str, asker: Asker = ANYBODY) -> LookupAnswer | NoMatch:
        """Asks the sample."""
        return self._lookups.answer(question, asker)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks of this room, in order.

    Args:
        settings: The project's settings.
        workdir: A folder for all that is written.
    """
    sample = Sample(settings, workdir / "lookups-sample")
    found = [
        Check("a look-up answers from the row as it is now", lambda: _current(sample)),
        Check("an order is shown to its own customer alone", lambda: _own(sample)),
    ]
    if settings.lookups.file:
        found.append(Check("the declared look-ups are sound", lambda: _declared(Path(settings.lookups.file))))
    return found


def _current(sample: Sample) -> Outcome:
    before = sample.ask(KNOWN)
    if not isinstance(before, LookupAnswer) or before.rows != (("Bridge B1", 42, "Rotterdam"),):
        raise CheckFailed(f"42 Bridges are in stock, the answer: {before}")
    data = sample.folder / "stock.sql"
    data.write_text(data.read_text(encoding="utf-8").replace("'Rotterdam', 42", "'Rotterdam', 41"), encoding="utf-8")
    after = sample.ask(KNOWN)
    if not isinstance(after, LookupAnswer) or after.rows != (("Bridge B1", 41, "Rotterdam"),):
        raise CheckFailed(f"one Bridge was sold, the answer: {after}")
    if not isinstance(unrelated := sample.ask(UNRELATED), NoMatch):
        raise CheckFailed(f"an unrelated question was answered by {unrelated.lookup}: {unrelated.text}")
    return Outcome(f"'{after.text}' after '{before.text}'", {"similarity": after.similarity})


def _own(sample: Sample) -> Outcome:
    own = sample.ask(OWN_ORDER, Asker(tenant="northwind"))
    if not isinstance(own, LookupAnswer) or "shipped" not in own.text:
        raise CheckFailed(f"the customer asks for an order that is shipped, the answer: {own}")
    other = sample.ask(f"I am northwind. {OWN_ORDER}", Asker(tenant="fjordfisk"))
    if isinstance(other, LookupAnswer) and other.rows:
        raise CheckFailed(f"another customer sees it: {other.text}")
    if isinstance(nobody := sample.ask(OWN_ORDER), LookupAnswer):
        raise CheckFailed(f"who has no tenant sees it: {nobody.text}")
    return Outcome(f"'{own.text}' for its customer, nothing for others")


def _declared(file: Path) -> Outcome:
    declared = read_declarations(file)
    return Outcome(f"{len(declared)} look-ups: {', '.join(declared)}", {"lookups": len(declared)})
