"""The patterns whose tuned part writes, through their commands, on the untrained stand-in."""

import json
from pathlib import Path

import pytest

from ...encoders.tests.tiny import save_encoder
from ...generators import stand_in
from ..base import Reply
from ..evaluation import TwoByTwo
from ..result_files import known_result
from ..tuned_inside_rag.proof import few_questions, few_rows, small_writers
from .projects import SAMPLE, config, run

ASKED = "How long is the warranty of the Bridge B1?"


_TINY = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
}


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in with a thirtieth of its weights, which is trained in a second."""
    monkeypatch.setattr(stand_in, "_SHAPE", _TINY)


def project(folder: Path, pattern: str, **changes: object) -> Path:
    """A config.yaml of a pattern on the handbook, with which all commands take seconds."""
    if not (folder / "encoder").exists():
        save_encoder(folder / "encoder")
    given: dict[str, object] = {
        f"{section}__{key}": value for section, keys in small_writers(folder).items() for key, value in keys.items()
    }
    given |= {
        "embedding__model": str(folder / "encoder"),
        "embedding__device": "cpu",
        "labelled_data__probe": "off",
        "training__learning_rate": 0.02,
        "corpus__folder": str(SAMPLE.parents[1] / "rag" / "sample" / "docs"),
        "rag__questions": str(few_questions(folder)),
        "hybrid__pattern": pattern,
    }
    return config(folder, **given | changes)


def judged(file: Path, pattern: str) -> TwoByTwo:
    """Index, check, train and evaluate, each as the terminal would; the result on file."""
    for words in (("index",), ("check",), ("train",)):
        said = run(file, *words)
        assert said.exit_code == 0, said.output
    assert "was not judged beside both halves" in run(file, "promote", "1").stderr
    said = run(file, "evaluate", "1")
    assert said.exit_code == 0, said.output
    (version,) = [each.name for each in (file.parent / "models").iterdir() if each.name.startswith("0001")]
    found = known_result(file.parent / "hybrid-results", pattern, version)  # type: ignore[arg-type]
    assert found is not None
    assert all(cell.score is not None for cell in found.cells)
    assert all(item.sha256 for item in found.outcomes)
    return found


def asked(file: Path) -> Reply:
    """The version in service answers."""
    # The stand-in answers nothing rightly, so that no gain can be seen.
    refused = run(file, "promote", "1")
    assert refused.exit_code == 1
    assert run(file, "promote", "1", "--force", "--why", "test").exit_code == 0
    said = run(file, "ask", ASKED, "--format", "json")
    assert said.exit_code == 0, said.output
    return Reply.model_validate_json(said.stdout)


def test_a_model_is_tuned_inside_rag_and_never_judged_by_what_it_learnt(tmp_path: Path) -> None:
    examples = few_rows(tmp_path, "answers.jsonl")
    file = project(tmp_path, "tuned_inside_rag", fine_tuning__examples=str(examples))
    found = judged(file, "tuned_inside_rag")
    assert found.items == 8
    likely = next(table for table in found.tables if table.title.startswith("Likelihood"))
    assert likely.rows[0][0] == 10
    assert asked(file).version.startswith("0001")
    # Rows that were learnt from are moved to the questions, one of them in nearly the same words.
    lines = examples.read_text(encoding="utf-8").splitlines()
    examples.write_text("\n".join(lines[20:]) + "\n", encoding="utf-8")
    questions = tmp_path / "few-questions.jsonl"
    moved = [json.loads(line) for line in lines[:20]]
    moved[0]["instruction"] += " Please."
    rows = [
        json.dumps({"id": f"moved {number}", "question": row["instruction"], "answers": [row["response"]]})
        for number, row in enumerate(moved)
    ]
    questions.write_text("\n".join(rows) + "\n", encoding="utf-8")
    said = run(file, "evaluate", "1")
    assert said.exit_code == 1
    assert "the version has learnt from" in said.stderr
    assert "moved 0" in said.stderr
    questions.write_text(json.dumps({"id": "near", "question": json.loads(lines[30])["instruction"].upper()}))
    said = run(file, "train")
    assert said.exit_code == 1
    assert "1 questions of rag.questions stand in fine_tuning.examples too, or nearly so: near" in said.stderr


def test_a_writer_words_what_retrieval_states(tmp_path: Path) -> None:
    file = project(
        tmp_path,
        "rag_then_writer",
        fine_tuning__examples=str(few_rows(tmp_path, "drafts.jsonl")),
        generators__most_tokens=256,
    )
    found = judged(file, "rag_then_writer")
    assert found.measure.startswith("nearness to the editors' wording")
    reply = asked(file)
    # The untrained writer loses every fact, so that what was stated goes out as it is.
    assert reply.retrieved is not None
    assert reply.text == reply.retrieved.text


def test_a_model_is_tuned_on_retrieved_context_and_judged_on_unseen_documents(tmp_path: Path) -> None:
    lines = (SAMPLE.parents[1] / "rag" / "sample" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join([*lines[:32], *lines[-6:]]) + "\n", encoding="utf-8")
    changes = {"hybrid__pairs": str(pairs), "hybrid__without_gold": 0.25, "rag__passages": 2}
    file = project(tmp_path, "retrieved_context_tuning", **changes)
    found = judged(file, "retrieved_context_tuning")
    assert found.notes[0].startswith("no document of these questions stands in a training row")
    assert asked(file).version.startswith("0001")
    # Another split would judge by what was learnt from.
    said = run(project(tmp_path, "retrieved_context_tuning", labelled_data__seed=1, **changes), "evaluate", "1")
    assert said.exit_code == 1
    assert "made of other data, or of another split" in said.stderr
