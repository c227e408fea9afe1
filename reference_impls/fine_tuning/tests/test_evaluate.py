import json
from pathlib import Path
from typing import Any

import pytest

from ...project_base.rooms import command_line
from ...registry import evaluations
from ...registry.registry import Registry
from ..answering.answering import open_answering, read_rules
from ..held_out.evaluation_files import read_evaluation
from ..held_out.model_evaluation import ModelEvaluation
from ..held_out.seen import hash_of, read_seen
from .hand_made import majority
from .projects import FRUIT, TOOLS, nonsense, run, small, write_csv
from .versions import LABELS, add, classifier, opened

Changes = dict[str, Any]


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    return {"fine_tuning__examples": str(small(tmp_path, 400)), "fine_tuning__runs_folder": str(tmp_path / "runs")}


def evaluated(folder: Path, version: str) -> ModelEvaluation:
    found = read_evaluation(folder / "runs", version)
    assert found is not None
    return found


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def registry(folder: Path) -> Registry:
    return Registry(folder / "models")


def test_a_better_version_is_promoted_and_one_that_regressed_is_refused(tmp_path: Path, changes: Changes) -> None:
    weak = add(tmp_path, classifier(*TOOLS[:5]), changes)
    good = add(tmp_path, classifier(), changes)
    again = add(tmp_path, classifier(*TOOLS[2:]), changes)

    told = run(tmp_path, "evaluate", weak, **changes)
    assert told.exit_code == 0, told.output
    assert "majority" in told.output
    assert f"next: {command_line(f'promote {weak}')}" in told.output
    assert run(tmp_path, "promote", weak, **changes).exit_code == 0

    told = run(tmp_path, "evaluate", good, **changes)
    assert "improved: accuracy is better than 0001-word_counts, in service now" in on_one_line(told.output)
    assert run(tmp_path, "promote", good, **changes).exit_code == 0
    found = evaluated(tmp_path, good)
    assert found.score == 1.0
    assert found.against is not None
    assert found.against.version == weak
    assert found.against.rows == found.rows
    assert len(found.against.newly_right) == found.against.regression.difference.won > 0
    assert found.outcome == "improved"
    (floor,) = found.floors
    assert (floor.rung, floor.difference.verdict) == ("majority", "better")
    assert floor.difference.p is not None
    assert floor.difference.p < 0.001

    told = run(tmp_path, "evaluate", again, **changes)
    assert "regressed: accuracy is worse than 0002-word_counts" in on_one_line(told.output)
    assert "Worse beyond chance on: tool" in on_one_line(told.output)
    assert "promote would refuse it: it regressed" in told.output
    refused = run(tmp_path, "promote", again, **changes)
    assert refused.exit_code == 1
    assert "0003-word_counts is not put in service: it regressed: accuracy" in refused.output
    assert "worse beyond chance on tool" in refused.output
    event = registry(tmp_path).in_service()
    assert event is not None
    assert event.version == good
    assert all(len(line) <= 80 for line in told.stdout.splitlines())
    row = evaluated(tmp_path, again).against.newly_wrong[0]  # type: ignore[union-attr]
    assert (row.expected, row.before, row.now) == ("tool", "tool", "fruit")
    assert row.id.startswith("small.csv:")
    assert any(word in row.text for word in TOOLS)

    forced = run(tmp_path, "promote", again, "--force", **changes)
    assert forced.exit_code == 0
    assert "it regressed" in registry(tmp_path).history()[-1].overruled


def test_nothing_is_promoted_without_an_evaluation_beside_what_is_in_service(tmp_path: Path, changes: Changes) -> None:
    one, two, three = (add(tmp_path, classifier(*TOOLS[:4]), changes) for _ in range(3))
    refused = run(tmp_path, "promote", one, **changes)
    assert refused.exit_code == 1
    assert "it was not evaluated on the test data yet" in refused.output
    for version in (one, two, three):
        assert run(tmp_path, "evaluate", version, **changes).exit_code == 0
    assert run(tmp_path, "promote", one, **changes).exit_code == 0
    refused = run(tmp_path, "promote", two, **changes)
    assert "it was compared with no other version, and 0001-word_counts is in service now" in refused.output
    assert run(tmp_path, "evaluate", two, "--against", "3", **changes).exit_code == 0
    refused = run(tmp_path, "promote", two, **changes)
    assert "it was compared with 0003-word_counts, and 0001-word_counts is in service now" in refused.output
    assert run(tmp_path, "evaluate", two, **changes).exit_code == 0
    assert run(tmp_path, "promote", two, **changes).exit_code == 0, "unchanged is no step back"
    assert evaluated(tmp_path, two).outcome == "unchanged"
    assert evaluated(tmp_path, two).looks == 3


