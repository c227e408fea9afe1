"""The evaluation of taggers and of writers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ...encoders.base import Context
from ...encoders.kinds import fits as encoder_fits
from ...generators.fitting import fits as generator_fits
from ...labelled_data.rungs import Run
from ...training.settings import Settings as TrainingSettings
from ..held_out.evaluation_files import read_evaluation
from .projects import nonsense, run
from .versions import add, opened

PLACES = ("Berlin", "Paris", "Rome", "Oslo", "Kyiv", "Lima")


def write_lines(file: Path, rows: Sequence[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def test_spans_are_judged_label_by_label_and_beside_the_version_in_service(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = []
    for number in range(120):
        place = PLACES[number % len(PLACES)]
        text = f"{nonsense(number)} in {place}, {nonsense(number + 500)}"
        start = text.index(place)
        rows.append({"text": text, "spans": [{"start": start, "end": start + len(place), "label": "place"}]})
    changes: dict[str, Any] = {
        "fine_tuning__task": "extraction",
        "fine_tuning__examples": str(write_lines(tmp_path / "places.jsonl", rows)),
        "fine_tuning__runs_folder": str(tmp_path / "runs"),
    }
    _, data = opened(tmp_path, **changes)
    fit = encoder_fits("extraction", Context())["majority"]
    few = [row for row in data.train if any(place in row.text for place in PLACES[:2])]
    weak = add(tmp_path, fit(few, (), Run(tmp_path)), changes, rung="lora")
    good = add(tmp_path, fit(data.train, (), Run(tmp_path)), changes, rung="lora")

    told = run(tmp_path, "evaluate", weak, **changes)
    assert told.exit_code == 0, told.output
    found = read_evaluation(tmp_path / "runs", weak)
    assert found is not None
    assert found.spans is not None
    assert found.spans.labels[0].label == "place"
    assert found.spans.labels[0].spans == found.rows == 18
    assert [measure.name for measure in found.measures] == ["span F1", "precision", "recall", "exact texts"]
    assert found.score == found.measures[0].value < 1
    assert (found.classes, found.probabilities, found.abstaining) == (None, None, None)
    assert found.floors[0].rung == "majority"
    assert found.floors[0].difference.verdict == "worse", "the floor learnt all places"
    assert run(tmp_path, "promote", weak, "--force", **changes).exit_code == 0

    told = run(tmp_path, "evaluate", good, **changes)
    assert "improved: span F1 is better than 0001-gazetteer" in " ".join(told.output.split())
    found = read_evaluation(tmp_path / "runs", good)
    assert found is not None
    assert found.against is not None
    row = found.against.newly_right[0]
    assert row.expected == row.now
    assert row.expected.startswith("place: ")
    assert row.before == "nothing"
    card = (tmp_path / "runs" / "evaluation" / f"{good}.md").read_text()
    assert "It marks pieces of each text with 1 labels: place." in card
    assert "| label | spans | precision | recall | F1 |" in card


def test_a_writer_is_judged_by_the_likelihood_of_wanted_responses(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    rows: list[dict[str, object]] = [
        {"instruction": f"Where is {nonsense(number)}?", "response": f"It is in {PLACES[number % 6]}."}
        for number in range(60)
    ]
    cases = write_lines(tmp_path / "cases.jsonl", [{"instruction": "Where is it?", "response": "In Rome."}])
    changes: dict[str, Any] = {
        "fine_tuning__task": "generation",
        "fine_tuning__examples": str(write_lines(tmp_path / "talk.jsonl", rows)),
        "fine_tuning__runs_folder": str(tmp_path / "runs"),
        "fine_tuning__regression_cases": str(cases),
        "generators__stand_in_folder": str(tmp_path / "stand-in"),
        "generators__max_new_tokens": 4,
    }
    settings, data = opened(tmp_path, **changes)
    fit = generator_fits(settings.generators, TrainingSettings(device="cpu"))["untuned"]
    made = fit(data.train, (), Run(tmp_path))
    version = add(tmp_path, made, changes, rung="untuned")
    told = run(tmp_path, "evaluate", **changes)
    assert told.exit_code == 0, told.output
    found = read_evaluation(tmp_path / "runs", version)
    assert found is not None
    names = {measure.name: measure for measure in found.measures}
    assert list(names) == ["likelihood", "mean NLL (nats)", "perplexity"]
    low, high = names["perplexity"].interval
    assert low < names["perplexity"].value < high
    assert found.score == names["likelihood"].value
    assert len(found.samples) == 3
    assert found.floors == ()
    assert found.forgetting.verdict == "nothing trained"
    assert found.cases is not None
    assert (found.cases.rows, found.cases.right) == (1, 0)
    assert "written:" in told.output
    refused = run(tmp_path, "promote", version, **changes)
    assert "it is the floor itself: untuned has learnt nothing" in refused.output
    assert "## Samples" in (tmp_path / "runs" / "evaluation" / f"{version}.md").read_text()

    # Beside itself under another name it is unchanged, row by row.
    again = add(tmp_path, made, changes, rung="lora")
    told = run(tmp_path, "evaluate", again, "--against", version, **changes)
    assert told.exit_code == 0, told.output
    beside = read_evaluation(tmp_path / "runs", again)
    assert beside is not None
    assert beside.against is not None
    assert beside.outcome == "unchanged"
    assert beside.against.newly_wrong == beside.against.newly_right == ()
    assert beside.floors[0].rung == "untuned"
    assert beside.floors[0].difference.difference == 0
