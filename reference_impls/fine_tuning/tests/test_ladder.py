import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ...encoders.tests.tiny import messages
from ...labelled_data.base import Example, Span
from ...project_base.config import load_settings
from ...project_base.progress import Advance
from ...registry.registry import Registry
from ..ladder.data import read_data
from ..ladder.estimating import spread, tried_examples
from ..ladder.keeping import keep
from ..ladder.ladder import Ladder, climb_ladder
from ..ladder.ladder_table import ladder_table, result_table
from ..ladder.models import Ways
from ..ladder.results import RESULT, read_probabilities, read_result
from ..ladder.rungs import rung_of
from ..ladder.trying import Climb, finished, try_rung
from ..settings import ProjectSettings
from .projects import config, quick, run, write_csv


def inbox(folder: Path, rows: int = 250) -> Path:
    """Messages of three topics, each of which one word gives away."""
    return write_csv(
        folder / "messages.csv", [(example.text, str(example.target)) for example in messages(rows, seed=1)]
    )


def climb_of(folder: Path, encoder: Path, told: list[str] | None = None, rows: int = 250, **changes: object) -> Climb:
    lines = [] if told is None else told
    file = config(folder, **quick(encoder, fine_tuning__examples=str(inbox(folder, rows)), **changes))
    settings = load_settings(file, ProjectSettings)
    return Climb(settings, read_data(settings), Ways(settings), tell=lines.append)


def test_the_cheapest_rung_that_no_dearer_one_beats_is_kept(tmp_path: Path, encoder: Path) -> None:
    examples = str(inbox(tmp_path))
    shown = run(tmp_path, "ladder", **quick(encoder, fine_tuning__examples=examples))
    assert shown.exit_code == 0, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "Kept: word_counts." in shown.stdout
    assert "lora minus word_counts" in shown.stdout
    assert "not corrected for their number" in " ".join(shown.stdout.split())
    assert "left out: full (fine_tuning.climb_to is lora)" in shown.stdout
    assert "The test data was not looked at." in " ".join(shown.stdout.split())
    assert "next: python -m " in shown.stderr
    found = Ladder.model_validate_json((tmp_path / "runs" / "ladder.json").read_bytes())
    outcomes = {step.rung: step.outcome for step in found.steps}
    assert outcomes["majority"] == "beaten"
    assert (outcomes["word_counts"], outcomes["full"]) == ("kept", "left out")
    assert {outcomes["head"], outcomes["lora"]} <= {"not better"}
    by_name = {step.rung: step for step in found.steps}
    assert by_name["lora"].difference is not None
    assert by_name["lora"].difference.p is not None
    assert by_name["lora"].estimated_seconds is not None
    (version,) = Registry(tmp_path / "models").versions()
    assert version.id == found.version == "0001-word_counts"
    assert (version.about["task"], version.about["rung"]) == ("classification", "word_counts")
    assert version.about["score"] == by_name["word_counts"].score
    assert Registry(tmp_path / "models").champion() is None

    again = run(tmp_path, "ladder", "--format", "json", **quick(encoder, fine_tuning__examples=examples))
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout) == json.loads(found.to_json())
    assert len(Registry(tmp_path / "models").versions()) == 1


def test_a_rung_that_would_take_too_long_is_left_out_before_it_starts(tmp_path: Path, encoder: Path) -> None:
    climb = climb_of(tmp_path, encoder, fine_tuning__most_minutes=0.0001)
    found, _ = climb_ladder(climb)
    lora = next(step for step in found.steps if step.rung == "lora")
    assert lora.outcome == "left out"
    assert "more than fine_tuning.most_minutes: 0.0001" in lora.why
    assert not list((tmp_path / "runs" / "lora").glob("*"))


def test_a_rung_that_fails_is_left_behind_with_what_it_said(tmp_path: Path) -> None:
    told: list[str] = []
    found, kept = climb_ladder(climb_of(tmp_path, tmp_path / "nowhere", told))
    steps = {step.rung: step for step in found.steps}
    assert (steps["head"].outcome, steps["lora"].outcome) == ("failed", "failed")
    assert "nowhere" in steps["head"].why
    assert kept.rung == "word_counts"
    assert "failed: head (" in ladder_table(found)
    assert any(line.startswith("head failed: ") and "next: " in line for line in told)


def test_enough_is_enough(tmp_path: Path, encoder: Path) -> None:
    found, kept = climb_ladder(climb_of(tmp_path, encoder, fine_tuning__enough=0.5))
    assert kept.rung == "word_counts"
    head = next(step for step in found.steps if step.rung == "head")
    assert (head.outcome, head.score) == ("left out", None)
    assert "fine_tuning.enough is 0.5" in head.why


