"""The command `export`, on a tiny encoder with an adapter."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import Result

from ...compression.results import Compressed
from ...compression.tests.tiny import context, examples
from ...encoders.tuning import lora
from ...labelled_data.rungs import Run
from ...registry.evaluations import evaluation_file
from ...registry.model_folder import open_model, write_model
from ...registry.registry import Registry
from ..answering.answering import open_answering
from ..answering.answering_rules import Rules, keep_rules
from ..answering.predict_text import example_of
from ..exporting.export_model import configured
from ..ladder.data import Data, read_data
from ..settings import ProjectSettings, Settings
from .asked import add_version, settings_in
from .projects import run, write_csv


@dataclass(frozen=True)
class Project:
    """A project whose only version is an adapter on a tiny encoder."""

    folder: Path
    changes: dict[str, Any]
    version: str
    data: Data

    def export(self, *arguments: object, **changes: Any) -> Result:
        return run(self.folder, "export", *map(str, arguments), **(self.changes | changes))

    def settings(self, **changes: Any) -> ProjectSettings:
        return settings_in(self.folder, **(self.changes | changes))


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Project:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("tuned")
    made = context(folder / "encoder", layers=3)
    rows = write_csv(folder / "rows.csv", [(each.text, str(each.target)) for each in examples(400, 1)])
    changes: dict[str, Any] = {
        "fine_tuning__examples": str(rows),
        "embedding__model": str(folder / "encoder"),
        "labelled_data__near_duplicate": 1.0,
        "training__device": "cpu",
        "training__precision": "float32",
        "training__batch_size": 16,
        "compression__speed_texts": 4,
        "compression__most_loss": 0.05,
    }
    data = read_data(settings_in(folder, **changes))
    fitted = lora(made)(data.train, data.validation, Run(folder / "run"))
    about = {**fitted.about, "task": "classification", "data": data.digest, "calibration": {"temperature": 2.0}}
    model = write_model(folder / "made", fitted.kind, about, fitted.write)
    registry = Registry(folder / "models")
    told = {
        "task": "classification",
        "rung": "lora",
        "metric": "accuracy",
        "score": 0.9,
        "data": data.digest,
        "key": "abc",
    }
    version = registry.add(model, told)
    registry.promote(version)
    return Project(folder, changes, version, data)


@pytest.fixture
def project(tuned: Project) -> Iterator[Project]:
    """The same one, without what a former test has made of it."""
    yield tuned
    for left in ("exported", "runs", "new"):
        shutil.rmtree(tuned.folder / left, ignore_errors=True)


def test_an_adapter_is_merged_and_measured_beside_itself(project: Project) -> None:
    card = evaluation_file(project.folder / "runs", project.version).with_suffix(".md")
    card.parent.mkdir(parents=True)
    card.write_text("# The card\n")
    done = project.export()
    assert done.exit_code == 0, done.output
    folder = project.folder / "exported" / f"{project.version}-merged"
    made = open_model(folder)
    assert made.kind == "full"
    assert made.about["made_of"] == project.version
    result = Compressed.model_validate_json((folder / "export.json").read_text())
    assert [form.name for form in result.forms] == ["adapter", "merged"]
    assert result.examples == len(project.data.test)
    assert result.forms[1].differences[0].difference == 0
    assert f"measured on {result.examples} test rows" in done.stdout
    assert (folder / "CARD.md").read_text().endswith("# The card\n")
    assert "exported from 0001-lora" in (folder / "CARD.md").read_text()
    # It needs no encoder beside it, and answers as the adapter does.
    texts = [example_of(example.text) for example in project.data.test[:20]]
    alone = open_answering(project.settings(embedding__model="nowhere"), str(folder))
    before = open_answering(project.settings(), project.version)
    assert alone.rules.temperature == 2
    for one, other in zip(alone.answers(texts), before.answers(texts), strict=True):
        assert one.label == other.label
        assert one.confidence == pytest.approx(other.confidence, abs=1e-3)
    # A second export takes the place of the first; a folder that was named does not give way.
    assert project.export().exit_code == 0
    refused = project.export("--to", folder)
    assert refused.exit_code == 1
    assert "stands already" in refused.stderr


def test_eight_bits_are_measured_registered_and_answer(project: Project) -> None:
    keep_rules(project.folder / "models" / project.version, Rules(model_sha256="", temperature=1.5))
    new = project.folder / "new"
    done = project.export(
        project.version, "--as", "int8", "--to", new, "--register", "--despite-loss", compression__most_loss=0.0
    )
    assert done.exit_code == 0, done.output
    result = Compressed.model_validate_json((new / "export.json").read_text())
    assert {"adapter", "merged", "onnx", "onnx_int8"} <= {form.name for form in result.forms}
    assert (result.chosen, result.most_loss) == ("onnx_int8", 0.0)
    for form in result.forms:
        assert form.speed is None or form.speed.one_ms_p95 >= form.speed.one_ms_p50 > 0
    registry = Registry(project.folder / "models")
    version = registry.versions()[-1]
    assert version.kind == "onnx"
    assert version.about["made_of"] == project.version
    assert version.about["rung"] == "lora"
    assert "key" not in version.about
    lost = next(form for form in result.forms if form.name == "onnx_int8").differences
    assert version.about["loss"] == [each.model_dump(mode="json") for each in lost]
    # What was allowed to be lost is nothing: a score of the adapter is no score of it once something is.
    assert version.about.get("score") == (None if lost[0].difference < 0 else 0.9)
    registry.promote(version.id)
    answering = open_answering(project.settings())
    assert answering.rules.temperature == 1.5
    assert answering.answers([example_of("a fox on the bridge")])[0].label in answering.labels
    rows = write_csv(project.folder / "in.csv", [("a fox",)], ("text",))
    predicted = run(project.folder, "predict", str(rows), "--model", str(new), **project.changes)
    assert predicted.exit_code == 0, predicted.output
    registry.rollback()


def test_a_pruned_model_that_loses_too_much_is_refused_unless_it_is_wanted(project: Project) -> None:
    changes: dict[str, Any] = {
        "compression__layers": 1,
        "compression__recovery_epochs": 0.0,
        "compression__most_loss": 0.0,
    }
    refused = project.export("--as", "pruned", **changes)
    assert refused.exit_code == 1
    assert "as pruned the model loses" in refused.stderr
    assert "compression.most_loss allows 0" in refused.stderr
    assert "--despite-loss" in refused.stderr
    assert not (project.folder / "exported").exists()
    done = project.export("--as", "pruned", "--despite-loss", **changes)
    assert done.exit_code == 0, done.output
    made = open_model(project.folder / "exported" / f"{project.version}-pruned")
    assert (made.kind, made.about["exported_as"]) == ("full", "pruned")
    assert "Removed: layers" in done.stdout


def test_a_student_learns_from_unlabelled_texts_too(project: Project) -> None:
    test = project.data.test[0].text
    texts = [(each.text,) for each in examples(60, 9)]
    file = write_csv(project.folder / "unlabelled.csv", [*texts, (test,), (f"{test.upper()} !",), ("",)], ("text",))
    done = project.export(
        fine_tuning__compress="distilled",
        fine_tuning__unlabelled=str(file),
        compression__distillation_epochs=1.0,
        compression__most_loss=1.0,
    )
    assert done.exit_code == 0, done.output
    assert "2 texts of fine_tuning.unlabelled are left out: they are test rows" in done.stderr
    assert "1 rows of fine_tuning.unlabelled cannot be used" in done.stderr
    result = json.loads((project.folder / "exported" / f"{project.version}-distilled" / "export.json").read_text())
    assert [form["name"] for form in result["forms"]] == ["teacher", "student"]
    assert f"learned from {len(project.data.train) + 60} texts" in " ".join(done.stdout.split())
    assert not (project.folder / "runs" / "export" / f"{project.version}-distilled").exists()


def test_what_has_no_adapter_is_copied_and_what_cannot_be_had_is_told(tmp_path: Path) -> None:
    rows = write_csv(tmp_path / "rows.csv", [(each.text, str(each.target)) for each in examples(60, 1)])
    changes: dict[str, Any] = {"fine_tuning__examples": str(rows), "labelled_data__near_duplicate": 1.0}
    version = add_version(tmp_path)
    done = run(tmp_path, "export", **changes)
    assert done.exit_code == 0, done.output
    assert "has no adapter, so there is nothing to merge" in done.stderr
    made = open_model(tmp_path / "exported" / f"{version}-merged")
    assert (made.kind, made.files) == ("word_counts", Registry(tmp_path / "models").open(version).files)
    (tmp_path / "taken").mkdir()
    for arguments, expected in (
        (["--as", "onnx"], "export a model of the rungs head, lora or full"),
        (["--as", "pruned"], "has no tuned encoder"),
        (["--as", "distilled"], "set compression.student_from to base"),
        (["0007"], "there is no version 0007"),
        ([tmp_path], "is not a model"),
        (["--to", tmp_path / "taken"], "stands already"),
    ):
        refused = run(tmp_path, "export", *map(str, arguments), **changes)
        assert refused.exit_code == 1, arguments
        assert expected in refused.stderr, refused.stderr
        assert "Traceback" not in refused.output


def test_a_tagger_that_was_to_be_distilled_is_pruned_and_that_is_said() -> None:
    told: list[str] = []
    given = {"examples": "x", "compress": "distilled"}
    assert configured(Settings.model_validate(given), told.append) == "distilled"
    assert not told
    assert configured(Settings.model_validate({**given, "task": "extraction"}), told.append) == "pruned"
    assert "only classifiers can be distilled" in told[0]
    assert configured(Settings.model_validate({"examples": "x"})) == "merged"
