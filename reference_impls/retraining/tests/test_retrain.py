"""From command to command: a model is made, watched, replaced, refused and brought back."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from ...project_base.rooms import command_line
from ...registry.lock import only_one
from ...registry.registry import Registry
from ..operation.journal import read_events
from ..operation.judgement import judgement_file, read_judgement
from ..operation.retrain import LOCK
from ..proof.smoke_checks import AFTER, BEFORE, CALM, LAST, LATER
from ..proof.smoke_project import SmokeProject
from .projects import growing


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> SmokeProject:
    """A first version is in service."""
    made = growing(tmp_path_factory.mktemp("begun"))
    made.come(BEFORE)
    made.asked("retrain")
    return made


@pytest.fixture
def project(begun: SmokeProject, tmp_path: Path) -> SmokeProject:
    """A first version is in service, and the history has gone on past the change."""
    made = growing(tmp_path)
    for name in ("models", "runs"):
        shutil.copytree(begun.folder / name, made.folder / name)
    made.come(AFTER)
    return made


def decisions(project: SmokeProject) -> list[object]:
    return [event["decision"] for event in read_events(project.project.metrics) if event["event"] == "retrain"]


def test_a_project_runs_from_its_first_model_to_a_better_one(project: SmokeProject) -> None:
    first = project.in_service()
    assert first.endswith("-linear")
    said = project.asked("retrain")
    second = project.in_service()
    assert second > first
    assert f"{second} is in service now" in said.out
    found = read_judgement(project.project.runs, second)
    assert found is not None
    assert found.champion is not None
    assert found.champion.name == first
    assert found.champion.gain > 0
    assert found.score > found.champion.score
    assert found.refit
    assert "not due" in project.asked("retrain").out
    assert project.in_service() == second
    assert decisions(project) == ["promoted", "promoted", "not due"]
    history = project.project.registry.history()
    assert "every" in history[-1].why


def test_a_version_carries_all_that_it_was_made_of(project: SmokeProject) -> None:
    version = project.project.registry.find(project.in_service())
    about = version.about
    assert {"data", "code", "settings", "score", "metric", "policy", "seed", "learned_until", "columns"} <= about.keys()
    assert len(str(about["data"])) == 64
    assert about["columns"] == dict(project.project.history.kinds) | {}
    champion = project.project.champion()
    assert champion is not None
    assert champion.learned_until <= project.project.history.time[-1]
    assert about["task"] == "classification"


def test_without_a_replay_auto_asks_for_one(tmp_path: Path) -> None:
    made = growing(tmp_path, policy="auto")
    made.come(BEFORE)
    said = made.run("retrain")
    assert said.code == 1
    assert "has not been replayed yet" in said.told
    assert not made.in_service()
    status = json.loads(made.asked("status", "--format", "json").out)
    assert (status["version"], status["due"], status["policy"]) == (None, None, None)
    assert "replay" in status["why"]


def test_a_scheduler_begins_with_nothing_and_needs_nobody(tmp_path: Path) -> None:
    made = growing(tmp_path, policy="auto")
    made.come(BEFORE)
    commands = (("monitor", "--if-in-service"), ("replay", "--if-needed"), ("retrain",), ("status",))
    watched, chosen, _, _ = [made.asked(*command) for command in commands]
    first = made.in_service()
    assert first
    assert (watched.out, "nothing to watch" in watched.told) == ("", True)
    assert "nothing is replayed" not in chosen.told
    replay = (made.project.runs / "replay.json").read_bytes()
    made.come(CALM)
    watched, chosen, _, _ = [made.asked(*command) for command in commands]
    assert first in watched.out
    assert (chosen.out, "nothing is replayed" in chosen.told) == ("", True)
    assert (made.project.runs / "replay.json").read_bytes() == replay


def test_what_is_kept_is_told_below_the_project(tmp_path: Path) -> None:
    made = growing(tmp_path)
    assert made.asked("kept").out.splitlines() == ["models", "runs"]
    own = made.settings.retraining.model_dump()
    own["metrics_file"] = str(made.folder / "log" / "metrics.jsonl")
    assert made.asked("kept", config=made.write_config("log.yaml", retraining=own)).out.splitlines() == [
        "models",
        "runs",
        "log/metrics.jsonl",
    ]
    for folder in (str(tmp_path / "models"), str(made.folder)):
        away = made.write_config("away.yaml", registry={"folder": folder, "keep": 0})
        said = made.run("kept", config=away)
        assert (said.code, "registry.folder" in said.told) == (1, True)


def test_never_is_never_due_but_for_the_first_model(tmp_path: Path) -> None:
    made = growing(tmp_path, policy="never")
    made.come(BEFORE)
    made.asked("retrain")
    first = made.in_service()
    made.come(AFTER)
    assert "never to retrain" in made.asked("retrain").out
    assert made.in_service() == first
    made.asked("retrain", "--now")
    assert made.in_service() > first


def test_an_alarm_retrains_and_calm_does_not(tmp_path: Path) -> None:
    made = growing(tmp_path, policy="drift_triggered")
    made.come(BEFORE)
    made.asked("retrain")
    first = made.in_service()
    made.come(CALM)
    assert "no drift" in made.asked("retrain").out
    made.come(AFTER)
    made.asked("retrain")
    assert made.in_service() > first
    assert [event["verdict"] for event in read_events(made.project.metrics) if event["event"] == "monitor"] == [
        "none",
        "drift",
    ]


def test_monitor_says_what_moved_since_when_and_ends_with_0_unless_asked(project: SmokeProject) -> None:
    plain = project.run("monitor")
    assert plain.code == 0
    assert "accuracy" in plain.out
    asked = project.run("monitor", "--fail-on-drift", "--format", "json")
    assert asked.code == 5
    told = json.loads(asked.out)
    assert told["verdict"] == "drift"
    assert "accuracy" in {each["what"] for each in told["watched"]["since"]}
    by_window = [each["value"] for each in told["performance"] if each["value"] is not None]
    assert by_window[-1] < by_window[0] - 0.2
    assert json.loads((project.project.runs / "monitor.json").read_text()) == told
    project.come(BEFORE)
    few = project.run("monitor", "--fail-on-drift")
    assert few.code == 0
    assert "too few rows" in few.out


def test_a_worse_version_is_refused_and_the_champion_stays(project: SmokeProject) -> None:
    first = project.in_service()
    # From the change on the outcomes are dealt out at random, but for the newest rows, which judge.
    project.asked("retrain")
    second = project.in_service()
    project.come(LATER)
    project.mix_labels("2024-01-01", "2025-02-28")
    said = project.run("retrain", "--now", "--fail-on-refusal")
    assert said.code == 5
    assert "refused: it" in said.out
    assert project.in_service() == second > first
    assert decisions(project)[-1] == "refused"
    third = project.project.registry.versions()[-1].id
    assert third > second
    assert project.run("promote", third).code == 1
    project.asked("promote", third, "--force")
    project.asked("rollback")
    assert project.in_service() == second


def test_after_a_refusal_the_next_attempt_waits_for_its_time_and_for_labels(project: SmokeProject) -> None:
    project.asked("retrain")
    second = project.in_service()
    project.come(LATER)
    project.mix_labels("2024-01-01", "2025-02-28")
    project.asked("retrain")
    assert decisions(project)[-1] == "refused"
    third = project.project.registry.versions()[-1].id
    for day, why in (
        (LATER, f"0.0 of 1 windows have passed since {third} was tried"),
        ("2025-04-08", f"windows have passed since {third} was tried"),
    ):
        project.come(day)
        assert why in " ".join(project.asked("retrain").out.split())
        assert project.project.registry.versions()[-1].id == third
        assert json.loads(project.asked("status", "--format", "json").out)["due"] is False
    project.come(LAST)
    project.asked("retrain")
    assert project.project.registry.versions()[-1].id > third
    assert project.in_service() >= second


def test_a_first_version_that_is_refused_is_not_made_again_every_day(tmp_path: Path) -> None:
    made = growing(tmp_path)
    made.come(BEFORE)
    made.mix_labels("2024-01-01", BEFORE)
    assert "refused: it is n" in made.asked("retrain").out
    first = made.project.registry.versions()
    assert len(first) == 1
    said = made.asked("retrain").out
    assert f"since {first[0].id} was tried" in " ".join(said.split())
    assert made.project.registry.versions() == first
    assert not made.in_service()
    made.come(AFTER)
    made.asked("retrain")
    assert made.in_service()


def test_nothing_is_trained_while_too_few_rows_could_judge(project: SmokeProject) -> None:
    project.asked("retrain")
    before = project.project.registry.versions()
    said = project.run("retrain", "--now")
    assert said.code == 1
    assert "are needed to judge" in said.told
    assert project.project.registry.versions() == before


def test_a_version_that_nobody_judged_is_refused(project: SmokeProject) -> None:
    project.asked("train")
    version = project.project.registry.versions()[-1].id
    judgement_file(project.project.runs, version).unlink()
    said = project.run("promote", version)
    assert (said.code, "nobody has judged it" in said.told) == (1, True)
    too_soon = project.run("evaluate", version)
    assert "are needed to judge" in too_soon.told
    project.come(LATER)
    project.asked("evaluate", version)
    project.asked("promote", version)
    assert project.in_service() == version


def test_a_judgement_beside_another_version_does_not_count(project: SmokeProject) -> None:
    first = project.in_service()
    project.asked("train")
    project.asked("train")
    _, second, third = (version.id for version in project.project.registry.versions())
    project.asked("promote", third)
    said = project.run("promote", second)
    assert f"it was compared with {first}, and {third} is in service now" in said.told


def test_a_second_training_is_kept_out_at_once(project: SmokeProject) -> None:
    version = project.in_service()
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with only_one(project.project.runs / LOCK, "testing"):
            held.set()
            free.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(60)
    try:
        said = project.run("retrain", "--now")
        assert said.code == 1
        assert "another process is still training" in said.told
        assert project.run("status").code == 0
        assert project.run("monitor").code == 0
    finally:
        free.set()
        other.join(60)
    assert project.in_service() == version
    assert len(Registry(project.project.registry.folder).versions()) == 1


def test_a_renamed_column_is_named_with_the_nearest(project: SmokeProject) -> None:
    text = project.data.read_text(encoding="utf-8").replace("contract_years", "contract_age_years", 1)
    project.data.write_text(text, encoding="utf-8")
    for command in (("monitor",), ("predict", str(project.data))):
        said = project.run(*command)
        assert said.code == 1, command
        assert "contract_years" in said.told
        assert "contract_age_years" in said.told


def test_an_earlier_moment_sees_what_was_known_then(tmp_path: Path) -> None:
    about = []
    for name, day, option in (("later", LATER, ("--as-of", "2024-07-31")), ("then", BEFORE, ())):
        (tmp_path / name).mkdir()
        made = growing(tmp_path / name)
        made.come(day)
        made.asked("retrain", *option)
        about.append(made.project.registry.versions()[-1].about)
    for key in ("learned_until", "labels_until", "trained_at", "rows", "score", "data"):
        assert about[0][key] == about[1][key], key
    for moment, told in (("never", "is no moment of this history"), ("2023-01-01", "no row had a label")):
        said = made.run("monitor", "--as-of", moment)
        assert (said.code, told in said.told) == (1, True)


def test_status_tells_how_things_stand(project: SmokeProject) -> None:
    version = project.in_service()
    project.asked("monitor")
    told = json.loads(project.asked("status", "--format", "json").out)
    assert told["version"] == version
    assert told["due"] is True
    assert told["waiting"] > 100
    assert told["age"] > 1
    assert told["last"]["monitor"]["verdict"] == "drift"
    shown = project.asked("status").out
    assert version in shown
    assert "due           yes" in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_predictions_keep_the_order_and_the_columns_of_the_file(project: SmokeProject, tmp_path: Path) -> None:
    given = project.data.read_text(encoding="utf-8").splitlines()
    rows = [given[0], *reversed(given[1:40])]
    file = tmp_path / "asked.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = [json.loads(line) for line in project.asked("predict", str(file), "--format", "jsonl").out.splitlines()]
    assert [row["received"] for row in told] == [row.split(",")[0] for row in rows[1:]]
    assert {row["version"] for row in told} == {project.in_service()}
    assert all(0 < row["probability"] <= 1 for row in told)
    labelled = [row for row in told if row["outcome"]]
    assert sum(row["prediction"] == row["outcome"] for row in labelled) > 0.7 * len(labelled)
    out = tmp_path / "out.csv"
    project.asked("predict", str(file), "--out", str(out))
    assert out.read_text(encoding="utf-8").splitlines()[0] == f"{rows[0]},prediction,probability,version"
    without = tmp_path / "new.csv"
    without.write_text("\n".join(",".join(row.split(",")[:0]) or row for row in rows), encoding="utf-8")
    assert project.run("predict", str(without), "--out", str(tmp_path / "no" / "x.csv")).code == 1


def _own(project: SmokeProject, target: str) -> Path:
    """The configuration with data of one's own, beside the models and results of the sample."""
    own = project.folder / "parcels.csv"
    days = [f"2023-{1 + number // 28:02d}-{1 + number % 28:02d}" for number in range(300)]
    rows = [f"{day},{number % 9},{'late' if number * 7 % 11 > 4 else 'in time'}" for number, day in enumerate(days)]
    own.write_text("\n".join([f"day,weight,{target}", *rows]) + "\n", encoding="utf-8")
    given = project.settings
    history = given.history.model_dump() | {"target": target, "time": "day", "known": "", "label_delay": "3d"}
    retraining = given.retraining.model_dump() | {"data": str(own)}
    return project.write_config("own.yaml", history=history, retraining=retraining)


