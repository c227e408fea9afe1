"""What a user can get wrong on the command line: the exit code, and a message that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call

COMMANDS = ("ask", "recommend", "explain", "scaffold", "smoke", "report", "run", "rules")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_is_a_result(words: list[str], call: Call) -> None:
    done = call(*words)
    assert (done.code, done.err) == (0, "")
    assert done.out
    assert all(len(line) <= 100 for line in done.out.splitlines())


def test_help_names_every_command(call: Call) -> None:
    shown = call("--help").out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["recomend", "x"], "Did you mean recommend?"),
        (["zzz"], "No such command 'zzz'"),
        (["rules", "lst"], "Did you mean 'list'?"),
        (["recommend", "--formt", "json"], "--format"),
        (["recommend", "--format", "xml"], "'text', 'json', 'markdown'"),
        (["recommend", "--set"], "requires an argument"),
        (["recommend", "-", "-"], "standard input (-) can be read once"),
        (["explain"], "Missing argument 'FILE'"),
        (["run", "answers.yaml"], "Missing argument 'DEST'"),
        (["report", "answers.yaml"], "--out"),
        (["smoke", "project", "--timeout", "0"], "--timeout"),
        (["scaffold", "a", "b", "--approach", "ragg"], "'prompting', 'rag', 'fine_tuning', 'retraining', 'hybrid'"),
        (["rules", "show"], "Missing argument"),
    ],
)
def test_wrong_usage_is_exit_code_2(words: list[str], said: str, call: Call) -> None:
    done = call(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ragg"], "neither an approach nor a rule: 'ragg'; did you mean rag?"),
        (["facts_mov"], "neither an approach nor a rule: 'facts_mov'; did you mean facts_move?"),
        (["zzzzzz"], "approaches: prompting, rag, fine_tuning, retraining, hybrid"),
    ],
)
def test_explain_knows_approaches_and_rules(words: list[str], said: str, call: Call, help_desk: Path) -> None:
    done = call("explain", help_desk, *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "next: all rules: advisor rules list" in done.err


@pytest.mark.parametrize(
    ("name", "said"),
    [("facts_mov", "did you mean facts_move?"), ("volatilty", "did you mean volatility?"), ("?", "neither a rule nor")],
)
def test_rules_show_knows_rules_and_facts(name: str, said: str, call: Call) -> None:
    done = call("rules", "show", name)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "next: see: advisor rules list" in done.err


@pytest.mark.parametrize("command", ["recommend", "explain", "report", "scaffold", "run"])
def test_bad_answers_are_exit_code_1_whatever_reads_them(command: str, call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("answers:\n  volatilty: weekly\n  citations: mandatry\n")
    rest = {"report": ["--out", "r.html"], "scaffold": ["project"], "run": ["project"]}.get(command, [])
    for file, said in (("bad.yaml", "bad.yaml:2: unknown fact"), ("nowhere.yaml", "nowhere.yaml: no such file")):
        done = call(command, file, *rest)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("error: ")
        assert said in done.err
        assert "\nnext: " in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_thousands_of_problems_are_not_all_printed(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("answers:\n" + "".join(f"  column_{number}: 1\n" for number in range(3000)))
    done = call("recommend", "bad.yaml")
    assert done.code == 1
    assert 20 < len(done.err.splitlines()) < 100
    assert "more" in done.err


def test_control_characters_of_a_file_do_not_reach_the_terminal(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text('answers:\n  volatility: "\\e[31mred"\n  "a\\e[2Jb": 1\n')
    done = call("recommend", "bad.yaml")
    assert done.code == 1
    assert "\x1b" not in done.err


def test_an_answers_file_is_never_overwritten_by_ask(call: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("answers: {volatility: weekly}\n")
    done = call("ask", "--out", "mine.yaml")
    assert (done.code, done.out) == (1, "")
    assert "mine.yaml: stands there already, and is not overwritten" in done.err
    assert "next: go on with it: advisor ask --resume mine.yaml" in done.err
    assert (tmp_path / "mine.yaml").read_text() == "answers: {volatility: weekly}\n"


@pytest.mark.parametrize("place", ["nowhere/a.yaml", "file/a.yaml", "/proc/a.yaml"])
def test_ask_says_at_once_where_it_cannot_write(place: str, call: Call, tmp_path: Path) -> None:
    """/proc takes no files from anybody, root neither."""
    (tmp_path / "file").write_text("mine")
    done = call("ask", "--plain", "--out", place)
    assert (done.code, done.out) == (1, "")
    assert place in done.err
    assert "next: " in done.err
    assert "What sort of model" not in done.err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("place", ["nowhere/r.html", "file/r.html", "/proc/r.html", "folder"])
def test_report_says_where_it_cannot_write(place: str, call: Call, help_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    done = call("report", help_desk, "--out", place)
    assert (done.code, done.out) == (1, "")
    assert place in done.err
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_an_interrupt_is_quiet(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("advisor.ask.answers_file.read_answers", interrupted)
    done = call("recommend", "-")
    assert (done.code, done.out, done.err.strip()) == (130, "", "")


@pytest.mark.parametrize("command", ["run", "scaffold"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pattern", "plain_rga"), "unknown pattern 'plain_rga'; did you mean plain_rag?"),
        (("--pattern", "plain_rag", "--approach", "prompting"), "plain_rag is a pattern of rag, not of prompting"),
    ],
)
def test_a_pattern_that_cannot_be_is_told_first(
    command: str, words: tuple[str, ...], said: str, call: Call, help_desk: Path, tmp_path: Path
) -> None:
    for file in (help_desk, "no such file"):
        done = call(command, file, "project", *words)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"error: {said}")
        assert "\nnext: " in done.err
    assert not list(tmp_path.iterdir())


def test_run_says_that_the_project_is_not_the_verdict(
    call: Call, help_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("advisor.scaffold.write.write_project", nowhere)
    done = call("run", help_desk, "project", "--approach", "fine_tuning")
    assert done.code == 1
    assert (
        "\nnote: the verdict is rag, incremental_index (high confidence); "
        "the project is fine_tuning, frozen_encoder_head, since you insist on it\n"
    ) in done.err
    assert "\nwarning: facts_outpace_training rules frozen_encoder_head out; to bring it back: " in done.err
    done = call("run", help_desk, "project")
    assert "the verdict is" not in done.err
    assert not list(tmp_path.iterdir())
