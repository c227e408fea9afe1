"""Answers questions from look-ups: the row is the answer and its own citation. No model runs, and nothing is kept."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ..embedding.base import Embedder, Vectors
from ..project_base.errors import UserError
from .askers import Asker
from .declarations import PLACE, Lookup, read_declarations
from .matching import Match, Matcher, NoMatch
from .settings import Settings
from .sources import ask_source, statement_of
from .tables import Table, Value


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bound(_Frozen):
    """A parameter of the statement and the value that was bound to it."""

    name: str
    value: Value


class LookupAnswer(_Frozen):
    """What a look-up found, with all that is needed to check it.

    Attributes:
        lookup: Name of the look-up.
        title: What it answers.
        text: The answer, one line a row.
        columns: Names of the columns.
        rows: The rows, as the source holds them.
        complete: False where there were more rows than the look-up gives back.
        asked_at: When the source was asked: UTC, ISO 8601.
        statement: What it was asked: the SQL with its parameters, or the address.
        values: What was bound to the parameters.
        similarity: Of the question and the nearest example question.
    """

    lookup: str
    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    complete: bool
    asked_at: str
    statement: str
    values: tuple[Bound, ...]
    similarity: float


class Lookups:
    """The declared look-ups of a project.

    Args:
        declared: Declarations by name.
        embedder: Embeds questions and examples.
        settings: Of this room.
        now: The time, in UTC.
    """

    def __init__(
        self,
        declared: Mapping[str, Lookup],
        embedder: Embedder,
        settings: Settings,
        now: Callable[[], datetime.datetime] = _now,
    ) -> None:
        self.declared = declared
        self._matcher = Matcher(declared, embedder, settings)
        self._settings = settings
        self._now = now

    def answer(self, question: str, asker: Asker, vector: Vectors | None = None) -> LookupAnswer | NoMatch:
        """Answers a question, or says why no look-up does.

        A source that fails is an error and no reason to look elsewhere: the documents may hold an older answer.

        Args:
            question: The question.
            asker: Who asks.
            vector: Of the question, where it is at hand: float32 [dimension], length 1.

        Raises:
            UserError: The source cannot be asked, fails, is late, or lacks a column of the answer.
        """
        match = self._matcher.match(question, asker, vector)
        if isinstance(match, NoMatch):
            return match
        asked_at = self._now().isoformat(timespec="seconds")
        found = ask_source(match.lookup, match.values, self._settings.timeout_seconds)
        return LookupAnswer(
            lookup=match.name,
            title=match.lookup.title,
            text=_text(match, found),
            columns=found.columns,
            rows=found.rows,
            complete=found.complete,
            asked_at=asked_at,
            statement=statement_of(match.lookup, match.values),
            values=tuple(Bound(name=name, value=match.values[name]) for name in match.lookup.places),
            similarity=round(match.similarity, 4),
        )


def open_lookups(settings: Settings, embedder: Embedder) -> Lookups | None:
    """The look-ups that the settings name, or None where they name none.

    Raises:
        UserError: The file cannot be read, or a declaration is wrong.
    """
    return Lookups(read_declarations(Path(settings.file)), embedder, settings) if settings.file else None


def _text(match: Match, found: Table) -> str:
    if not found.rows:
        return _filled(match.lookup.nothing, match.values, match.name)
    lines = [
        _filled(match.lookup.answer, {**match.values, **dict(zip(found.columns, row, strict=True))}, match.name)
        for row in found.rows
    ]
    more = [] if found.complete else [f"(These are the first {len(found.rows)}; there are more.)"]
    return "\n".join([*lines, *more])


def _filled(template: str, values: Mapping[str, Value], lookup: str) -> str:
    """The template with its places filled, each once: what a value holds is never read as a place."""
    if unknown := sorted(set(PLACE.findall(template)) - values.keys()):
        raise UserError(
            f"the answer of the look-up {lookup} names {', '.join(unknown)}, which the row does not have; "
            f"it has {', '.join(values)}",
            f"mend the answer or the statement of {lookup}",
        )
    return PLACE.sub(lambda place: _shown(values[place[1]]), template)


def _shown(value: Value) -> str:
    if value is None:
        return "(not known)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())
