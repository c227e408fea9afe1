"""The questionnaire in a real terminal, key by key, and line by line through a pipe."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.ask.terminal import BACKSPACE, CTRL_C, DOWN, ENTER, ESCAPE, F5, ROOT, UP, Terminal
from tests.conftest import Run

FIRST = "What sort of model is being adapted?"
KIND_FIRST = ("--rules", str(Path(__file__).parent / "kind_first"))
"""Makes that the first question, whatever the rules of the day are."""

Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """`terminal("ask", ...)`: the command in a terminal of its own."""
    opened: list[Terminal] = []

    def open_one(*words: str, rows: int = 24, columns: int = 80, term: str = "xterm-256color") -> Terminal:
        opened.append(Terminal(tmp_path, *words, rows=rows, columns=columns, term=term))
        return opened[-1]

    yield open_one
    for one in opened:
        one.process.close(force=True)


def saved(folder: Path, name: str = "mine.yaml") -> dict[str, object]:
    found = yaml.safe_load((folder / name).read_text())["answers"]
    assert isinstance(found, dict)
    return found


def to_the_choice_of_a_task(asked: Terminal) -> None:
    """With everything asked, up to the question with eleven options."""
    asked.wait(FIRST, "save and stop")
    asked.answer("1", ENTER)
    while "prediction_ranking" not in asked.text():
        asked.answer("d")


def test_a_question_says_all_that_is_needed(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    screen = asked.wait(FIRST, "Ctrl-C")
    assert "1  llm           generates text or code" in screen
    assert "d  dont_know     I don't know" in screen
    assert "? why" in screen
    assert "save and stop" in screen
    assert "settled " in screen
    assert "leaning to " in screen
    assert "b back" not in screen
    assert asked.chosen() == "llm"
    assert asked.colour_of("llm") == "cyan"
    assert saved(tmp_path) == {}


def test_arrows_and_numbers_move_and_enter_takes(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    for key, code in ((DOWN, "encoder"), (DOWN, "predictive"), (UP, "encoder"), ("4", "vision_audio"), ("1", "llm")):
        asked.press(key)
        asked.wait_until(lambda code=code: asked.chosen() == code, f"the mark at {code}")  # type: ignore[misc]
    asked.press(UP)
    asked.wait_until(lambda: asked.chosen() == "dont_know", "the mark at the other end")
    asked.press("1", DOWN, ENTER)
    screen = asked.wait("✓ model_kind: a small text model", "b back")
    assert FIRST not in screen
    assert saved(tmp_path) == {"model_kind": "encoder"}


def test_two_digits_choose_among_eleven(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--until", "everything", "--out", "mine.yaml")
    to_the_choice_of_a_task(asked)
    for key, code in (("1", "grounded_qa"), ("1", "prediction_ranking"), ("5", "extraction"), ("1", "grounded_qa")):
        asked.press(key)
        asked.wait_until(lambda code=code: asked.chosen() == code, f"the mark at {code}")  # type: ignore[misc]
    asked.press("0")
    asked.wait_until(lambda: asked.chosen() == "code_or_query", "the mark at the tenth")
    asked.press("?")
    screen = asked.wait("It separates looking things up")
    assert "d  dont_know" in screen
    assert "save and stop" in screen, "the longest question with its reason does not fit into 24 lines"
    asked.press(ENTER)
    asked.wait("✓ task_type: ")
    assert saved(tmp_path)["task_type"] == "code_or_query"


def test_the_question_mark_says_why(terminal: Open) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press("?")
    screen = asked.wait("Prompts and retrieved passages only help a model that reads text")
    assert "It can tip the verdict: " in screen
    asked.press("?")
    asked.wait(FIRST, gone="It can tip")


def test_an_exact_number(terminal: Open, tmp_path: Path) -> None:
    (tmp_path / "begun.yaml").write_text("answers:\n  model_kind: llm\n")
    asked = terminal("ask", *KIND_FIRST, "--until", "everything", "--resume", "begun.yaml", "--out", "mine.yaml")
    asked.wait("save and stop")
    while "= exact number" not in asked.text():
        asked.answer("d")
    known = set(saved(tmp_path))
    for written, words in (("12abc", "'12abc' is no number"), ("-5", "-5 is out of range"), ("1e999", "too large")):
        asked.press("=", written)
        asked.wait(f": {written}▏", "Enter takes the number")
        asked.press(ENTER)
        asked.wait(words)
        assert set(saved(tmp_path)) == known
        asked.press(ESCAPE)
        asked.wait("? why", gone="▏")
    asked.press("=", "3x", BACKSPACE, "50", ENTER)
    asked.wait(": 350 ")
    (fact,) = set(saved(tmp_path)) - known
    assert saved(tmp_path)[fact] == 350


def test_dont_know_is_an_answer(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press("d")
    asked.wait("✓ model_kind: don't know", "b back")
    assert saved(tmp_path) == {"model_kind": "dont_know"}


def test_back_takes_the_answer_back_on_disk_too(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press("2", ENTER)
    asked.wait("✓ model_kind", "b back")
    assert saved(tmp_path) == {"model_kind": "encoder"}
    asked.press("b")
    screen = asked.wait(FIRST, "model_kind: taken back")
    assert "b back" not in screen
    assert saved(tmp_path) == {}


@pytest.mark.parametrize("key", ["x", "b", "9", "0", "=", F5, "\x1b[200~llm\x1b[201~", "é"])
def test_a_key_without_meaning_is_refused_with_those_that_have_one(key: str, terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press(key)
    screen = asked.wait("1 to 5", "save and stop")
    assert "\x1b" not in screen
    assert asked.colour_of("1 to 5") == "red"
    assert saved(tmp_path) == {}
    asked.press(DOWN)
    asked.wait(FIRST, gone="1 to 5")


@pytest.mark.parametrize("way", ["key", "signal"])
def test_ctrl_c_saves_and_says_how_to_go_on(way: str, terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "my answers.yaml")
    asked.wait(FIRST)
    asked.press("1", ENTER)
    asked.wait("✓ model_kind", "b back")
    if way == "key":
        asked.press(CTRL_C)
    else:
        asked.process.kill(signal.SIGINT)
    assert asked.ended() == 130
    assert "saved 1 answer in my answers.yaml; go on with: advisor ask --resume 'my answers.yaml'" in (
        asked.text().replace("\n", "")
    )
    assert "Traceback" not in asked.everything()
    assert saved(tmp_path, "my answers.yaml") == {"model_kind": "llm"}


def test_resuming_asks_nothing_twice(terminal: Open, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("answers:\n  model_kind: llm\n  latency_p95: dont_know\n")
    asked = terminal("ask", *KIND_FIRST, "--resume", "mine.yaml")
    screen = asked.wait("save and stop")
    assert FIRST not in screen
    assert "b back" not in screen
    asked.press("d")
    asked.wait("✓ ", "b back")
    assert {"model_kind", "latency_p95"} < set(saved(tmp_path))
    assert len(saved(tmp_path)) == 3


def test_looking_at_a_file_does_not_rewrite_it(terminal: Open, tmp_path: Path) -> None:
    mine = "# my own remark\nanswers: {model_kind: llm}\n"
    (tmp_path / "mine.yaml").write_text(mine)
    asked = terminal("ask", *KIND_FIRST, "--resume", "mine.yaml")
    asked.wait("save and stop")
    asked.press(CTRL_C)
    assert asked.ended() == 130
    assert (tmp_path / "mine.yaml").read_text() == mine


def test_a_file_with_remarks_is_spared_before_it_is_written_over(run: Run, tmp_path: Path) -> None:
    mine = "# my own remark\nanswers: {model_kind: llm}\n"
    (tmp_path / "mine.yaml").write_text(mine)
    done = run("ask", *KIND_FIRST, "--plain", "--resume", "mine.yaml", input="d\nd\n")
    assert done.returncode == 130
    assert "the file as you wrote it, with your remarks, is mine.yaml.bak" in done.stderr
    assert (tmp_path / "mine.yaml.bak").read_text() == mine
    assert len(saved(tmp_path)) == 3
    again = run("ask", *KIND_FIRST, "--plain", "--resume", "mine.yaml", input="d\n")
    assert "as you wrote it" not in again.stderr
    assert (tmp_path / "mine.yaml.bak").read_text() == mine


def test_keys_pressed_ahead_are_kept_and_do_not_show(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--until", "everything", "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press("1\r", "d", "d", "d", "d")
    asked.wait_until(lambda: asked.everything().count("✓") == 5, "five answers")
    assert len(saved(tmp_path)) == 5
    assert all(not line or line.startswith("  ") for line in asked.everything().splitlines())


def test_it_ends_by_itself_with_the_verdict(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press("1", ENTER)
    for number in range(1, 40):
        asked.wait_until(
            lambda number=number: (  # type: ignore[misc]
                "Saved in" in asked.everything()
                or (asked.everything().count("✓") == number and "save and stop" in asked.text())
            ),
            "the next question or the end",
        )
        if "Saved in" in asked.everything():
            break
        asked.press("2", ENTER)
    assert asked.ended() == 0
    shown = asked.everything()
    assert "end in the same advice." in shown
    assert "Saved in mine.yaml." in shown
    assert "next: advisor run mine.yaml my-project" in shown
    assert "\x1b[36m" in asked.raw, "the verdict has no colour"
    assert 3 <= len(saved(tmp_path)) < 28


@pytest.mark.parametrize(("columns", "rows"), [(40, 24), (24, 24), (80, 8), (10, 3), (200, 50)])
def test_any_size_of_terminal_will_do(columns: int, rows: int, terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml", columns=columns, rows=rows)
    asked.wait_until(lambda: bool(asked.chosen()) or "▸" in asked.text(), "the mark")
    asked.press("?", DOWN, DOWN)
    asked.wait_until(lambda: "▸  3" in asked.text(), "the choice on the screen")
    asked.press(ENTER)
    asked.wait_until(lambda: "✓" in asked.everything(), "the answer")
    asked.press(CTRL_C)
    assert asked.ended() == 130
    assert "Traceback" not in asked.everything()
    assert saved(tmp_path) == {"model_kind": "predictive"}


def test_a_low_terminal_shows_what_was_refused(terminal: Open) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml", rows=6)
    asked.wait("▸")
    asked.press("x")
    asked.wait("'x' is no choice here: 1 to 5", "save and stop")
    asked.press(DOWN)
    asked.wait("▸  2  encoder", gone="'x'")


def test_the_text_of_an_option_stays_in_its_column(terminal: Open) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml", columns=60)
    asked.wait(FIRST, "save and stop")
    lines = asked.lines()
    at = next(number for number, line in enumerate(lines) if "2  encoder" in line)
    assert lines[at + 1].index(lines[at + 1].strip()) == lines[at].index("a small text model")


def test_a_kill_between_answers_loses_nothing(terminal: Open, tmp_path: Path) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml")
    asked.wait(FIRST)
    asked.press("1", ENTER)
    asked.wait("✓ model_kind", "b back")
    asked.process.kill(signal.SIGKILL)
    asked.ended()
    assert saved(tmp_path) == {"model_kind": "llm"}
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]
    again = terminal("ask", *KIND_FIRST, "--resume", "mine.yaml")
    assert FIRST not in again.wait("save and stop")


def test_a_dumb_terminal_is_asked_line_by_line(terminal: Open) -> None:
    asked = terminal("ask", *KIND_FIRST, "--out", "mine.yaml", term="dumb")
    asked.wait(FIRST, "[number or code")
    assert "\x1b" not in asked.raw


# -- line by line ------------------------------------------------------------------------------------------------------


def test_lines_through_a_pipe(run: Run, tmp_path: Path) -> None:
    done = run("ask", *KIND_FIRST, "--plain", "--out", "mine.yaml", input="?\nrubbish\n99\nb\n\nencoder\nd\nb\n2\n")
    assert done.returncode == 130  # the input ended before the questions did
    assert done.stdout == ""
    assert "It can tip the verdict: " in done.stderr
    assert "model_kind has no code 'rubbish'; allowed: llm, encoder" in done.stderr
    assert "there is no option 99: 1 to 5" in done.stderr
    assert "model_kind has no code 'b'" in done.stderr
    assert "taken back" in done.stderr
    assert "saved 2 answers in mine.yaml; go on with: advisor ask --resume mine.yaml" in done.stderr
    assert saved(tmp_path)["model_kind"] == "encoder"
    assert all(len(line) <= 80 for line in done.stderr.splitlines() if KIND_FIRST[1] not in line)


def test_lines_until_the_verdict(run: Run, tmp_path: Path) -> None:
    done = run("ask", *KIND_FIRST, "--plain", "--out", "mine.yaml", input="1\n" + "2\n" * 40)
    assert done.returncode == 0
    assert "Saved in mine.yaml" in done.stderr
    again = run("recommend", "mine.yaml", *KIND_FIRST)
    assert done.stdout == again.stdout


def test_numbers_through_a_pipe(run: Run, tmp_path: Path) -> None:
    (tmp_path / "begun.yaml").write_text("answers:\n  model_kind: llm\n")
    lines = "=x\n=-1\n=2500\n"
    done = run("ask", *KIND_FIRST, "--plain", "--resume", "begun.yaml", "--out", "mine.yaml", input=lines)
    assert "=NUMBER in milliseconds" in done.stderr
    assert "latency_p95 has no code 'x'" in done.stderr
    assert "-1 is out of range" in done.stderr
    assert saved(tmp_path)["latency_p95"] == 2500
    assert "latency_p95" not in (tmp_path / "begun.yaml").read_text()


def test_bytes_that_are_no_text_are_refused(run: Run, tmp_path: Path) -> None:
    done = run(
        "ask",
        *KIND_FIRST,
        "--plain",
        "--out",
        "mine.yaml",
        input=b"\xff\xfe\nllm\n" + b"x" * 100_000 + b"\n",
        text=False,
    )
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr  # type: ignore[operator]
    assert len(done.stderr) < 10_000
    assert saved(tmp_path) == {"model_kind": "llm"}


@pytest.mark.parametrize("given", ["", "q\n", "1\nb\nq\n"])
def test_a_questionnaire_without_an_answer_leaves_no_file(given: str, run: Run, tmp_path: Path) -> None:
    done = run("ask", "--plain", "--out", "my answers.yaml", input=given)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.endswith(
        "\nnothing was answered, so that no file is left\nnext: advisor ask --out 'my answers.yaml'\n"
    )
    assert not list(tmp_path.iterdir())


def test_what_was_killed_before_the_first_answer_is_begun_anew(run: Run, tmp_path: Path) -> None:
    left = "# Answers for advisor. Change a code, or delete a line to leave that fact unknown.\nanswers: {}\n"
    (tmp_path / "answers.yaml").write_text(left)
    done = run("ask", *KIND_FIRST, "--plain", input="encoder\nq\n")
    assert done.returncode == 130
    assert "saved 1 answer in answers.yaml" in done.stderr
    assert saved(tmp_path, "answers.yaml") == {"model_kind": "encoder"}
    assert [path.name for path in tmp_path.iterdir()] == ["answers.yaml"]


def test_a_file_of_the_user_stays_where_nothing_was_answered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("answers: {}\n")
    done = run("ask", "--plain", "--resume", "mine.yaml", input="q\n")
    assert "saved 0 answers in mine.yaml" in done.stderr
    assert (tmp_path / "mine.yaml").read_text() == "answers: {}\n"


FAULTY = str(ROOT / "tests" / "broken" / "rules" / "unknown_fact")


@pytest.mark.parametrize("words", [("list", "--facts"), ("list", "--figures"), ("check", "--rules", FAULTY)])
def test_rules_fit_a_terminal_and_are_whole_lines_elsewhere(words: tuple[str, ...], terminal: Open, run: Run) -> None:
    shown = terminal("rules", *words, rows=50)
    shown.ended()
    done = run("rules", *words)
    whole = (done.stdout or done.stderr).splitlines()
    assert any(len(line) > 80 for line in whole)
    assert shown.raw.split() == (done.stdout or done.stderr).split()
    assert max(len(line) for line in shown.raw.splitlines() if FAULTY not in line) <= 80
