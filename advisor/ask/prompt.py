"""Asking in a terminal: choices by arrow or number, and one key for everything else."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from prompt_toolkit import print_formatted_text
from prompt_toolkit.application import Application
from prompt_toolkit.application.current import get_app
from prompt_toolkit.formatted_text import FormattedText, StyleAndTextTuples
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.styles import Style

from advisor.ask.answers_file import read_given
from advisor.ask.lines import explanation, in_words, settled
from advisor.ask.order import Progress, Question
from advisor.ask.session import BACK
from advisor.documents import Given
from advisor.errors import AnswersError
from advisor.knowledge import Ask, Knowledge
from advisor.strict_yaml import as_plain
from advisor.values import DONT_KNOW

__all__ = ["TerminalAsker", "quiet_between_questions"]

_BAR = 24
_MARK = "▸"
_LONGEST_NUMBER = 24
_WIDEST = 100
_NARROWEST_TEXT = 20
"""Columns: with less room than this beside its code, an option's text stands below it."""
_STYLE = Style.from_dict(
    {
        "bar": "fg:ansicyan",
        "question": "bold",
        "chosen": "bold fg:ansicyan",
        "quiet": "fg:ansibrightblack",
        "wrong": "fg:ansired",
        "done": "fg:ansigreen",
    }
)


@contextmanager
def quiet_between_questions() -> Iterator[None]:
    """Keys pressed before the next question stands are kept for it, and do not show on the terminal."""
    with create_input().raw_mode():
        yield


class TerminalAsker:
    """Asks in the terminal, on standard error, so that standard output stays the result's."""

    def put(self, question: Question, progress: Progress, *, can_go_back: bool, knowledge: Knowledge) -> Given | str:
        """Asks one question; see `Asker`."""
        return _Screen(question, progress, can_go_back, knowledge).ask()

    def note(self, ask: Ask, given: Given | None) -> None:
        """Leaves one line of each answer on the terminal."""
        output = create_output(always_prefer_tty=True)
        mark, style = ("↶", "class:quiet") if given is None else ("✓", "class:done")
        room = min(output.get_size().columns, _WIDEST) - 5
        said = textwrap.shorten(f"{ask.fact}: {in_words(ask, given)}", room, placeholder=" ...")
        line = FormattedText([(style, f"  {mark} "), ("class:quiet", said)])
        print_formatted_text(line, style=_STYLE, output=output)


