import json
from pathlib import Path

import pytest

from ..proof.endpoint import running
from ..proof.project import SAMPLE, answers_of, wanted_outputs
from .projects import config, prompt_file, run


def test_from_inputs_to_answers(tmp_path: Path) -> None:
    items = SAMPLE / "messages.jsonl"
    with running(answers_of(wanted_outputs(items))) as server:
        file = config(tmp_path, "few_shot", server.base_url, prompting__choose_shots="fixed")
        out = tmp_path / "set.jsonl"
        made = run(file, "make-set", str(items), "--out", str(out), "--items", "20")
        assert made.exit_code == 0, made.output
        assert "20 items in" in made.output
        file = config(tmp_path, "few_shot", server.base_url, prompting__choose_shots="fixed", prompting__items=str(out))
        for command in (["check"], ["try"], ["review"], ["answers", "--out", str(tmp_path / "measured.yaml")]):
            done = run(file, *command)
            assert done.exit_code == 0, done.output
        assert "failure_mode: none" in (tmp_path / "measured.yaml").read_text()
        asked = run(file, "ask", "My key is gone for good.", "--format", "json")
        assert asked.exit_code == 0, asked.output
        assert json.loads(asked.stdout)["prompt"]["name"] == "route_message"
        assert run(file, "make-set", str(items), "--out", str(out)).exit_code == 1


def test_check_ends_with_an_error_where_the_set_has_faults(tmp_path: Path) -> None:
    done = run(config(tmp_path, prompting__examples=str(SAMPLE / "messages.jsonl")), "check")
    assert done.exit_code == 1
    assert "would hold its answer" in done.output
    assert "25 faults" in done.output


def test_missing_outputs_can_be_filled_in(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs.txt"
    inputs.write_text("The bell is broken.\nWhere is my money?\n")
    out = tmp_path / "set.jsonl"
    done = run(config(tmp_path), "make-set", str(inputs), "--out", str(out), "--fill", typed="2\n:q\n")
    assert done.exit_code == 0, done.output
    assert "1 items of" in done.output
    done = run(config(tmp_path), "make-set", str(inputs), "--out", str(out), "--fill", typed="billing\n")
    assert [json.loads(line)["output"] for line in out.read_text().splitlines()] == ["repair", "billing"]


def test_a_failing_endpoint_says_what_is_kept(tmp_path: Path) -> None:
    known = wanted_outputs(SAMPLE / "messages.jsonl")
    with running(answers_of(known)) as server:
        file = config(tmp_path, "few_shot", server.base_url, prompting__choose_shots="fixed")

        def answer(messages: object) -> str:
            if len(server.bodies) == 4:
                server.busy = [403]
            return "loss"

        server.answer = answer
        done = run(file, "try")
        assert done.exit_code == 1
        assert "5 answers were paid for and are kept; the same command goes on" in done.output
        server.busy = []
        done = run(file, "try", "--format", "json")
        assert json.loads(done.stdout)["effort"]["reused"] == 5


@pytest.mark.parametrize("text", ["", "x" * 30_000])
def test_bad_inputs_are_refused(tmp_path: Path, text: str) -> None:
    done = run(config(tmp_path, "few_shot", "http://127.0.0.1:9/v1"), "ask", text)
    assert done.exit_code == 1
    assert "error: " in done.output


def test_a_question_is_answered_from_the_table_of_the_last_trial(tmp_path: Path) -> None:
    file = config(tmp_path, "map_reduce")
    early = run(file, "ask", "Which fault is the most frequent?")
    assert early.exit_code == 1
    assert "nothing was tried yet" in early.output
    tried = run(file, "try")
    assert tried.exit_code == 0, tried.output
    assert "figures as people found them" in tried.output
    done = run(file, "ask", "Which fault is the most frequent?")
    assert done.exit_code == 0, done.output
    assert "documents read: " in done.output
    assert "a stand-in answered" in done.output


def test_a_wrong_prompt_file_is_told_with_its_line(tmp_path: Path) -> None:
    done = run(config(tmp_path, prompting__prompt=str(prompt_file(tmp_path, "output: lable"))), "check")
    assert done.exit_code == 1
    assert "p.md:4: output" in done.output