@pytest.mark.parametrize(
    "command", [("status",), ("monitor",), ("retrain",), ("train",), ("replay",), ("pick",), ("evaluate",)]
)
def test_models_of_other_data_are_told_at_once_with_what_to_delete(
    command: tuple[str, ...], project: SmokeProject
) -> None:
    said = project.run(*command, config=_own(project, "arrival"))
    assert said.code == 1
    told = " ".join(said.err.split())
    version = project.in_service()
    assert told.startswith(
        f"error: {version} was made of {project.data.name} (history.target: outcome), and retraining.data names "
        "parcels.csv (history.target: arrival) now "
    )
    models, runs = project.project.registry.folder, project.project.runs
    assert f"next: delete the folders {models} and {runs}, or name new ones" in told


def test_check_looks_at_other_data_and_says_that_the_models_are_not_of_it(project: SmokeProject) -> None:
    said = project.run("check", config=_own(project, "arrival"))
    assert said.code == 0
    assert "note: " in said.err
    assert f"before anything is trained: delete the folders {project.project.registry.folder} and " in said.err


def test_a_replay_of_other_data_is_told_where_the_models_are_gone(project: SmokeProject) -> None:
    shutil.rmtree(project.project.registry.folder)
    file = project.project.runs / "replay.json"
    told = {"made_of": {"data_name": "requests.csv", "target": "outcome"}}
    file.write_text(json.dumps({"schema": "retraining_replay/1", **told}), encoding="utf-8")
    said = project.run("retrain", config=_own(project, "arrival"))
    assert said.code == 1
    assert "the replay replay.json was made of requests.csv (history.target: outcome)" in said.err
    file.unlink()
    assert "was made of" not in project.run("retrain", config=_own(project, "arrival")).err


