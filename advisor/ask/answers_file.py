"""Answers as people write them: reading with a precise complaint for every mistake, and saving."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from advisor.ask.own_figures import as_lines, in_order, read_figure, read_figures
from advisor.documents import Answers, Given
from advisor.errors import AnswersError, allowed, nearest
from advisor.files import write_whole
from advisor.knowledge import Ask, Knowledge
from advisor.strict_yaml import LARGEST_FILE, Loaded, StrictYamlError, as_plain, as_written, load_file, load_text
from advisor.values import DONT_KNOW

__all__ = ["as_written", "as_yaml", "keep_bytes", "read_answers", "read_given", "save_answers", "with_answers"]

_FORM = "answers:\n  volatility: weekly\n  labelled_examples: 350"
_MOST = 100
"""Problems that are gathered; a file with more of them is no answers file."""
_SHOWN = 60
"""Characters of what somebody wrote that a message repeats."""


def read_answers(path: str, knowledge: Knowledge) -> Answers:
    """Reads an answers file; `-` is standard input.

    Raises:
        AnswersError: with every problem of the file, each with its line.
    """
    loaded = _load(path)
    if loaded.data is None:
        raise AnswersError(
            f"{loaded.name}: nothing in it", "write 'answers: {}' if nothing is known, or run: advisor ask"
        )
    if not isinstance(loaded.data, dict):
        kind = "a list" if isinstance(loaded.data, list) else "one word"
        raise AnswersError(f"{loaded.where(())}: {kind} where a mapping is wanted", f"the form is:\n{_FORM}")
    others = [key for key in loaded.data if key not in ("answers", "figures")][:_MOST]
    problems = [f"{loaded.where((key,))}: {_misplaced(key, knowledge)}" for key in others]
    listed = loaded.data.get("answers")
    if "answers" not in loaded.data:
        problems.append(f"{loaded.name}: 'answers' is missing")
    elif not isinstance(listed, dict):
        problems.append(f"{loaded.where(('answers',))}: 'answers' must be a mapping of facts to codes or numbers")
    given = []
    for fact in listed if isinstance(listed, dict) else ():
        where = loaded.where(("answers", fact))
        written = loaded.written(("answers", fact))
        try:
            if written is None and fact in knowledge.asks:
                codes = ", ".join([*knowledge.asks[fact].codes, DONT_KNOW])
                raise AnswersError(f"{fact} takes one value, not a list or a mapping; allowed: {codes}")
            given.append(read_given(fact, written or "", knowledge))
        except AnswersError as fault:
            problems += [f"{where}: {problem}" for problem in fault.problems]
        if len(problems) > _MOST:
            break
    figures = read_figures(loaded, knowledge, problems)
    if problems:
        raise AnswersError(problems, f"the form is:\n{_FORM}\nall facts and codes: advisor rules list --facts")
    return Answers(given=_in_order(given), figures=figures)


def _misplaced(key: str, knowledge: Knowledge) -> str:
    if key in knowledge.asks:
        return f"the fact {key!r} must stand indented under 'answers:'"
    if key in knowledge.prices.figures:
        return f"the figure {key!r} must stand indented under 'figures:'"
    return f"unknown key {_short(key)}; {allowed(key, ['answers', 'figures'])}"


def _load(path: str) -> Loaded:
    try:
        if path == "-":
            return load_text(sys.stdin.buffer.read(LARGEST_FILE + 1), "standard input")
        return load_file(Path(path))
    except StrictYamlError as fault:
        raise AnswersError(fault.problems, f"the form is:\n{_FORM}") from None
    except FileNotFoundError:
        raise AnswersError(f"{path}: no such file", f"make one with: advisor ask --out {path}") from None
    except IsADirectoryError:
        raise AnswersError(f"{path}: a folder, not an answers file", "give a YAML file") from None
    except OSError as fault:
        raise AnswersError(f"{path}: cannot be read: {fault.strerror}") from None


def read_given(fact: str, written: str, knowledge: Knowledge) -> Given:
    """One answer, as written: a code, `dont_know`, or a number that falls into a band.

    Raises:
        AnswersError: without a place; the caller knows it.
    """
    ask = knowledge.asks.get(fact)
    if ask is None:
        raise AnswersError(f"unknown fact {_short(fact)}; {allowed(fact, sorted(knowledge.asks))}")
    if written == DONT_KNOW or written in ask.codes:
        return Given(fact=fact, code=written)
    number = as_plain(written)
    if isinstance(number, bool) or not isinstance(number, int | float):
        codes = [*ask.codes, DONT_KNOW]
        unit = f", or a number of {ask.unit} such as 350" if ask.unit else ""
        listed = allowed(written[:_SHOWN], codes) + unit
        if not written:
            raise AnswersError(f"{fact} has no value: delete the line to leave it unknown; {listed}")
        raise AnswersError(f"{fact} has no code {_short(written)}; {listed}")
    # Zero has a sign as a float, which would show in the saved document.
    return Given(fact=fact, code=_banded(ask, number), number=float(number) + 0.0)


def _short(written: str) -> str:
    """Quoted for a message, and cut where it is long."""
    return repr(written) if len(written) <= _SHOWN else f"{written[:_SHOWN]!r}..."


def _banded(ask: Ask, number: int | float) -> str:
    if ask.unit is None:
        raise AnswersError(f"{ask.fact} takes no number; allowed: {', '.join([*ask.codes, DONT_KNOW])}")
    # An integer can be too large for a float, and a float can be written so that it is infinite.
    if not 0 <= number <= sys.float_info.max:
        raise AnswersError(
            f"{ask.fact}: {number:.6g} is out of range: a number of {ask.unit}, 0 or more"
            if number < 0
            else f"{ask.fact}: the number is too large: a finite number of {ask.unit}"
        )
    code = ask.banded(number)
    if code is None:
        raise AnswersError(
            f"{ask.fact}: {as_written(number)} {ask.unit} lies in none of the bands; more than 0 is wanted"
        )
    return code


def with_answers(answers: Answers, settings: Iterable[str], knowledge: Knowledge) -> Answers:
    """`answers` with some set or replaced, each given as `FACT=VALUE` or `FIGURE=NUMBER`.

    Raises:
        AnswersError: with every setting that cannot be read.
    """
    by_fact = {given.fact: given for given in answers.given}
    by_figure = {given.figure: given for given in answers.figures}
    problems = []
    for setting in settings:
        fact, sign, written = setting.partition("=")
        if not sign:
            problems.append(f"--set {setting}: the form is FACT=VALUE, for instance --set volatility=weekly")
            continue
        name = fact.strip()
        try:
            if nearest(name, [*knowledge.asks, *knowledge.prices.figures]) in knowledge.prices.figures:
                by_figure[name] = read_figure(name, written.strip(), knowledge)
            else:
                by_fact[name] = read_given(name, written.strip(), knowledge)
        except AnswersError as fault:
            problems += [f"--set {setting}: {problem}" for problem in fault.problems]
    if problems:
        raise AnswersError(problems, "all facts and codes: advisor rules list --facts")
    return Answers(given=_in_order(by_fact.values()), figures=in_order(by_figure.values()))


def _in_order(given: Iterable[Given]) -> tuple[Given, ...]:
    return tuple(sorted(given, key=lambda one: one.fact))


def as_yaml(answers: Answers, knowledge: Knowledge) -> str:
    """The answers as a file that people can read and edit: each with its question and what the code means."""
    lines = ["# Answers for advisor. Change a code, or delete a line to leave that fact unknown.", "answers:"]
    if not answers.given:
        lines[-1] += " {}"
    for given in answers.given:
        ask = knowledge.asks[given.fact]
        means = "asked, not known" if given.code == DONT_KNOW else ask.option(given.code).means
        value = _quoted(given.code)
        if given.number is not None:
            value, means = as_written(given.number), f"{ask.unit}: {means}"
        lines += [f"  # {ask.question}", f"  {given.fact}: {value}  # {means}"]
    lines += as_lines(answers.figures, knowledge)
    return "\n".join(lines) + "\n"


def save_answers(answers: Answers, path: Path, knowledge: Knowledge) -> None:
    """Saves the answers: the file is whole at any moment.

    Raises:
        AnswersError: the place cannot be written.
    """
    keep_bytes(as_yaml(answers, knowledge).encode(), path)


def keep_bytes(content: bytes, path: Path) -> None:
    """Writes an answers file as it is.

    Raises:
        AnswersError: the place cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as fault:
        raise AnswersError(f"{path}: cannot be written: {fault.strerror}", "choose another place with --out") from None


def _quoted(code: str) -> str:
    """Quoted where other YAML readers would see a number or a truth value."""
    return f"'{code}'" if code in ("no", "yes") or code[0].isdigit() else code
