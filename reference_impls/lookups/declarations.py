"""The declarations of look-ups: what may be asked, of which source, and how the answer reads.

A file holds one mapping, `lookups`, from names to declarations:

    lookups:
      stock:
        title: Pieces in stock
        questions: ["How many Bridges are in stock?", "Is the probe cable available?"]
        parameters:
          part: {kind: choice, query: "SELECT name, plural FROM parts"}
        source: {sqlite: stock.sqlite}
        statement: SELECT name, pieces FROM parts WHERE name = :part
        answer: "{name}: {pieces} pieces in stock."

Nobody who asks can change a statement: what a question gives is bound to its parameters, and nothing else.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ..project_base.config import parse_document
from ..project_base.errors import UserError
from ..project_base.settings import OptionalPath, RoomSettings
from .patterns import pattern_fault
from .statements import parameters_in, statement_fault

EVERYBODY = "*"
PLACE = re.compile(r"\{([^{}]*)\}")
"""A place in a template; what stands inside is the name of a column or a parameter."""

_LARGEST = 1_000_000
_LONGEST_PATH = 200
_SINGLE = ("number", "date", "tenant", "user")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _statement(sql: str) -> str:
    if fault := statement_fault(sql):
        raise ValueError(f"this is not one statement that reads: {fault}")
    return sql


def _pattern(pattern: str) -> str:
    if fault := pattern_fault(pattern):
        raise ValueError(fault)
    return pattern


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Statement = Annotated[str, AfterValidator(_statement)]


class Parameter(RoomSettings):
    """What a question must name for a look-up to answer it.

    `tenant` and `user` are taken from the identity of whoever asks, and never from the question.
    """

    kind: Literal["choice", "pattern", "number", "date", "tenant", "user"] = Field(
        description="choice, pattern, number, date (2026-11-20 or 20.11.2026), or the tenant or user who asks"
    )
    values: dict[Text, tuple[Text, ...]] = Field(
        default={}, description="choice: each value with other spellings, for example {Tag T2: [tag, tags]}"
    )
    query: Statement | None = Field(
        default=None, description="choice: SELECT whose first column is the value, and all others further spellings"
    )
    pattern: Annotated[str, AfterValidator(_pattern)] | None = Field(
        default=None, description="pattern: a regular expression without groups, * and +, for example OR-[0-9]{6}"
    )
    least: float | None = Field(default=None, description="number: the least that counts")
    most: float | None = Field(default=None, description="number: the most that counts")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        wanted = {"choice": ("values", "query"), "pattern": ("pattern",), "number": ("least", "most")}
        own = wanted.get(self.kind, ())
        for key in ("values", "query", "pattern", "least", "most"):
            if key in self.model_fields_set and key not in own:
                raise ValueError(f"{key} does not belong to kind: {self.kind}")
        if self.kind == "choice" and bool(self.values) == bool(self.query):
            raise ValueError("kind: choice needs either values or query")
        if self.kind == "pattern" and self.pattern is None:
            raise ValueError("kind: pattern needs pattern")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least is above most")
        return self

    @property
    def from_question(self) -> bool:
        """Whether the question gives the value, and not the identity of whoever asks."""
        return self.kind not in {"tenant", "user"}


class HttpSource(RoomSettings):
    """A service that answers a GET request with JSON."""

    url: Text = Field(
        description="address with {parameter} places in its path and query, for example .../orders/{order}"
    )
    rows: str = Field(
        default="", max_length=_LONGEST_PATH, description="where the rows stand in the answer, for example data.items"
    )
    columns: dict[Name, Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_PATH)]] = Field(
        min_length=1, description="each column with its place in a row, for example {state: shipping.state}"
    )
    key_variable: Variable | None = Field(
        default=None, description="NAME of the environment variable that holds the key, never the key itself"
    )
    key_header: str = Field(
        default="Authorization", pattern=r"^[A-Za-z0-9-]{1,60}$", description="header of the key; Authorization: Bearer"
    )

    @model_validator(mode="after")
    def _one_host(self) -> Self:
        try:
            address = urlsplit(self.url)
            port = address.port
        except ValueError as error:
            raise ValueError(f"url is no address: {error}") from error
        if address.scheme not in {"http", "https"} or not address.hostname or port == 0:
            raise ValueError("url must be an http or https address with a host")
        if "{" in address.netloc or "}" in address.netloc:
            raise ValueError("the host in url must be written out; only its path and query may have {parameter} places")
        if address.username is not None or address.fragment:
            raise ValueError("url must have no user name, password or #; the key belongs into key_variable")
        if self.key_variable and address.scheme == "http" and address.hostname not in _LOOPBACK:
            raise ValueError("a key is sent over https only, or to this machine")
        return self


class Source(RoomSettings):
    """Where the rows are: one of three kinds."""

    sqlite: OptionalPath | None = Field(
        default=None, description="a database file, or a .sql script that fills an empty database in memory"
    )
    postgresql: Variable | None = Field(
        default=None, description="NAME of the environment variable that holds the connection string"
    )
    http: HttpSource | None = Field(default=None, description="a service that answers with JSON")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(kind is not None and kind != "" for kind in (self.sqlite, self.postgresql, self.http)) != 1:
            raise ValueError("source needs exactly one of sqlite, postgresql and http")
        return self


class Lookup(RoomSettings):
    """One declared look-up."""

    title: Text = Field(description="what it answers, in a few words")
    questions: tuple[Text, ...] = Field(min_length=2, max_length=100, description="two or more example questions")
    parameters: dict[Name, Parameter] = Field(default={}, description="what must be known to ask the source")
    source: Source = Field(description="sqlite, postgresql or http")
    statement: Statement | None = Field(
        default=None, description="one SELECT with :name parameters; not for http, whose url is the statement"
    )
    most_rows: int = Field(default=5, ge=1, le=1000, description="most rows that are given back")
    answer: Text = Field(description="how a row reads, with {column} and {parameter} places")
    nothing: Text = Field(default="No record fits this question.", description="the answer where no row is found")
    readers: tuple[Text, ...] = Field(
        default=(EVERYBODY,), min_length=1, description='users and groups who may use it; "*" is everybody'
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if problems := list(self._faults()):
            raise ValueError("; ".join(problems))
        return self

    @property
    def places(self) -> list[str]:
        """Names of the parameters that the statement or the address holds."""
        if self.source.http is not None:
            return list(dict.fromkeys(PLACE.findall(self.source.http.url)))
        return parameters_in(self.statement or "")

    def _faults(self) -> Iterator[str]:
        if (self.statement is None) != (self.source.http is not None):
            yield "statement belongs to sqlite and postgresql, which need it; http has url instead"
        if unknown := [name for name in self.places if name not in self.parameters]:
            yield f"{', '.join(unknown)}: used, but not declared under parameters"
        if idle := [name for name in self.parameters if name not in self.places]:
            yield f"{', '.join(idle)}: declared under parameters, but not used"
        kinds: list[str] = [parameter.kind for parameter in self.parameters.values()]
        yield from (
            f"{kinds.count(kind)} parameters of kind {kind}, which a question could not tell apart; one is allowed"
            for kind in _SINGLE
            if kinds.count(kind) > 1
        )
        for name, parameter in self.parameters.items():
            if parameter.query is None:
                continue
            if self.source.http is not None:
                yield f"{name}: query needs sqlite or postgresql as source"
            identity = {other for other, each in self.parameters.items() if not each.from_question}
            if foreign := [each for each in parameters_in(parameter.query) if each not in identity]:
                yield f"{name}: its query may use parameters of kind tenant and user only, not {', '.join(foreign)}"
        known = {*self.parameters, *(self.source.http.columns if self.source.http else ())}
        for key, template, names in (("answer", self.answer, known), ("nothing", self.nothing, self.parameters)):
            given = PLACE.findall(template)
            if "{" in (rest := PLACE.sub("", template)) or "}" in rest or "" in given:
                yield f"{key}: write places as {{column}}; single braces are not allowed"
            elif (key == "nothing" or self.source.http) and (odd := [each for each in given if each not in names]):
                yield f"{key}: nothing is called {', '.join(odd)}; allowed are {', '.join(sorted(names)) or 'none'}"


class Declarations(RoomSettings):
    """A whole file."""

    lookups: dict[Name, Lookup] = Field(default={}, description="declarations by name")


def read_declarations(path: Path) -> dict[str, Lookup]:
    """Reads the look-ups of a file.

    Raises:
        UserError: The file cannot be read, or one or more declarations are wrong; all are named with their lines.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"{path} is larger than {_LARGEST:,} bytes", "check lookups.file in config.yaml")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(
            f"the look-ups cannot be read: {path}: {error.strerror}",
            "set lookups.file in config.yaml to the file that declares them, or leave it empty",
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error
    return parse_document(text, path, Declarations).lookups