@pytest.mark.parametrize("command", [("status",), ("monitor",), ("retrain",), ("train",)])
def test_other_data_with_the_same_target_is_offered_as_the_cause(
    command: tuple[str, ...], project: SmokeProject
) -> None:
    said = project.run(*command, config=_own(project, "outcome"))
    assert said.code == 1
    told = " ".join(said.err.split())
    assert (
        f"it was made of {project.data.name}, and retraining.data names parcels.csv now. Where that is other data: "
        f"delete the folders {project.project.registry.folder} and "
    ) in told


def test_monitor_and_retrain_say_what_comes_next_and_fit_80_columns(project: SmokeProject) -> None:
    drift = project.asked("monitor")
    assert drift.err.splitlines()[-1] == f"next: {command_line('retrain')}"
    due = project.asked("retrain")
    assert due.err.splitlines()[-1].startswith(f"next: {command_line('predict FILE')}; when more rows have come: ")
    not_due = project.asked("retrain")
    assert not_due.err.splitlines()[-1].startswith(f"next: when more rows have come: {command_line('retrain')}; ")
    calm = project.asked("monitor")
    assert calm.err.splitlines()[-1] == f"next: when more rows have come: {command_line('monitor')}"
    assert "what has moved" in drift.out
    assert all(len(line) <= 80 for said in (drift, due, not_due, calm) for line in said.out.splitlines())
