from pathlib import Path

import pytest

from ...language_models.chat import Usage
from ...project_base.errors import UserError
from ..advice.findings import labelled_items, measured
from ..asking.answered import Answered
from ..asking.journal import Journal
from ..items.base import Item
from ..measuring.comparing import compare_trials, comparison_table
from ..measuring.figures import cost_of, quality_of
from ..measuring.scoring import Mark, mark
from ..measuring.shelf import find_trial, keep_trial
from ..measuring.trial import Trial
from ..measuring.trial_table import trial_table
from ..measuring.trying import try_prompt
from ..prompts.declaration import Output
from ..proof.endpoint import running
from ..proof.project import answers_of, wanted_outputs
from ..reviewing.heaps import Verdicts
from .projects import open_project


def test_texts_are_judged() -> None:
    item = Item("1", "x", "two years", accepted=("24 months",))
    said = Answered(Output("It lasts 24  months."))
    assert mark(item, said, "contains").right is True
    assert mark(item, said, "exact").right is False
    assert mark(item, Answered(Output("24  months")), "exact").right is True
    assert mark(item, said, "person").right is None
    assert mark(item, Answered(Output("two years", problems=("cut",))), "contains").right is False
    assert mark(item, Answered(Output("two years"), refused="filtered"), "person").right is False


def test_fields_are_judged_one_by_one() -> None:
    item = Item("1", "x", fields={"a": 1, "b": "Two", "c": None, "d": "x"})
    found = mark(item, Answered(Output("", {"a": 1.0, "b": "two ", "c": "y", "d": None})), "fields")
    assert (found.right, found.fields_right, found.fields_given, found.fields_wanted) == (False, 2, 3, 3)
    assert found.wrong_fields == ("c", "d")
    assert mark(item, Answered(Output("", {"a": 1, "b": "two", "c": None, "d": "X"})), "fields").right is True
    nothing = mark(item, Answered(Output("", problems=("no JSON",))), "fields")
    assert (nothing.right, nothing.fields_right, nothing.fields_given) == (False, 0, 0)


def test_f1_of_fields_has_an_interval_that_is_never_certain() -> None:
    perfect = [Mark(True, 3, 3, 3)] * 20
    said = [Answered(Output("", {}))] * 20
    found = quality_of("fields", perfect, said)
    assert found.field_f1 == 1
    assert found.field_f1_interval is not None
    assert 0.9 < found.field_f1_interval[0] < 1
    mixed = quality_of("fields", [Mark(True, 3, 3, 3)] * 10 + [Mark(False, 0, 3, 3)] * 10, said)
    assert mixed.field_f1 == pytest.approx(0.5)
    assert mixed.field_f1_interval is not None
    # The fields of an item go wrong together: 60 values are worth less than 60.
    assert mixed.field_f1_interval[0] < 0.32
    assert mixed.field_f1_interval[1] > 0.68


def test_cost_follows_the_prices(tmp_path: Path) -> None:
    own = open_project(tmp_path).own
    priced = own.model_copy(update={"input_price": 2.0, "cached_price": 0.2, "output_price": 10.0})
    assert cost_of(Usage(1000, 100, 600), priced) == pytest.approx((400 * 2 + 600 * 0.2 + 100 * 10) / 1e6)
    assert cost_of(Usage(1000, 100, None), priced) == pytest.approx((1000 * 2 + 100 * 10) / 1e6)
    assert cost_of(Usage(None, 100, None), priced) is None
    assert cost_of(Usage(1000, 100, 0), own) is None


def tried(folder: Path, base_url: str, **changes: object) -> Trial:
    opened = open_project(folder, "few_shot", base_url, prompting__choose_shots="fixed", **changes)
    with Journal.open(opened.runs_folder) as journal:
        trial = try_prompt(opened, journal)
    keep_trial(opened.runs_folder, trial)
    return trial


def test_two_prompts_are_compared_on_the_same_items(tmp_path: Path) -> None:
    sample = open_project(tmp_path)
    known = wanted_outputs(Path(sample.own.items))
    changed = tmp_path / "second.md"
    changed.write_text(sample.prompt.path.read_text().replace("version: 1", "version: 2") + "\nThink of keys.\n")
    worse = {given: "repair" for given, right in known.items() if right == "loss"}
    with running(answers_of({**known, **worse})) as server:
        first = tried(tmp_path, server.base_url)
        server.answer = answers_of(known)
        second = tried(tmp_path, server.base_url, prompting__prompt=str(changed))
    assert (first.quality.right, second.quality.right) == (20, 25)
    assert (first.versions_tried, second.versions_tried) == (1, 2)
    found = compare_trials(second, first)
    assert (found.difference.won, found.difference.lost, found.difference.p) == (5, 0, 0.0625)
    assert len(found.only_first) == 5
    assert "McNemar's exact test: p = 0.062" in comparison_table(found)
    assert find_trial(tmp_path / "runs", "route_message@1").key == first.key
    assert find_trial(tmp_path / "runs", "").label == "route_message@2"
    damaged = tmp_path / "runs" / "results" / "route_message@3.json"
    damaged.write_text('{"schema": "trial/1", "quality": null}')
    with pytest.raises(
        UserError, match="tried were route_message@1, route_message@2; 1 results cannot be read"
    ) as lost:
        find_trial(tmp_path / "runs", "route_message@3")
    assert f"{damaged} is damaged" in lost.value.message


