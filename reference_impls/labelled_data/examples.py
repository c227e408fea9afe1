"""From rows to examples, each checked against what its task needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .base import Example, Span, Task, Turn
from .rows import Row
from .settings import Settings
from .targets import BadRow, as_text, conversation, label_of, sortable_time, spans_of, turns_of
from .usual_names import find_column, no_column, no_set_columns, set_but_missing, value_at

Read = TypeVar("Read")

_NEEDED: Mapping[Task, tuple[str, str]] = {
    "classification": ("text", "label"),
    "extraction": ("text", "spans"),
    "generation": ("instruction", "response"),
}
_OPTIONAL = ("input", "system", "messages")


@dataclass(frozen=True)
class Columns:
    """The column of each part of an example, None for what is not there."""

    text: str | None
    target: str | None
    input: str | None = None
    system: str | None = None
    messages: str | None = None
    group: str | None = None
    time: str | None = None

    def told(self) -> str:
        """In words, for whoever wants to know what was taken for what."""
        parts = (
            ("text", self.text),
            ("target", self.target),
            ("input", self.input),
            ("system", self.system),
            ("messages", self.messages),
            ("group", self.group),
            ("time", self.time),
        )
        return ", ".join(f"{name}: {column}" for name, column in parts if column)


def columns_of_task(known: Sequence[str], where: str, task: Task, settings: Settings, labelled: bool) -> Columns:
    """Which columns the examples are made of.

    Args:
        known: All columns of the file.
        where: Its name.
        task: What the examples are for.
        settings: May name the columns.
        labelled: Whether the target must be there.

    Raises:
        UserError: A column is missing.
    """

    def column(part: str) -> str | None:
        return find_column(part, known, settings)

    names = _NEEDED[task]
    read = [*names, *(_OPTIONAL if task == "generation" else ()), "group", "time"]
    if wrong := set_but_missing(read, known, settings):
        raise no_set_columns(wrong, known, settings, where)
    more = {"group": column("group"), "time": column("time")}
    if task == "generation":
        messages = column("messages")
        if messages is not None and not settings.instruction:
            return Columns(None, None, messages=messages, **more)
        found = Columns(column("instruction"), column("response"), column("input"), column("system"), **more)
    else:
        found = Columns(column(names[0]), column(names[1]), **more)
    missing = [
        name
        for name, have, wanted in zip(names, (found.text, found.target), (True, labelled), strict=True)
        if wanted and have is None
    ]
    if missing:
        raise no_column(missing, known, where)
    return found


@dataclass(frozen=True)
class Maker:
    """Makes one example of each row.

    Attributes:
        task: What the examples are for.
        columns: Where their parts stand.
        settings: Longest text, and whether times are needed.
        labelled: Whether a target is wanted; without one it is the empty text or no spans.
    """

    task: Task
    columns: Columns
    settings: Settings
    labelled: bool = True

    def example(self, row: Row) -> Example:
        """The example of a row.

        Raises:
            BadRow: The row cannot be used.
        """
        if row.fault:
            raise BadRow(row.fault)
        make: Mapping[Task, Callable[[Row], Example]] = {
            "classification": self._classified,
            "extraction": self._extracted,
            "generation": self._written,
        }
        return make[self.task](row)

    def _classified(self, row: Row) -> Example:
        text = self._text(row, self.columns.text, "text").strip()
        column = self.columns.target if self.labelled else None
        target = _in_column(column, "label", label_of, value_at(row.values, column)) if column else ""
        return Example(text, target, row.place, group=self._group(row), when=self._when(row))

    def _extracted(self, row: Row) -> Example:
        # Offsets count from the first character, white space included.
        text = self._text(row, self.columns.text, "text")
        spans: tuple[Span, ...] = ()
        if self.labelled and self.columns.target:
            column = self.columns.target
            spans = _in_column(column, "spans", lambda value: spans_of(value, text), value_at(row.values, column))
        return Example(text, spans, row.place, group=self._group(row), when=self._when(row))

    def _written(self, row: Row) -> Example:
        if self.columns.messages:
            turns, response = conversation(turns_of(value_at(row.values, self.columns.messages)), self.labelled)
        else:
            turns, response = self._instructed(row)
        for turn in turns:
            self._not_too_long(turn.text, "message")
        self._not_too_long(response, "response")
        return Example(turns[-1].text, response, row.place, turns=turns, group=self._group(row), when=self._when(row))

    def _instructed(self, row: Row) -> tuple[tuple[Turn, ...], str]:
        instruction = self._text(row, self.columns.text, "instruction")
        about = self._optional(row, self.columns.input)
        system = self._optional(row, self.columns.system)
        response = self._text(row, self.columns.target, "response") if self.labelled else ""
        user = Turn("user", f"{instruction}\n\n{about}" if about.strip() else instruction)
        return ((Turn("system", system), user) if system.strip() else (user,)), response

    def _text(self, row: Row, column: str | None, what: str) -> str:
        text = self._optional(row, column, what)
        if not text.strip():
            raise BadRow(f"the {what} is empty{_of(column, what)}")
        self._not_too_long(text, what)
        return text

    def _optional(self, row: Row, column: str | None, what: str = "") -> str:
        if column is None:
            return ""
        try:
            return as_text(value_at(row.values, column))
        except BadRow as error:
            raise BadRow(f"the {what or column} {error}{_of(column, what) if what else ''}") from error

    def _not_too_long(self, text: str, what: str) -> None:
        if len(text) > self.settings.largest_text:
            raise BadRow(
                f"the {what} has {len(text):,} characters, more than labelled_data.largest_text "
                f"({self.settings.largest_text:,})"
            )

    def _group(self, row: Row) -> str:
        return self._optional(row, self.columns.group).strip()

    def _when(self, row: Row) -> str:
        if self.columns.time is None:
            return ""
        try:
            return sortable_time(value_at(row.values, self.columns.time))
        except BadRow:
            # A column that is only called like a time is no reason to lose a row, unless time decides the split.
            if self.settings.time or self.settings.split == "time":
                raise
            return ""


def _in_column(column: str, part: str, read: Callable[[object], Read], value: object) -> Read:
    """What a cell holds; where it cannot be read, the reason names the column too."""
    try:
        return read(value)
    except BadRow as reason:
        raise BadRow(f"{reason}{_of(column, part)}") from reason


def _of(column: str | None, part: str) -> str:
    """The column, for a message that does not name it by calling the part of the example what the column is called."""
    return f" (column {column})" if column and column != part else ""