def test_what_has_learnt_nothing_is_refused(tmp_path: Path, changes: Changes) -> None:
    floor = add(tmp_path, majority(LABELS), changes, rung="majority")
    blind = add(tmp_path, classifier(*TOOLS), changes)
    for version, reason in (
        (floor, "it is the floor itself: majority has learnt nothing"),
        (blind, "it is not shown to be better than majority, which has learnt nothing: accuracy"),
    ):
        told = run(tmp_path, "evaluate", version, **changes)
        assert told.exit_code == 0
        assert reason in told.output
        assert reason in run(tmp_path, "promote", version, **changes).output
    assert registry(tmp_path).in_service() is None


def test_changed_data_is_refused_since_test_rows_may_have_taught_the_model(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(), changes)
    file = Path(str(changes["fine_tuning__examples"]))
    file.write_text(file.read_text() + f"new {nonsense(9000)} apple,fruit\n")
    told = run(tmp_path, "evaluate", version, **changes)
    assert told.exit_code == 1
    assert "was made of other data, or of another split of it" in told.output
    assert "bring back the examples and the section labelled_data of then, or train on the present data" in told.output
    assert not (tmp_path / "runs" / "evaluation").exists()
    told = run(tmp_path, "evaluate", version, **changes | {"labelled_data__seed": 5})
    assert "was made of other data, or of another split of it" in told.output


def test_a_version_of_unknown_data_is_refused(tmp_path: Path, changes: Changes) -> None:
    add(tmp_path, classifier(), changes, data=None)
    told = run(tmp_path, "evaluate", **changes)
    assert told.exit_code == 1
    assert "0001-word_counts does not say which data it was made of" in told.output


def test_there_must_be_a_version_and_another_to_compare_with(tmp_path: Path, changes: Changes) -> None:
    told = run(tmp_path, "evaluate", **changes)
    assert (told.exit_code, "no model stands in" in told.output) == (1, True)
    add(tmp_path, classifier(), changes)
    assert "cannot be compared with itself" in run(tmp_path, "evaluate", "1", "--against", "1", **changes).output
    assert "there is no version 7" in run(tmp_path, "evaluate", "1", "--against", "7", **changes).output
    told = run(tmp_path, "evaluate", "--out", str(tmp_path / "absent" / "x.json"), **changes)
    assert "does not exist" in told.output


def test_json_is_the_document_and_out_holds_the_same(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(), changes)
    out = tmp_path / "found.json"
    told = run(tmp_path, "evaluate", "--format", "json", "--out", str(out), **changes)
    assert json.loads(told.stdout) == json.loads(out.read_text())
    document = json.loads(out.read_text())
    assert document["schema"] == "evaluation-of-model/1"
    assert ModelEvaluation.model_validate_json(out.read_text()) == evaluated(tmp_path, version)
    assert "# Model card of 0001-word_counts" in (tmp_path / "runs" / "evaluation" / f"{version}.md").read_text()


def test_calibration_and_threshold_are_kept_with_the_version_and_used(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(), changes)
    assert run(tmp_path, "evaluate", **changes).exit_code == 0
    rules = read_rules(registry(tmp_path).find(version).path)
    assert rules is not None
    assert (rules.temperature, rules.threshold, rules.wanted_accuracy) == (1.5, 0.0, 0.0)
    found = evaluated(tmp_path, version)
    assert found.probabilities is not None
    assert found.probabilities.temperature == 1.5
    assert found.probabilities.before.nll < found.probabilities.after.nll, (
        "it was right everywhere, and is less sure now"
    )
    assert found.abstaining is None
    settings, data = opened(tmp_path, **changes)
    answering = open_answering(settings, version)
    plain = answering.model.probabilities([row.text for row in data.test])  # type: ignore[union-attr]
    assert (answering.probabilities([row.text for row in data.test]).max(axis=1) < plain.max(axis=1)).all()


