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


def test_a_fault_of_an_example_is_mended_in_the_file_of_the_examples(tmp_path: Path) -> None:
    own = tmp_path / "examples.jsonl"
    own.write_text('{"input": "The tyre is flat.", "output": "tyres"}\n')
    done = run(config(tmp_path, prompting__examples=str(own)), "check")
    assert done.exit_code == 1
    assert "1 fault keeps the evaluation set from being tried" in done.stderr
    assert f"next: mend it in {own}" in done.stderr


def test_a_set_is_drawn_with_its_outputs_and_examples_and_named_as_config_reads_it(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (SAMPLE / "messages.jsonl").read_text(encoding="utf-8").splitlines()]
    table = tmp_path / "mine.csv"
    table.write_text("text,desk\n" + "".join(f'"{row["input"]}",{row["output"]}\n' for row in rows))
    (tmp_path / "data").mkdir()
    out, examples = tmp_path / "data" / "items.jsonl", tmp_path / "data" / "examples.jsonl"
    words = ["make-set", str(table), "--input-column", "text", "--out", str(out), "--items", "20"]
    unread = run(config(tmp_path), *words)
    assert unread.exit_code == 1
    assert "the column desk of" in unread.stderr
    assert not out.exists()
    made = run(config(tmp_path), *words, "--output-column", "desk", "--examples-out", str(examples))
    assert made.exit_code == 0, made.output
    assert "20 items in" in made.stdout
    assert "20 with a wanted output" in made.stdout
    assert f"5 worked examples in {examples}" in made.stdout
    following = made.stderr.partition("next: ")[2]
    assert following.startswith(
        "set prompting.items to data/items.jsonl, set prompting.examples to data/examples.jsonl,"
    )
    assert "fill in" not in following
    file = config(tmp_path, prompting__items="data/items.jsonl", prompting__examples="data/examples.jsonl")
    assert run(file, "check").exit_code == 0
    # Without a place for them, what else has an output is told; what stands is not written over.
    out.unlink()
    assert "examples.jsonl stands already" in run(file, *words, "--examples-out", str(examples)).stderr
    told = run(config(tmp_path), *words, "--output-column", "desk").stderr
    assert "5 more inputs with a wanted output: --examples-out FILE keeps them" in told
    out.unlink()
    left = run(config(tmp_path), *words, "--output-column", "").stderr
    assert "no wanted outputs were read; not read: desk" in left
    assert f"fill in what is missing in {out}" in left


def test_a_path_of_the_command_line_that_is_wrong_is_no_fault_of_the_settings(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.csv")
    told = run(config(tmp_path), "make-set", gone, "--out", str(tmp_path / "x.jsonl")).stderr
    assert "cannot be read" in told
    assert "config.yaml" not in told


def test_missing_outputs_can_be_filled_in(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs.txt"
    inputs.write_text("The bell is broken.\nWhere is my money?\n")
    out = tmp_path / "set.jsonl"
    done = run(config(tmp_path), "make-set", str(inputs), "--out", str(out), "--fill", typed="2\n:q\n")
    assert done.exit_code == 0, done.output
    assert "1 item of" in done.output
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
