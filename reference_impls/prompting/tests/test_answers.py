from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..advice.answers_file import advise, as_yaml, conflicts, read_answers
from ..advice.findings import Measured, baseline_codes, interval_codes, mode_codes, over_limits
from ..asking.journal import Journal
from ..measuring.trial import Trial
from ..measuring.trying import try_prompt
from ..proof.endpoint import running
from ..proof.project import answers_of, wanted_outputs
from ..reviewing.heaps import Verdicts
from ..settings import Settings
from .projects import config, open_project, run


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Five of 25 are wrong."""
    tmp_path = tmp_path_factory.mktemp("trial")
    known = wanted_outputs(Path(open_project(tmp_path).own.items))
    wrong = {given: "repair" for given, right in known.items() if right == "loss"}
    with running(answers_of({**known, **wrong})) as server:
        opened = open_project(tmp_path, "few_shot", server.base_url, prompting__choose_shots="fixed")
        with Journal.open(opened.runs_folder) as journal:
            return try_prompt(opened, journal)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return open_project(tmp_path_factory.mktemp("own")).own


@pytest.mark.parametrize(
    ("good", "unjudged", "codes"),
    [
        (18, 0, {"meets_target"}),
        (17, 0, {"close"}),
        (16, 0, {"far"}),
        (17, 1, {"close", "meets_target"}),
        (0, 20, {"far", "close", "meets_target"}),
    ],
)
def test_quality_falls_into_its_band_or_stays_unknown(good: int, unjudged: int, codes: set[str]) -> None:
    assert baseline_codes(Measured(20, good, 0, 0, 20 - good - unjudged, unjudged), 0.9) == codes


def test_what_the_interval_reaches_is_told() -> None:
    assert interval_codes(Measured(20, 17, 3, 0, 0, 0), 0.9) == ["meets_target", "close", "far"]
    assert interval_codes(Measured(2000, 1000, 1000, 0, 0, 0), 0.9) == ["far"]


@pytest.mark.parametrize(
    ("heaps", "codes"),
    [
        ((10, 0, 0), {"missing_facts"}),
        ((0, 10, 0), {"wrong_behaviour"}),
        ((6, 4, 0), {"both"}),
        ((8, 2, 0), {"missing_facts"}),
        ((8, 2, 1), {"missing_facts"}),
        ((8, 2, 4), {"missing_facts", "both"}),
        ((0, 0, 10), {"missing_facts", "both", "wrong_behaviour"}),
    ],
)
def test_the_kind_of_failure_is_told_where_the_open_ones_cannot_change_it(
    heaps: tuple[int, int, int], codes: set[str], trial: Trial, own: Settings
) -> None:
    know, behave, unsorted = heaps
    assert mode_codes(Measured(20 + sum(heaps), 20, know, behave, unsorted, 0), trial, own) == codes


def test_good_but_slow_or_dear_is_told_from_good(trial: Trial, own: Settings) -> None:
    good = Measured(25, 24, 0, 1, 0, 0)
    assert mode_codes(good, trial, own) == {"none"}
    slow = own.model_copy(update={"most_ms": trial.effort.ms_p95 / 2})
    assert mode_codes(good, trial, slow) == {"cost_latency"}
    dear = own.model_copy(update={"most_per_item": 0.001})
    paid = trial.model_copy(update={"effort": trial.effort.model_copy(update={"cost_per_item": 0.002})})
    assert over_limits(paid, dear).startswith("an item costs 0.002000 USD")
    assert over_limits(paid, own) == ""


def test_a_review_decides_what_the_file_says(trial: Trial, own: Settings, tmp_path: Path) -> None:
    verdicts = Verdicts(trial, tmp_path / "review.jsonl")
    open_advice = advise(trial, verdicts, own, "label", 40)
    assert "failure_mode" not in open_advice.facts
    assert open_advice.facts["baseline_quality"].value == "far"
    assert "5 outputs are not sorted yet" in open_advice.missing[0]
    first, second, *others = verdicts.open_rows()
    verdicts.say(first.id, "item_is_wrong")
    verdicts.say(second.id, "good")
    for row in others:
        verdicts.say(row.id, "did_not_know")
    sorted_advice = advise(trial, verdicts, own, "label", 40)
    # 21 of 24 are good now, which is less than a tenth below 0.9.
    assert sorted_advice.facts["baseline_quality"].value == "close"
    assert sorted_advice.facts["failure_mode"].value == "missing_facts"
    assert not sorted_advice.missing


def test_what_was_measured_replaces_what_was_answered(trial: Trial, own: Settings, tmp_path: Path) -> None:
    before = tmp_path / "answers.yaml"
    before.write_text(
        "answers:\n  baseline_quality: not_tried\n  erasure_duty: no\n  labelled_examples: 50_199\n"
        "  latency_p95: 500\n  task_type: 'dialogue_support'\nfigures:\n  input_tokens: 900\n  gpu_hour: 1.9\n"
    )
    answers, figures = read_answers(before)
    limited = own.model_copy(update={"most_ms": 3000.0})
    advice = advise(trial, Verdicts(trial, tmp_path / "none"), limited, "label", 40)
    text = as_yaml(advice, trial, answers, figures)
    # Within what time answers are wanted is for the team to say; a limit of the settings is no measurement.
    (conflict,) = conflicts(advice, answers)
    assert "latency_p95: the team has answered 500, which stands, and prompting.most_ms is 3000" in conflict
    assert conflicts(advice, {"latency_p95": "3000"}) == conflicts(advice, {}) == []
    assert "  latency_p95: 3000  # what is wanted (prompting.most_ms)" in as_yaml(advice, trial, {}, {})
    (tmp_path / "after.yaml").write_text(text)
    answers, figures = read_answers(tmp_path / "after.yaml")
    assert answers == {
        "baseline_quality": "far",
        "erasure_duty": "no",
        "labelled_examples": "50_199",
        "latency_p95": "500",
        "model_kind": "llm",
        "task_type": "dialogue_support",
    }
    assert figures["gpu_hour"] == "1.9"
    assert int(figures["input_tokens"]) < 900
    assert "'no'" in text


@pytest.mark.parametrize("text", ["", "answers: [a]\n", "answers: {a: {b: c}}\n", "answers: {a: b}\nanswers: {}\n"])
def test_a_file_of_no_answers_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(UserError):
        read_answers(tmp_path / "a.yaml")


def test_a_stand_in_claims_nothing(tmp_path: Path) -> None:
    opened = open_project(tmp_path)
    with Journal.open(opened.runs_folder) as journal:
        trial = try_prompt(opened, journal)
    advice = advise(trial, Verdicts(trial, tmp_path / "none"), opened.own, "label", 40)
    assert {name: fact.value for name, fact in advice.facts.items()} == {
        "baseline_quality": "not_tried",
        "failure_mode": "not_tried",
    }


def test_token_counts_follow_the_provider(trial: Trial, own: Settings, tmp_path: Path) -> None:
    figures = advise(trial, Verdicts(trial, tmp_path / "none"), own, "label", 40).figures
    told = sum(int(figures[name].value) for name in ("instruction_tokens", "example_tokens", "input_tokens"))
    assert trial.effort.read is not None
    assert told == pytest.approx(trial.effort.read, abs=2)
    assert int(figures["output_tokens"].value) >= 1


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    done = run(config(tmp_path), "answers")
    assert done.exit_code == 1
    assert "nothing was tried yet" in done.output
