"""The hybrid beside the one in service: what is compared, and what the gate makes of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...registry.registry import Registry
from ..apart import met
from ..evaluation import TwoByTwo, read_table, two_by_two
from ..patterns import CellName
from ..present import compared, version_in_service
from ..show import table_text
from .conftest import Project
from .projects import run


def table(right: int, first: int = 0, items: int = 40, measure: str = "share right") -> TwoByTwo:
    """Items from number `first` on, of which so many are right with the hybrid and half as many without."""
    counts: dict[CellName, int] = {"base": 0, "base_retrieval": right // 2, "tuned": 0, "tuned_retrieval": right}
    scores = {name: [float(place < count) for place in range(items)] for name, count in counts.items()}
    return two_by_two(
        "router",
        measure,
        [f"q{place}" for place in range(items)],
        scores,
        systems=dict.fromkeys(scores, "a system"),
        contents=[f"content {first + place}" for place in range(items)],
    )


def test_only_items_that_both_were_judged_on_are_compared(project: Project) -> None:
    present = Registry(project.folder / "models").find("1")
    found = compared(table(20), present, table(40), "")
    assert found.items == 40
    assert found.difference is not None
    assert (found.difference.difference, found.difference.verdict) == (-0.5, "worse")
    # Of the other result, the first ten items stand in this one as the last ten.
    apart = compared(table(40), present, table(5, first=30), "the data has changed")
    assert (apart.items, apart.told) == (10, "the data has changed")
    assert apart.difference is not None
    assert apart.difference.difference == 0.5
    for other in (None, table(40, first=100), table(40, measure="another")):
        nothing = compared(table(20), present, other, "")
        assert (nothing.items, nothing.difference) == (0, None)
        assert nothing.told


def test_nothing_is_gained_where_the_untuned_half_is_as_good() -> None:
    assert table(20).no_gain == ""
    assert table(1).no_gain == ""
    assert "on 40 items it is no better than a system (0.000 against 0.000)" in table(0).no_gain
    assert table(0).verdict != "pays"


def _changed(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")


def test_a_step_back_from_the_version_in_service_is_refused(project: Project) -> None:
    results = project.folder / "hybrid-results"
    first = next(results.iterdir())
    assert version_in_service(project.settings()) is None
    assert run(project.config, "promote", "1", "--force", "--why", "test").exit_code == 0
    assert run(project.config, "train", "--again").exit_code == 0
    judged = run(project.config, "evaluate", "2")
    assert judged.exit_code == 0, judged.output
    assert "In service is 0001" in judged.stdout
    second = next(file for file in results.iterdir() if file != first)
    beside = read_table(second).beside
    assert beside is not None
    assert beside.difference is not None
    # The same data makes the same model, and the result on file was taken.
    assert (beside.items, beside.difference.difference) == (read_table(first).items, 0.0)
    assert "is judged on the same items" not in judged.stderr

    def all_right(document: dict[str, Any]) -> None:
        for item in document["outcomes"]:
            item["scores"]["tuned_retrieval"] = 1.0

    _changed(first, all_right)
    judged = run(project.config, "evaluate", "2")
    assert "promote would refuse it" in judged.stderr
    refused = run(project.config, "promote", "2")
    assert refused.exit_code == 1
    assert "it is a step back: share of requests handled rightly is worse than 0001" in " ".join(refused.stderr.split())
    # A comparison with another version, or with none, says nothing of this one.
    _changed(second, lambda document: document.pop("beside"))
    refused = run(project.config, "promote", "2")
    assert "it was compared with no other version, and 0001" in " ".join(refused.stderr.split())
    # Without a result on file the version in service is judged now.
    first.unlink()
    judged = run(project.config, "evaluate", "2")
    assert "is judged on the same items" in judged.stderr
    assert first.exists()
    _changed(second, lambda document: document.update(no_gain="it keeps no request from retrieval"))
    refused = run(project.config, "promote", "2")
    assert "nothing is seen to be gained by the tuned part: it keeps no request" in " ".join(refused.stderr.split())


def test_the_version_in_service_is_told_beside_the_table(project: Project) -> None:
    present = Registry(project.folder / "models").find("1")
    found = table(20).model_copy(update={"beside": compared(table(20), present, None, "its data has changed")})
    told = table_text(found)
    assert f"In service is {present.id}." in told
    assert "note: its data has changed" in told


def test_texts_that_were_learnt_from_are_found_in_other_words_too() -> None:
    known = ["Where is my parcel? It should have arrived on Tuesday.", "The invoice is wrong."]
    near = "Where is my parcel? It should arrive Tuesday."
    judging = ["where is my parcel, it should have arrived on tuesday", near, "x"]
    assert met(judging, known, 0.8) == [0]
    assert met(judging, known, 0.5) == [0, 1]
    assert met([], known, 0.8) == met(judging, [], 0.8) == []


def test_questions_that_the_classifier_learnt_from_do_not_judge_it(project: Project) -> None:
    before = read_table(next((project.folder / "hybrid-results").iterdir()))
    rows = (project.folder / "requests.csv").read_text(encoding="utf-8").splitlines()[1:]
    judged_by = {each.id for each in before.outcomes}
    known = [row.rpartition(",")[0] for number, row in enumerate(rows, 2) if f"requests.csv:{number}" not in judged_by]
    asked = [json.dumps({"id": f"learnt {place}", "question": text.upper()}) for place, text in enumerate(known[:12])]
    with (project.folder / "questions.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("\n".join(asked) + "\n")
    said = run(project.config, "evaluate", "1")
    assert said.exit_code == 0, said.output
    found = read_table(next((project.folder / "hybrid-results").iterdir()))
    (left_out,) = [note for note in found.notes if "were left out" in note]
    assert "learnt 0" in left_out
    assert found.items < before.items + len(asked)
    assert pytest.approx(found.measured["kept_from_retrieval"], abs=0.2) == before.measured["kept_from_retrieval"]
