"""The ladders of extraction and generation, on tiny models."""

import json
from pathlib import Path

from ...encoders.tests.tiny import payments
from ...registry.registry import Registry
from ..ladder.ladder import Ladder
from ..ladder.results import read_result
from .projects import quick, run


def payment_file(folder: Path, rows: int) -> Path:
    file = folder / "payments.jsonl"
    lines = []
    for example in payments(rows, seed=2):
        assert not isinstance(example.target, str)
        spans = [{"start": span.start, "end": span.end, "label": span.label} for span in example.target]
        lines.append(json.dumps({"text": example.text, "spans": spans}) + "\n")
    file.write_text("".join(lines), encoding="utf-8")
    return file


def test_the_ladder_of_extraction_is_judged_by_whole_spans(tmp_path: Path, encoder: Path) -> None:
    changes = quick(
        encoder,
        fine_tuning__task="extraction",
        fine_tuning__examples=str(payment_file(tmp_path, 60)),
        fine_tuning__climb_to="head",
    )
    shown = run(tmp_path, "ladder", **changes)
    assert shown.exit_code == 0, shown.stderr
    assert "span F1" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    found = Ladder.model_validate_json((tmp_path / "runs" / "ladder.json").read_bytes())
    assert [step.rung for step in found.steps] == ["majority", "word_counts", "head", "lora", "full"]
    result = read_result(tmp_path / "runs" / found.kept)
    assert result.score > 0.8
    assert result.labels == ("amount", "person")
    assert result.outcomes[0].expected
    assert Registry(tmp_path / "models").find(found.version).about["metric"] == "span_f1"


def test_a_writer_is_judged_by_what_it_would_have_written_and_shows_some_of_it(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    words = ("red", "green", "blue", "black", "white")
    rows = [
        {"instruction": f"Say {one} and then {two}, case {number}.", "response": f"{one}, then {two}."}
        for number, (one, two) in enumerate((one, two) for _ in range(3) for one in words for two in words)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    changes: dict[str, object] = {
        "fine_tuning__task": "generation",
        "fine_tuning__examples": str(file),
        "labelled_data__near_duplicate": 1.0,
        "training__epochs": 1.0,
        "training__device": "cpu",
        "training__precision": "float32",
        "generators__most_tokens": 64,
        "generators__max_new_tokens": 8,
        "generators__device": "cpu",
    }
    untuned = run(tmp_path, "train", "untuned", **changes)
    assert untuned.exit_code == 0, untuned.stderr
    tuned = run(tmp_path, "train", "lora", **changes)
    assert tuned.exit_code == 0, tuned.stderr
    assert "written: " in tuned.stdout
    assert max(map(len, tuned.stdout.splitlines())) <= 80
    before, after = (read_result(tmp_path / "runs" / rung) for rung in ("untuned", "lora"))
    assert after.score > before.score
    assert [outcome.id for outcome in before.outcomes] == [outcome.id for outcome in after.outcomes]
    assert len(after.samples) == 3
    assert {version.about["rung"] for version in Registry(tmp_path / "models").versions()} == {"untuned", "lora"}
