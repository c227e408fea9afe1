"""Asking in a terminal: choices by arrow or number, and one key for everything else."""

from __future__ import annotations

import textwrap

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import get_app
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.styles import Style

from advisor.ask.answers_file import read_given
from advisor.ask.lines import explanation, settled
from advisor.ask.order import Progress, Question
from advisor.ask.session import BACK
from advisor.documents import Given
from advisor.errors import AnswersError
from advisor.knowledge import Ask, Knowledge
from advisor.values import DONT_KNOW

__all__ = ["TerminalAsker"]

_BAR = 24
_MARK = "▸"
_LONGEST_NUMBER = 24
_STYLE = Style.from_dict(
    {
        "bar": "fg:ansicyan",
        "question": "bold",
        "chosen": "bold fg:ansicyan",
        "quiet": "fg:ansibrightblack",
        "wrong": "fg:ansired",
    }
)


class TerminalAsker:
    """Asks in the terminal, on standard error, so that standard output stays the result's."""

    def put(self, question: Question, progress: Progress, *, can_go_back: bool, knowledge: Knowledge) -> Given | str:
        """Asks one question; see `Asker`."""
        return _Screen(question, progress, can_go_back, knowledge).ask()

    def note(self, given: Given, ask: Ask) -> None:
        """Leaves one line of each answer on the terminal."""
        means = "don't know" if given.code == DONT_KNOW else ask.option(given.code).means
        number = f"{given.number:g}, " if given.number is not None else ""
        output = create_output(always_prefer_tty=True)
        output.write(textwrap.shorten(f"  {ask.fact}: {number}{means}", 78, placeholder=" ...") + "\n")
        output.flush()


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
        ask, width = self._question.ask, min(get_app().output.get_size().columns, 100) - 1
        full = round(self._progress.share * _BAR)
        look: StyleAndTextTuples = [
            ("class:bar", "━" * full),
            ("class:quiet", "─" * (_BAR - full) + f" {settled(self._progress, self._knowledge)}\n"),
            ("class:question", textwrap.fill(ask.question, width) + "\n"),
        ]
        if self._explained:
            wrapped = [textwrap.fill(line, width) for line in explanation(self._question).splitlines()]
            look.append(("class:quiet", "\n".join(wrapped) + "\n"))
        names = max(len(code) for code, _ in self._rows)
        for index, (code, means) in enumerate(self._rows):
            key = "d" if code == DONT_KNOW else str(index + 1)
            mark = _MARK if index == self._at and self._number is None else " "
            head = f"{mark} {key:>2}  {code:<{names}}  "
            text = textwrap.fill(means, width, initial_indent=head, subsequent_indent=" " * len(head))
            look.append(("class:chosen" if mark == _MARK else "", text + "\n"))
        if self._number is not None:
            look.append(("class:chosen", f"{_MARK} {ask.unit}: {self._number}▏\n"))
        if self._wrong:
            look.append(("class:wrong", textwrap.fill(self._wrong, width) + "\n"))
        look.append(("class:quiet", textwrap.fill(self._hints(), width)))
        return look

    def _hints(self) -> str:
        if self._number is not None:
            return "Enter takes the number · Esc back to the choices · Ctrl-C save and stop"
        hints = ["↑ ↓ or number, Enter", "? why"]
        if self._question.ask.unit:
            hints.append("= exact number")
        hints += ["d don't know"] + (["b back"] if self._can_go_back else []) + ["Ctrl-C save and stop"]
        return " · ".join(hints)

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
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt())

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
            self._wrong = " ".join(fault.problems)

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
            self._wrong = f"{key!r} is no choice here: 1 to {len(self._rows) - 1}, or a key of the line below"

    def _pick(self, digit: str) -> None:
        """Moves to the option of that number; two digits in a row mean one number where there are that many."""
        for digits in (self._digits + digit, digit):
            if 1 <= int(digits) <= len(self._rows) - 1:
                self._at, self._digits = int(digits) - 1, digits
                return
        self._wrong = f"there is no option {digit}: 1 to {len(self._rows) - 1}"
