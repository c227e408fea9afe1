"""Decides whether a question is one that a declared look-up answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..embedding.base import Embedder, Vectors
from ..project_base.errors import UserError
from .askers import Asker
from .declarations import Lookup
from .extraction import Extraction, Spellings, ask_about_the_same, extract, plain
from .settings import Settings
from .sources import query
from .tables import Value

LONGEST_QUESTION = 1000
"""Characters; a longer text is no question for a single record."""

MOST_CHOICES = 10_000

_LIKELY_GAIN = 0.35
"""What a similarity can be expected to gain, at most, once the example is asked about the same thing."""


@dataclass(frozen=True)
class Match:
    """A look-up that answers the question, with all its parameters."""

    name: str
    lookup: Lookup
    values: Mapping[str, Value]
    similarity: float


@dataclass(frozen=True)
class NoMatch:
    """No look-up answers the question; the reason is for whoever asks."""

    reason: str


class Matcher:
    """Compares questions with the example questions of the declarations.

    Args:
        lookups: Declarations by name.
        embedder: Embeds questions and examples alike.
        settings: `match_above`, `margin` and `timeout_seconds`.
    """

    def __init__(self, lookups: Mapping[str, Lookup], embedder: Embedder, settings: Settings) -> None:
        self._lookups = lookups
        self._embedder = embedder
        self._settings = settings
        examples = [question for lookup in lookups.values() for question in lookup.questions]
        counts = [len(lookup.questions) for lookup in lookups.values()]
        parts = np.split(embedder.encode_queries(examples), np.cumsum(counts)[:-1]) if examples else []
        self._vectors: dict[str, Vectors] = dict(zip(lookups, parts, strict=True))

    def match(self, question: str, asker: Asker, vector: Vectors | None = None) -> Match | NoMatch:
        """The one look-up that is near enough and whose parameters the question names, each plainly.

        Only look-ups that the asker may use take part. The nearest by their examples are compared once more, with the
        examples asked about the things that the question names. All whose similarity is then within the margin of the
        best are considered: exactly one must have all its parameters, and none may have found two values for one.

        Args:
            question: The question.
            asker: Who asks.
            vector: Of the question, float32 [dimension], length 1; computed here where it is not at hand.

        Raises:
            UserError: The choices of a parameter cannot be read from their source.
        """
        usable = [name for name, lookup in self._lookups.items() if asker.may_use(lookup.readers)]
        if not usable:
            return NoMatch("no look-up is declared for you")
        question = plain(question)
        if not question or len(question) > LONGEST_QUESTION:
            return NoMatch(f"a look-up takes questions of 1 to {LONGEST_QUESTION:,} characters")
        vector = self._embedder.encode_queries([question])[0] if vector is None else vector
        first = {name: float((self._vectors[name] @ vector).max()) for name in usable}
        least = self._settings.match_above
        readings = {
            name: reading
            for name, similarity in first.items()
            if similarity >= least - _LIKELY_GAIN
            and (reading := self._read(name, question, asker, vector, similarity)) is not None
        }
        best = max(readings, key=lambda name: readings[name].similarity, default=None)
        if best is None or readings[best].similarity < least:
            name = best or max(first, key=lambda each: first[each])
            return NoMatch(
                f"the nearest look-up, {name}, is too far: similarity "
                f"{readings[best].similarity if best else first[name]:.2f} is below lookups.match_above ({least:g})"
            )
        nearest = readings[best].similarity - self._settings.margin
        return self._chosen({name: each for name, each in readings.items() if each.similarity >= nearest})

    def _read(self, name: str, question: str, asker: Asker, vector: Vectors, similarity: float) -> "_Reading | None":
        """What a look-up finds in the question, and how near it is then; None where its source fails."""
        lookup = self._lookups[name]
        identity = extract(
            {key: each for key, each in lookup.parameters.items() if not each.from_question}, {}, "", asker
        )
        if identity.missing:
            # Without the identity the choices could be those of somebody else.
            return _Reading(identity, similarity)
        try:
            choices = {
                key: self._choices(lookup, key, identity.values)
                for key, each in lookup.parameters.items()
                if each.kind == "choice"
            }
        except UserError:
            # A source that is down must not keep questions about other things from the documents.
            if similarity >= self._settings.match_above:
                raise
            return None
        found = extract(lookup.parameters, choices, question, asker)
        asked = [
            ask_about_the_same(example, extract(lookup.parameters, choices, example, asker), question, found)
            for example in lookup.questions
        ]
        return _Reading(found, float((self._embedder.encode_queries(asked) @ vector).max()))

    def _choices(self, lookup: Lookup, key: str, identity: Mapping[str, Value]) -> Spellings:
        parameter = lookup.parameters[key]
        if parameter.query is None:
            return {value: (value, *spellings) for value, spellings in parameter.values.items()}
        found = query(lookup.source, parameter.query, identity, MOST_CHOICES, self._settings.timeout_seconds)
        if not found.complete:
            raise UserError(
                f"the parameter {key} has more than {MOST_CHOICES:,} choices",
                "narrow its query, or make it kind: pattern",
            )
        spellings: dict[str, list[str]] = {}
        for row in found.rows:
            names = [str(cell) for cell in row if cell is not None]
            if row[0] is not None:
                spellings.setdefault(str(row[0]), []).extend(names)
        return spellings

    def _chosen(self, near: Mapping[str, "_Reading"]) -> Match | NoMatch:
        for name, reading in near.items():
            for key, values in reading.found.unclear.items():
                return NoMatch(
                    f"{name} takes one {key}, and the question names {' and '.join(values[:5])}; ask for one"
                )
        whole = [name for name, reading in near.items() if not reading.found.missing]
        if len(whole) > 1:
            return NoMatch(f"the question fits {' and '.join(whole)} alike; ask more exactly")
        if not whole:
            wanted = "; ".join(f"{name} needs {', '.join(reading.found.missing)}" for name, reading in near.items())
            return NoMatch(f"not all that is needed is known: {wanted}")
        name = whole[0]
        return Match(name, self._lookups[name], near[name].found.values, near[name].similarity)


@dataclass(frozen=True)
class _Reading:
    found: Extraction
    similarity: float