def test_another_wanted_accuracy_needs_the_result_of_the_training(tmp_path: Path, changes: Changes) -> None:
    add(tmp_path, classifier(), changes)
    told = run(tmp_path, "evaluate", **changes | {"fine_tuning__abstain_accuracy": 0.9})
    assert told.exit_code == 0
    assert "the threshold is still that for an accuracy of 0: there is no result" in on_one_line(told.output)
    found = evaluated(tmp_path, "0001-word_counts")
    assert found.probabilities is not None


def test_a_test_file_of_one_label_says_so(tmp_path: Path, changes: Changes) -> None:
    rows = [(f"{FRUIT[number % 8]} {nonsense(5000 + number)}", "fruit") for number in range(30)]
    changes |= {"fine_tuning__test": str(write_csv(tmp_path / "test.csv", rows))}
    add(tmp_path, classifier(), changes)
    told = run(tmp_path, "evaluate", **changes)
    assert told.exit_code == 0, told.output
    assert "all test rows carry the label 'fruit': the others are not judged" in told.output
    assert evaluated(tmp_path, "0001-word_counts").score == 1.0


def test_labels_that_the_model_or_the_test_lacks_are_told(tmp_path: Path, changes: Changes) -> None:
    rows = [(f"{FRUIT[number % 8]} {nonsense(5000 + number)}", "fruit") for number in range(20)]
    rows += [(f"violin {nonsense(6000 + number)}", "music") for number in range(10)]
    changes |= {"fine_tuning__test": str(write_csv(tmp_path / "test.csv", rows))}
    add(tmp_path, classifier(), changes)
    told = run(tmp_path, "evaluate", **changes)
    found = evaluated(tmp_path, "0001-word_counts")
    assert found.classes is not None
    assert found.classes.unknown_items == 10
    assert "music (unknown to it)" in told.output
    assert "no test row carries 'tool', so nothing is known of these labels" in on_one_line(told.output)


def test_a_case_that_broke_is_a_step_back_however_good_the_average_is(tmp_path: Path, changes: Changes) -> None:
    cases = write_csv(
        tmp_path / "cases.csv", [("my hammer", "tool"), ("a ripe pear", "fruit"), ("what a nail", "tool")]
    )
    changes |= {"fine_tuning__regression_cases": str(cases)}
    one = add(tmp_path, classifier(*TOOLS[1:4]), changes)
    two = add(tmp_path, classifier("hammer"), changes)
    told = run(tmp_path, "evaluate", one, **changes)
    assert "Rows that must stay right (cases.csv): 2 of 3 are right, 0 broke" in on_one_line(told.output)
    assert evaluated(tmp_path, one).outcome is None
    assert run(tmp_path, "promote", one, **changes).exit_code == 0
    told = run(tmp_path, "evaluate", two, **changes)
    assert "broken cases.csv:2: 'my hammer'" in told.output
    found = evaluated(tmp_path, two)
    assert found.cases is not None
    assert found.against is not None
    assert [row.id for row in found.cases.broken] == ["cases.csv:2"]
    assert [row.id for row in found.cases.still_wrong] == ["cases.csv:4"]
    assert found.against.regression.outcome != "regressed"
    assert found.outcome == "regressed"
    refused = run(tmp_path, "promote", two, **changes)
    assert "1 rows of fine_tuning.regression_cases were right before and are wrong now: cases.csv:2" in refused.output


def test_a_bad_row_among_the_cases_is_an_error(tmp_path: Path, changes: Changes) -> None:
    cases = write_csv(tmp_path / "cases.csv", [("my hammer", "tool"), ("", "fruit")])
    add(tmp_path, classifier(), changes)
    told = run(tmp_path, "evaluate", **changes | {"fine_tuning__regression_cases": str(cases)})
    assert told.exit_code == 1
    assert "1 rows of fine_tuning.regression_cases cannot be used; the first is cases.csv:3" in told.output