class _Screen:
    """One question on the terminal: the state of its keys, and how it looks."""

    def __init__(self, question: Question, progress: Progress, can_go_back: bool, knowledge: Knowledge) -> None:
        self._question = question
        self._progress = progress
        self._can_go_back = can_go_back
        self._knowledge = knowledge
        self._rows = [(option.code, option.means) for option in question.ask.options] + [(DONT_KNOW, "I don't know")]
        self._at = 0
        self._digits = ""
        self._number: str | None = None
        self._explained = False
        self._wrong = ""

    def ask(self) -> Given | str:
        control = FormattedTextControl(self._look, focusable=True, show_cursor=False)
        application: Application[Given | str] = Application(
            layout=Layout(Window(control, wrap_lines=True, dont_extend_height=True)),
            key_bindings=self._keys(),
            style=_STYLE,
            erase_when_done=True,
            output=create_output(always_prefer_tty=True),
        )
        return application.run()

    # -- how it looks --------------------------------------------------------------------------------------------

    def _look(self) -> StyleAndTextTuples:
        size = get_app().output.get_size()
        width = min(size.columns, _WIDEST) - 1
        parts = [self._head(width), self._options(width), self._foot(width)]
        if self._explained:
            parts.insert(1, [("class:quiet", _filled(explanation(self._question), width, "  ") + "\n")])
        airy = _look_at(parts, "\n")
        return airy if _height(airy) <= size.rows else _look_at(parts, "")

    def _head(self, width: int) -> StyleAndTextTuples:
        length = min(_BAR, width - 2)
        full = int(self._progress.share * length)
        said = settled(self._progress, self._knowledge)
        beside = 2 + length + 2 + len(said) <= width
        return [
            ("class:bar", "  " + "━" * full),
            ("class:quiet", "─" * (length - full) + ("  " + said if beside else "\n" + _filled(said, width, "  "))),
            ("class:question", "\n" + _filled(self._question.ask.question, width, "  ") + "\n"),
        ]

    def _options(self, width: int) -> StyleAndTextTuples:
        names = max(len(code) for code, _ in self._rows)
        look: StyleAndTextTuples = []
        for index, (code, means) in enumerate(self._rows):
            chosen = index == self._at and self._number is None
            key = "d" if code == DONT_KNOW else str(index + 1)
            head = f"  {_MARK if chosen else ' '} {key:>2}  {code:<{names}}  "
            if width - len(head) >= _NARROWEST_TEXT:
                text = textwrap.fill(means, width, initial_indent=head, subsequent_indent=" " * len(head))
            else:
                text = head.rstrip() + "\n" + _filled(means, width, " " * 8)
            if chosen and not self._wrong:
                look.append(("[SetCursorPosition]", ""))  # what does not fit scrolls with the choice
            look.append(("class:chosen" if chosen else "", text + "\n"))
        return look

    def _foot(self, width: int) -> StyleAndTextTuples:
        look: StyleAndTextTuples = []
        if self._number is not None:
            shown = textwrap.shorten(f"{self._question.ask.unit}: {self._number}", width - 6, placeholder=" ...")
            look.append(("class:chosen", f"  {_MARK} {shown}▏\n"))
        if self._wrong:
            look.append(("class:wrong", _filled(self._wrong, width, "  ") + "\n"))
        if self._wrong or self._number is not None:
            look.append(("[SetCursorPosition]", ""))
        hints = " · ".join(hint.replace(" ", "\0") for hint in self._hints())
        return [*look, ("class:quiet", _filled(hints, width, "  ").replace("\0", " "))]

    def _hints(self) -> list[str]:
        if self._number is not None:
            return ["Enter takes the number", "Esc back to the choices", "Ctrl-C save and stop"]
        hints = ["↑ ↓ or number, Enter", "? why"]
        if self._question.ask.unit:
            hints.append("= exact number")
        return [*hints, "d don't know", *(["b back"] if self._can_go_back else []), "Ctrl-C save and stop"]

    # -- what the keys do ----------------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("up")
        @keys.add("k")
        def _(event: KeyPressEvent) -> None:
            self._move(-1)

        @keys.add("down")
        @keys.add("j")
        @keys.add("tab")
        def _(event: KeyPressEvent) -> None:
            self._move(1)

        @keys.add("enter")
        @keys.add("c-j")  # what Enter gives when it was pressed before the question stood
        def _(event: KeyPressEvent) -> None:
            self._enter(event)

        @keys.add("escape", eager=True)
        def _(event: KeyPressEvent) -> None:
            self._number, self._wrong = None, ""

        @keys.add("backspace")
        def _(event: KeyPressEvent) -> None:
            if self._number is not None:
                self._number = self._number[:-1]

        @keys.add("c-c")
        @keys.add("c-d")
        @keys.add("<sigint>")
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt())

        @keys.add("<bracketed-paste>")
        def _(event: KeyPressEvent) -> None:
            self._pasted(event.data)

        @keys.add("<any>")
        def _(event: KeyPressEvent) -> None:
            self._typed(event.data, event)

        return keys

    def _move(self, step: int) -> None:
        if self._number is None:
            self._at = (self._at + step) % len(self._rows)
            self._digits = self._wrong = ""

    def _enter(self, event: KeyPressEvent) -> None:
        fact = self._question.ask.fact
        written = self._rows[self._at][0] if self._number is None else self._number.strip()
        try:
            event.app.exit(result=read_given(fact, written, self._knowledge))
        except AnswersError as fault:
            unit = self._question.ask.unit
            is_number = self._number is not None and isinstance(as_plain(written), int | float)
            self._wrong = " ".join(fault.problems) if is_number else f"{written!r} is no number: {unit}, such as 350"

    def _typed(self, key: str, event: KeyPressEvent) -> None:
        self._wrong = ""
        if self._number is not None:
            if len(self._number) < _LONGEST_NUMBER and key.isprintable():
                self._number += key
        elif key == "?":
            self._explained = not self._explained
        elif key == "d":
            event.app.exit(result=Given(fact=self._question.ask.fact, code=DONT_KNOW))
        elif key == "b" and self._can_go_back:
            event.app.exit(result=BACK)
        elif key == "=" and self._question.ask.unit:
            self._number = ""
        elif key.isascii() and key.isdigit():
            self._pick(key)
        else:
            self._refuse(f"'{key}'" if key.isprintable() else "that key")

    def _pasted(self, text: str) -> None:
        if self._number is None:
            self._refuse("pasted text")
        else:
            printable = "".join(key for key in text if key.isprintable())
            self._number = (self._number + printable)[:_LONGEST_NUMBER]

    def _refuse(self, what: str) -> None:
        self._wrong = f"{what} is no choice here: 1 to {len(self._rows) - 1}, or a key of the line below"

    def _pick(self, digit: str) -> None:
        """Moves to the option of that number; two digits in a row mean one number where there are that many."""
        for digits in (self._digits + digit, digit):
            if 1 <= int(digits) <= len(self._rows) - 1:
                self._at, self._digits = int(digits) - 1, digits
                return
        self._wrong = f"there is no option {digit}: 1 to {len(self._rows) - 1}"


def _filled(text: str, width: int, indent: str) -> str:
    """Each line of the text wrapped to the width, under the same indent."""
    return "\n".join(
        textwrap.fill(line, width, initial_indent=indent, subsequent_indent=indent) for line in text.splitlines()
    )


def _look_at(parts: list[StyleAndTextTuples], between: str) -> StyleAndTextTuples:
    """The parts, with `between` in between, and above the first."""
    return [fragment for part in parts for fragment in [("", between), *part]]


def _height(look: StyleAndTextTuples) -> int:
    return sum(fragment[1].count("\n") for fragment in look) + 1