def test_what_people_said_counts_in_a_comparison_as_in_the_answers(tmp_path: Path) -> None:
    sample = open_project(tmp_path)
    known = wanted_outputs(Path(sample.own.items))
    changed = tmp_path / "second.md"
    changed.write_text(sample.prompt.path.read_text().replace("version: 1", "version: 2"))
    worse = {given: "repair" for given, right in known.items() if right == "loss"}
    with running(answers_of({**known, **worse})) as server:
        first = tried(tmp_path, server.base_url)
        second = tried(tmp_path, server.base_url, prompting__prompt=str(changed))
        server.answer = answers_of(known)
        third = tried(tmp_path, server.base_url, language_models__temperature=0.5)
    verdicts = Verdicts(first, tmp_path / "review.jsonl")
    wrong, good, same, *_ = verdicts.open_rows()
    for row, said in ((wrong, "item_is_wrong"), (good, "good"), (same, "behaved_wrongly")):
        verdicts.say(row.id, said)  # type: ignore[arg-type]
    found = compare_trials(third, first, None, verdicts)
    assert found.wrong_items == 1
    assert (found.difference.questions, found.difference.won, found.difference.lost) == (24, 3, 0)
    assert "1 items are said to be wrong in `review`" in comparison_table(found)
    counted = measured(first, verdicts)
    assert (counted.judged, counted.good) == (24, round(found.difference.second * 24)) == (24, 21)
    # The second prompt gave the very outputs that were looked at.
    again = compare_trials(second, first, Verdicts(second, tmp_path / "none.jsonl"), verdicts)
    assert (again.difference.first, again.wrong_items) == (again.difference.second, 1)
    assert labelled_items(first, verdicts) == 24
    without = first.model_copy(update={"rows": tuple(row.model_copy(update={"wanted": ""}) for row in first.rows)})
    assert labelled_items(without, verdicts) == 0


def test_results_on_other_items_are_not_compared(tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "1", "input": "My saddle is gone, stolen.", "output": "loss"}\n')
    with running(lambda _messages: "loss") as server:
        first = tried(tmp_path, server.base_url)
        other = tried(tmp_path, server.base_url, prompting__items=str(items))
    with pytest.raises(UserError, match="different items"):
        compare_trials(first, other)


def test_a_changed_wanted_output_leaves_its_item_out(tmp_path: Path) -> None:
    sample = open_project(tmp_path)
    text = Path(sample.own.items).read_text()
    items = tmp_path / "items.jsonl"
    items.write_text(text.replace('"output": "billing"', '"output": "contract"', 1))
    with running(lambda _messages: "loss") as server:
        first = tried(tmp_path, server.base_url)
        second = tried(tmp_path, server.base_url, prompting__items=str(items))
    assert compare_trials(second, first).left_out == 2
    assert compare_trials(second, first).difference.questions == 24


def test_the_result_says_what_its_reader_must_know(tmp_path: Path) -> None:
    opened = open_project(tmp_path)
    with Journal.open(opened.runs_folder) as journal:
        trial = try_prompt(opened, journal)
    told = trial_table(trial)
    assert trial.stand_in
    assert "note: a stand-in answered" in told
    assert "95 % interval" in told
    many = trial.model_copy(update={"versions_tried": 4})
    assert "4 versions of prompts were tried on these items" in trial_table(many)


def test_a_leaked_example_keeps_the_prompt_from_being_tried(tmp_path: Path) -> None:
    sample = open_project(tmp_path)
    with running(lambda _messages: "loss") as server:
        with pytest.raises(UserError, match="would hold its answer"):
            tried(tmp_path, server.base_url, prompting__examples=sample.own.items)
        assert not server.asked


def test_each_answer_of_a_stand_in_has_a_time_of_its_own(tmp_path: Path) -> None:
    opened = open_project(tmp_path)
    with Journal.open(opened.runs_folder) as journal:
        trial = try_prompt(opened, journal)
    assert len({row.ms for row in trial.rows}) > 1
    assert "p95 says little" not in trial_table(trial)
    few = trial_table(trial.model_copy(update={"rows": trial.rows[:19]}))
    assert "of 19 answers: with fewer than 20, p95 says little beyond the slowest" in few