def test_rows_that_taught_the_other_version_do_not_compare(tmp_path: Path, changes: Changes) -> None:
    old = add(tmp_path, classifier(*TOOLS[:4]), changes)
    assert run(tmp_path, "evaluate", old, **changes).exit_code == 0
    assert run(tmp_path, "promote", old, **changes).exit_code == 0
    _, before = opened(tmp_path, **changes)
    seen = read_seen(registry(tmp_path).find(old).path)
    assert seen is not None
    assert set(seen) == {hash_of(row) for row in (*before.train, *before.validation)}
    moved = changes | {"labelled_data__seed": 5}
    new = add(tmp_path, classifier(), moved)
    _, now = opened(tmp_path, **moved)
    told = run(tmp_path, "evaluate", new, **moved)
    assert told.exit_code == 0, told.output
    found = evaluated(tmp_path, new)
    unseen = [row for row in now.test if hash_of(row) not in seen]
    assert 0 < len(unseen) < len(now.test)
    assert found.against is not None
    assert (found.against.rows, found.against.left_out) == (len(unseen), len(now.test) - len(unseen))
    assert f"{found.against.left_out} of {found.rows} test rows taught it and were left out" in told.output.replace(
        "\n", " "
    )
    assert found.against.vanished == 0
    # Where nobody knows what taught it, all rows are taken, and that is said.
    (registry(tmp_path).find(old).path / "trained_on.txt").unlink()
    told = run(tmp_path, "evaluate", new, **moved)
    assert "nobody knows which test rows taught it" in on_one_line(told.output)


def test_what_hangs_together_with_a_text_that_vanished_cannot_be_checked_and_that_is_said(
    tmp_path: Path, changes: Changes
) -> None:
    old = add(tmp_path, classifier(*TOOLS[:4]), changes)
    assert run(tmp_path, "evaluate", old, **changes).exit_code == 0
    assert run(tmp_path, "promote", old, **changes).exit_code == 0
    _, before = opened(tmp_path, **changes)
    # Every third text is written in another way since, which leaves it nearly the same.
    file = Path(changes["fine_tuning__examples"])
    header, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [line.replace(",", "s,") if number % 3 == 0 else line for number, line in enumerate(lines)]
    file.write_text("".join([header, *changed]), encoding="utf-8")
    new = add(tmp_path, classifier(), changes)
    told = run(tmp_path, "evaluate", new, **changes)
    assert told.exit_code == 0, told.output
    found = evaluated(tmp_path, new)
    _, now = opened(tmp_path, **changes)
    lost = {hash_of(row) for row in before.known} - {hash_of(row) for row in now.present}
    assert found.against is not None
    assert found.against.vanished == len(lost) > 20
    said = (
        f"{len(lost)} texts that taught {old} no longer stand in the data: whether rows here are nearly the same as "
        "one of them cannot be checked, and such rows would flatter it."
    )
    assert said in on_one_line(told.output)
    assert said in (tmp_path / "runs" / "evaluation" / f"{new}.md").read_text(encoding="utf-8")


def test_a_rung_above_the_cheap_ones_is_compared_with_both(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(*TOOLS[:4]), changes, rung="head")
    told = run(tmp_path, "evaluate", **changes)
    assert told.exit_code == 0, told.output
    found = evaluated(tmp_path, version)
    assert [floor.rung for floor in found.floors] == ["majority", "word_counts"]
    assert found.floors[1].difference.verdict in {"worse", "cannot tell"}
    assert "No gain over word_counts is shown." in told.output


def test_a_full_disk_leaves_the_former_evaluation(
    tmp_path: Path, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = add(tmp_path, classifier(), changes)
    assert run(tmp_path, "evaluate", **changes).exit_code == 0
    file = tmp_path / "runs" / "evaluation" / f"{version}.json"
    before = file.read_bytes()

    def full(path: Path, content: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(evaluations, "write_text", full)
    told = run(tmp_path, "evaluate", **changes)
    assert told.exit_code == 1
    assert "No space left on device" in told.output
    assert file.read_bytes() == before