def test_what_decides_a_result_has_it_made_again_and_nothing_else(tmp_path: Path, encoder: Path) -> None:
    rung = rung_of("classification", "word_counts")
    first = try_rung(climb_of(tmp_path, encoder), rung)
    assert finished(climb_of(tmp_path, encoder), rung) == first
    assert finished(climb_of(tmp_path, encoder, training__epochs=5.0), rung) == first
    assert finished(climb_of(tmp_path, encoder, encoders__most_ngrams=200), rung) is None
    assert finished(climb_of(tmp_path, encoder, labelled_data__seed=1), rung) is None
    assert finished(climb_of(tmp_path, encoder, rows=249), rung) is None
    file = tmp_path / "runs" / "word_counts" / RESULT
    file.write_text(file.read_text()[:-10])
    assert finished(climb_of(tmp_path, encoder), rung) is None
    # The result does not depend on when it was made.
    assert try_rung(climb_of(tmp_path, encoder), rung).outcomes == first.outcomes


def test_an_interrupted_rung_goes_on_to_the_result_of_one_that_was_not(tmp_path: Path, encoder: Path) -> None:
    rung = rung_of("classification", "lora")
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    whole = try_rung(climb_of(tmp_path / "one", encoder, rows=120), rung)

    def stops_at_the_third_fold() -> Callable[[str, int], Advance]:
        judged = [0]

        def stage(label: str, _steps: int) -> Advance:
            judged[0] += label == "judging"
            if judged[0] == 3:
                raise KeyboardInterrupt
            return lambda _: None

        return stage

    climb = climb_of(tmp_path / "two", encoder, rows=120)
    interrupted = Climb(climb.settings, climb.data, climb.ways, progress=stops_at_the_third_fold())
    with pytest.raises(KeyboardInterrupt):
        try_rung(interrupted, rung)
    assert finished(climb, rung) is None
    assert (tmp_path / "two" / "runs" / "lora" / "part-1").is_dir()
    resumed = try_rung(climb, rung)
    assert resumed.outcomes == whole.outcomes
    assert (
        read_probabilities(climb.folder(rung), resumed) == read_probabilities(tmp_path / "one/runs/lora", whole)
    ).all()
    assert not list((tmp_path / "two" / "runs" / "lora").glob("part-*"))


def test_a_rung_is_kept_once_and_trained_on_all_that_is_not_test_data(tmp_path: Path, encoder: Path) -> None:
    climb, rung = climb_of(tmp_path, encoder), rung_of("classification", "word_counts")
    version = keep(climb, rung, try_rung(climb, rung))
    told: list[str] = []
    again = climb_of(tmp_path, encoder, told)
    assert keep(again, rung, try_rung(again, rung)) == version
    assert f"{version} was made of the same data, settings and code" in told
    about = Registry(tmp_path / "models").find(version).about
    assert about["trained_on"] == len(climb.data.train) + len(climb.data.validation)
    folder = Registry(tmp_path / "models").open(version)
    calibration = folder.about["calibration"]
    assert isinstance(calibration, dict)
    assert calibration["calibrated_on"] == len(climb.data.known)
    assert calibration["threshold"] is None
    other = climb_of(tmp_path, encoder, fine_tuning__refit=False)
    assert keep(other, rung, try_rung(other, rung)) != version


def test_a_model_that_could_not_be_registered_is_not_trained_again(
    tmp_path: Path, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    climb, rung = climb_of(tmp_path, encoder), rung_of("classification", "word_counts")
    result = try_rung(climb, rung)

    def no_space(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "no space left on the device", "models")

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "add", no_space)
        with pytest.raises(OSError, match="no space"):
            keep(climb, rung, result)
    model = tmp_path / "runs" / "word_counts" / "model" / "model.json"
    made = model.stat().st_mtime_ns
    told: list[str] = []
    version = keep(climb_of(tmp_path, encoder, told), rung, result)
    assert (tmp_path / "models" / version / "model.json").stat().st_mtime_ns == made
    assert not any("is trained on all" in line for line in told)


def test_a_result_shows_its_interval_and_what_it_took(tmp_path: Path, encoder: Path) -> None:
    climb, rung = climb_of(tmp_path, encoder), rung_of("classification", "majority")
    shown = result_table(try_rung(climb, rung))
    assert "majority: accuracy 0.3" in shown
    assert "95 % interval 0." in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert read_result(climb.folder(rung)).folds == 5


