"""`advisor recommend`: forms, several files, and the promises of the JSON document."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from random import Random

import pytest

from tests.cli.conftest import ROOT, Call

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
APPROACHES = {"prompting", "rag", "fine_tuning", "retraining", "hybrid"}
IMPOSSIBLE = ["latency_p95=le_100ms", "model_kind=llm", "knowledge_source=in_request", "model_access=closed_no_ft"]
IMPOSSIBLE += ["task_type=styled_generation"]
PROMISED = {
    "schema": str,
    "approach": (str, type(None)),
    "undecided": (str, type(None)),
    "pattern": (str, type(None)),
    "confidence": dict,
    "ranking": list,
    "reasons": list,
    "vetoes": list,
    "conflicts": list,
    "flips": list,
    "unknowns": list,
    "risks": list,
    "plan": list,
    "costs": list,
    "precedents": list,
    "rules_digest": str,
}


def settings(*pairs: str) -> list[str]:
    return [word for pair in pairs for word in ("--set", pair)]


def cells(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in line)


def check_promises(document: dict[str, object]) -> None:
    for key, kind in PROMISED.items():
        assert isinstance(document[key], kind), key  # type: ignore[arg-type]
    assert document["approach"] in {*APPROACHES, None}
    assert document["undecided"] in {"everything_vetoed", "too_little_known", None}
    assert (document["approach"] is None) == (document["undecided"] is not None)
    confidence = document["confidence"]
    assert isinstance(confidence, dict)
    assert confidence["level"] in {"low", "medium", "high"}
    assert 0 <= confidence["score"] <= 1
    ranking = document["ranking"]
    assert isinstance(ranking, list)
    assert {rank["approach"] for rank in ranking} == APPROACHES
    assert all(isinstance(rank["score"], int | float) and isinstance(rank["vetoed"], bool) for rank in ranking)
    if document["approach"] is not None:
        assert ranking[0]["approach"] == document["approach"]
    vetoes = document["vetoes"]
    assert isinstance(vetoes, list)
    assert all({"approach", "pattern", "reach", "rule", "relax"} <= set(veto) for veto in vetoes)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_json_document_keeps_its_promises(path: Path, call: Call) -> None:
    done = call("recommend", path, "--format", "json")
    assert (done.code, done.err) == (0, "")
    check_promises(json.loads(done.out))


def test_without_a_file_nothing_is_known(call: Call) -> None:
    text = call("recommend")
    assert (text.code, text.err) == (0, "")
    assert "Too little is known for a verdict." in text.out
    assert "Answer first: " in text.out
    document = json.loads(call("recommend", "--format", "json").out)
    check_promises(document)
    assert document["undecided"] == "too_little_known"
    assert document["unknowns"][0]["question"]


def test_no_verdict_is_a_result_too(call: Call) -> None:
    done = call("recommend", *settings(*IMPOSSIBLE), "--format", "json")
    document = json.loads(done.out)
    check_promises(document)
    assert (done.code, document["undecided"]) == (0, "everything_vetoed")
    assert document["vetoes"]
    assert all(veto["relax"] for veto in document["vetoes"])
    text = call("recommend", *settings(*IMPOSSIBLE))
    assert text.code == 0
    assert "No approach is left" in text.out


@pytest.mark.parametrize("command", ["scaffold", "run"])
@pytest.mark.parametrize("known", [[], IMPOSSIBLE])
def test_without_a_verdict_there_is_nothing_to_build(
    command: str, known: list[str], call: Call, tmp_path: Path
) -> None:
    (tmp_path / "none.yaml").write_text("answers: {}\n")
    done = call(command, "none.yaml", "project", *settings(*known))
    assert done.code == 1
    assert "error: " in done.err
    assert "next: " in done.err
    assert not (tmp_path / "project").exists()


def test_the_same_answers_in_any_order_give_the_same_bytes(call: Call, help_desk: Path, tmp_path: Path) -> None:
    comment, start, *lines = help_desk.read_text().splitlines()
    (tmp_path / "shuffled.yaml").write_text("\n".join([start, *Random(7).sample(lines, len(lines))]) + "\n")
    first = call("recommend", help_desk, "--format", "json").out
    assert call("recommend", "shuffled.yaml", "--format", "json").out == first
    assert call("recommend", "-", "--format", "json", given=help_desk.read_text()).out == first
    words = [line.strip().replace(": ", "=", 1).replace("'", "") for line in lines]
    assert call("recommend", *settings(*words), "--format", "json").out == first
    assert "help-desk.yaml" not in first
    assert str(ROOT) not in first
    assert comment.startswith("#")


def test_a_number_and_the_way_it_is_written_do_not_matter(call: Call) -> None:
    documents = {
        call("recommend", "--set", f"corpus_size={n}", "--format", "json").out for n in ("2000", "2e3", "2000.0")
    }
    assert len(documents) == 1


@pytest.mark.parametrize(
    "more", [[], IMPOSSIBLE, ["volatility=0.5", "citations=mandatory"], ["baseline_quality=meets_target"]]
)
@pytest.mark.parametrize("path", [*EXAMPLES, None], ids=lambda path: path.stem if path else "nothing")
def test_text_fits_into_80_columns(path: Path | None, more: list[str], call: Call) -> None:
    done = call("recommend", *([path] if path else []), *settings(*more))
    assert done.code == 0
    assert done.out.endswith("\n")
    assert "\x1b" not in done.out
    assert [line for line in done.out.splitlines() if cells(line) > 80 or line != line.rstrip()] == []


def test_markdown_is_markdown(call: Call, help_desk: Path) -> None:
    done = call("recommend", help_desk, "--format", "markdown")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# ")
    assert "\n## " in done.out


def test_several_files_give_a_line_each(call: Call) -> None:
    done = call("recommend", *EXAMPLES)
    lines = done.out.splitlines()
    assert done.code == 0
    assert [line.split(": ")[0] for line in lines] == [str(path) for path in EXAMPLES]
    assert all(line.split(": ")[1].split(",")[0] in APPROACHES for line in lines)
    lines = call("recommend", *EXAMPLES, "--format", "json").out.splitlines()
    assert len(lines) == len(EXAMPLES)
    for line, path in zip(lines, EXAMPLES, strict=True):
        document = json.loads(line)
        check_promises(document)
        assert document == json.loads(call("recommend", path, "--format", "json").out)


def test_a_broken_file_among_several_does_not_stop_the_others(call: Call, help_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("answers: {volatility: weakly}\n")
    done = call("recommend", "bad.yaml", "nowhere.yaml", help_desk)
    assert done.code == 1
    assert done.out.startswith(f"{help_desk}: rag")
    assert "error: bad.yaml:1: volatility has no code 'weakly'; did you mean weekly?" in done.err
    assert "error: nowhere.yaml: no such file" in done.err


def test_settings_change_the_verdict(call: Call, help_desk: Path) -> None:
    changed = ["baseline_quality=meets_target", "failure_mode=none"]
    document = json.loads(call("recommend", help_desk, *settings(*changed), "--format", "json").out)
    assert document["approach"] == "prompting"


def test_wrong_settings_are_reported_together_and_once(call: Call, help_desk: Path) -> None:
    done = call(
        "recommend", help_desk, help_desk, *settings("x", "volatilty=1", "citations=mandatry", "upfront_budget=-4")
    )
    assert (done.code, done.out) == (1, "")
    problems = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(problems) == 4
    assert "--set x: the form is FACT=VALUE" in done.err
    assert "did you mean volatility?" in done.err
    assert "did you mean mandatory?" in done.err
    assert "-4 is out of range" in done.err


def test_explain_shows_losers_too(call: Call, help_desk: Path) -> None:
    whole = call("explain", help_desk)
    assert (whole.code, whole.err) == (0, "")
    assert all(f"\n{approach.upper()}  " in whole.out for approach in APPROACHES)
    assert "1500000 tokens" in whole.out
    for subject in (None, *APPROACHES, "facts_move"):
        shown = call("explain", help_desk, *([subject] if subject else [])).out
        assert shown
        assert [line for line in shown.splitlines() if cells(line) > 80] == []


@pytest.mark.parametrize("approach", sorted(APPROACHES))
def test_an_approach_can_be_insisted_on_by_its_name(approach: str, call: Call, help_desk: Path) -> None:
    """Whether it can be built is another matter: the word is understood."""
    assert call("scaffold", help_desk, "project", "--approach", approach).code in (0, 1)
