import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io  # type: ignore[import-untyped]  # skops has no types
from sklearn.linear_model import LinearRegression  # type: ignore[import-untyped]  # scikit-learn has no types
from sklearn.preprocessing import FunctionTransformer  # type: ignore[import-untyped]

from ...history.base import Task
from ...project_base.errors import UserError
from ...registry.model_folder import ModelFolder, open_model, write_model
from ..fitting import fit, update
from ..keeping import write
from ..kinds import KINDS, LOADERS
from ..recalibrating import recalibrate
from ..settings import Settings
from ..table_predictor import TablePredictor
from ..tree_soundness import unsound
from .tables import history_of, mixed

QUICK = Settings(trees=8, word_features=512)


def kept(model: TablePredictor, folder: Path) -> ModelFolder:
    return write_model(folder, model.kind, {}, lambda part: write(model, part))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_kept_model_answers_as_before(tmp_path: Path, kind: str, task: Task) -> None:
    past, later = mixed(120, task), mixed(60, task, seed=1)
    model = recalibrate(fit(past, QUICK, kind=kind), later)
    kept(model, tmp_path / "model")
    opened = LOADERS[model.kind](open_model(tmp_path / "model"))
    assert (opened.predict(later.features) == model.predict(later.features)).all()
    assert (opened.task, opened.kind, opened.classes, opened.columns) == (task, kind, model.classes, model.columns)
    if KINDS[model.kind].incremental:
        goes_on = [update(each, later, QUICK).predict(later.features) for each in (opened, model)]
        assert (goes_on[0] == goes_on[1]).all()
    if KINDS[model.kind].warm:
        fit(later, QUICK, start=opened)


@pytest.mark.parametrize("kind", KINDS)
def test_models_of_one_class_and_without_columns_are_kept(tmp_path: Path, kind: str) -> None:
    for number, columns in enumerate(({"x": [1.0, 2.0]}, {})):
        model = fit(history_of(columns, ["a", "a"], "classification"), QUICK, kind=kind)
        kept(model, tmp_path / str(number))
        opened = LOADERS[model.kind](open_model(tmp_path / str(number)))
        assert opened.predict(history_of(columns, ["a", "a"], "classification").features).tolist() == ["a", "a"]


@pytest.mark.parametrize("name", ["predictor.json", "preparing.skops", "model.skops"])
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = kept(fit(mixed(60, "regression"), QUICK, kind="linear"), tmp_path / "model")
    content = bytearray((folder.path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder.path / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{name} differs from what was written"):
        LOADERS["linear"](folder)
    (folder.path / name).unlink()
    with pytest.raises(UserError, match=f"{name} is missing"):
        LOADERS["linear"](folder)


def replaced(folder: ModelFolder, name: str, content: object) -> ModelFolder:
    """The model with another file that its model.json vouches for, as whoever can write both can make it."""

    def rewrite(part: Path) -> None:
        for file in folder.files:
            (part / file).write_bytes((folder.path / file).read_bytes())
        if isinstance(content, bytes):
            (part / name).write_bytes(content)
        else:
            skops.io.dump(content, part / name)

    return write_model(folder.path.with_name("replaced"), folder.kind, {}, rewrite, replace=True)


def ran(*_: object) -> None:
    raise AssertionError("code of a model file ran")


def test_a_type_that_no_model_holds_is_refused_before_it_is_made(tmp_path: Path) -> None:
    folder = kept(fit(mixed(60, "regression"), QUICK, kind="linear"), tmp_path / "model")
    for name in ("preparing.skops", "model.skops"):
        with pytest.raises(UserError, match="which no model of this project holds") as caught:
            LOADERS["linear"](replaced(folder, name, FunctionTransformer(ran)))
        assert "run code" in caught.value.next_step


@pytest.mark.parametrize("module", ["os", "subprocess", "builtins"])
def test_the_name_of_a_dangerous_function_is_refused(tmp_path: Path, module: str) -> None:
    folder = kept(fit(mixed(60, "regression"), QUICK, kind="linear"), tmp_path / "model")
    name = {"os": "system", "subprocess": "Popen", "builtins": "eval"}[module]
    with zipfile.ZipFile(folder.path / "model.skops") as archive:
        schema = json.loads(archive.read("schema.json"))
        files = {entry: archive.read(entry) for entry in archive.namelist() if entry != "schema.json"}
    schema["__class__"], schema["__module__"] = name, module
    made = tmp_path / "made.skops"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
        for entry, content in files.items():
            archive.writestr(entry, content)
    with pytest.raises(UserError, match=f"{module}.{name}"):
        LOADERS["linear"](replaced(folder, "model.skops", made.read_bytes()))


def test_what_is_no_skops_file_is_refused(tmp_path: Path) -> None:
    folder = kept(fit(mixed(60, "regression"), QUICK, kind="linear"), tmp_path / "model")
    with pytest.raises(UserError, match="is no file of skops"):
        LOADERS["linear"](replaced(folder, "model.skops", b"\x80\x04K\x01."))
    with pytest.raises(UserError, match=r"predictor.json is damaged"):
        LOADERS["linear"](replaced(folder, "predictor.json", b"{}"))
    newer = (folder.path / "predictor.json").read_bytes().replace(b'"format_version": 1', b'"format_version": 9')
    with pytest.raises(UserError, match="format 9"):
        LOADERS["linear"](replaced(folder, "predictor.json", newer))


@pytest.mark.parametrize("kind", ["boosting", "forest"])
def test_trees_that_lead_astray_are_refused(tmp_path: Path, kind: str) -> None:
    past = mixed(120, "regression")
    model = fit(past, QUICK, kind=kind)
    folder = kept(model, tmp_path / "model")
    opened = fit(past, QUICK, kind=kind).model
    assert unsound(opened) == ""
    if kind == "boosting":
        opened._predictors[0][0].nodes["left"][0] = 10_000_000
    else:
        opened.estimators_[0].tree_.children_left[0] = 10_000_000
    with pytest.raises(UserError, match="a node of a tree leads out of it"):
        LOADERS[model.kind](replaced(folder, "model.skops", opened))
    if kind == "boosting":
        nodes = opened._predictors[0][0].nodes
        nodes["left"][0], nodes["feature_idx"][0] = 1, 500
    else:
        opened.estimators_[0].tree_.children_left[0] = 1
        opened.estimators_[0].tree_.feature[0] = 500
    with pytest.raises(UserError, match="a column that is not there"):
        LOADERS[model.kind](replaced(folder, "model.skops", opened))


def test_a_model_that_would_not_be_opened_again_is_not_written(tmp_path: Path) -> None:
    model = fit(mixed(60, "regression"), QUICK, kind="linear")
    object.__setattr__(model, "preparing", FunctionTransformer(ran))
    with pytest.raises(TypeError, match="would not be loaded again"):
        kept(model, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_kind_that_is_another_is_refused(tmp_path: Path) -> None:
    model = fit(mixed(60, "regression"), QUICK, kind="linear")
    folder = write_model(tmp_path / "model", "forest", {}, lambda part: write(model, part))
    with pytest.raises(UserError, match="says it is of the kind forest, and holds a linear"):
        LOADERS["forest"](folder)
    assert unsound(LinearRegression().fit(np.zeros((2, 1)), [0, 1])) == ""