def test_what_judges_in_turn_follows_the_order_and_the_setting(tmp_path: Path, encoder: Path) -> None:
    rung = rung_of("classification", "word_counts")
    in_order = climb_of(tmp_path, encoder, labelled_data__split="order")
    result = try_rung(in_order, rung)
    place_of = {example.place: place for place, example in enumerate(in_order.data.known)}
    assert result.folds == 4
    assert [outcome.id for outcome in result.outcomes] == [example.place for example in in_order.data.judged]
    assert len(result.outcomes) == len(in_order.data.known) - len(in_order.data.known) // 2
    for part in in_order.data.parts:
        taught = [place_of[example.place] for example in (*part.train, *part.validation)]
        assert max(taught) < min(place_of[example.place] for example in part.judged)
    once = climb_of(tmp_path, encoder, labelled_data__split="order", fine_tuning__in_turn=False)
    assert finished(once, rung) is None
    assert [part.judged for part in once.data.parts] == [once.data.validation]


def test_the_test_data_has_no_say(tmp_path: Path, encoder: Path) -> None:
    test = write_csv(tmp_path / "test.csv", [(f"lost card {number}", "card") for number in range(20)])
    climb = climb_of(tmp_path, encoder, fine_tuning__test=str(test))
    first = try_rung(climb, rung_of("classification", "word_counts"))
    write_csv(test, [(f"stolen pin {number}", "money") for number in range(30)])
    other = climb_of(tmp_path, encoder, fine_tuning__test=str(test))
    assert len(other.data.test) == 30
    assert finished(other, rung_of("classification", "word_counts")) == first
    tested = {example.text for example in other.data.test}
    for part in other.data.parts:
        assert not tested & {example.text for example in (*part.train, *part.validation, *part.judged)}


def test_a_rung_of_other_parts_or_of_other_evidence_is_another_one(tmp_path: Path, encoder: Path) -> None:
    climb = climb_of(tmp_path, encoder)
    key = climb.key(rung_of("classification", "word_counts"))
    first, *others = climb.data.parts
    moved = replace(first, train=(*first.train, *first.validation), validation=())
    together = replace(first, judged=tuple(replace(each, unit="one") for each in first.judged))
    assert climb.key(rung_of("classification", "word_counts")) == key
    for changed in (moved, together):
        data = replace(climb.data)
        # What a cached property holds is what it gives.
        data.__dict__["parts"] = (changed, *others)
        assert replace(climb, data=data).key(rung_of("classification", "word_counts")) != key


def test_the_few_examples_of_a_trial_hold_what_can_be_learnt_whatever_is_rare() -> None:
    # Of like length, so that the rare ones could fall between those that are picked.
    texts = [
        Example(f"message {number:04}", "spam" if number in {70, 71} else "ham", f"a:{number}") for number in range(900)
    ]
    assert {example.target for example in spread(texts, 64)} == {"ham"}
    tried = tried_examples(texts, "classification")
    assert {example.target for example in tried} == {"ham", "spam"}
    assert len(tried) == 64
    spans = [replace(each, target=(Span(0, 4, "x"),) if each.target == "spam" else ()) for each in texts]
    assert sum(bool(example.target) for example in tried_examples(spans, "extraction")) == 1
    assert tried_examples(texts[:3], "classification") == spread(texts[:3], 64)


def test_labels_that_the_kept_rung_doubts_are_named(tmp_path: Path, encoder: Path) -> None:
    rows = [(example.text, str(example.target)) for example in messages(240, seed=1)]
    labels = sorted({label for _, label in rows})
    wrong = range(7, 240, 40)
    for place in wrong:
        text, label = rows[place]
        rows[place] = (text, labels[(labels.index(label) + 1) % len(labels)])
    examples = str(write_csv(tmp_path / "messages.csv", rows))
    changes = quick(encoder, fine_tuning__examples=examples, fine_tuning__climb_to="head")
    shown = run(tmp_path, "ladder", **changes)
    assert shown.exit_code == 0, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "likely wrong, as word_counts sees rows that it was not trained on" in " ".join(shown.stdout.split())
    found = Ladder.model_validate_json((tmp_path / "runs" / "ladder.json").read_bytes())
    known = {row.id for row in read_result(tmp_path / "runs" / found.kept).outcomes}
    planted = {f"messages.csv:{place + 2}" for place in wrong} & known
    assert len(planted) >= 3
    assert len(planted - {suspect.place for suspect in found.suspects}) <= 1
    assert found.suspected < 2 * len(planted)
