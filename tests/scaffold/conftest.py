"""One recommendation and one plan for all tests of the scaffold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.ask.answers_file import read_answers
from advisor.documents import Recommendation
from advisor.knowledge import Knowledge
from advisor.pipeline import advise
from advisor.scaffold.plan import ProjectPlan
from advisor.scaffold.write import write_project
from tests import projects

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "help-desk.yaml"


@pytest.fixture(scope="session")
def recommendation(knowledge: Knowledge) -> Recommendation:
    return advise(read_answers(str(EXAMPLE), knowledge), knowledge)


@pytest.fixture(scope="session")
def plan(recommendation: Recommendation, knowledge: Knowledge) -> ProjectPlan:
    return projects.plan(recommendation, knowledge)


@pytest.fixture
def project(plan: ProjectPlan, tmp_path: Path) -> Path:
    """A project as it was written, in a folder of its own."""
    write_project(plan, tmp_path / "demo")
    return tmp_path / "demo"


@pytest.fixture
def changed() -> Callable[..., ProjectPlan]:
    """`changed(plan, {"README.md": b"..."}, drop=("x",))`: the plan of a later version of advisor."""
    from dataclasses import replace

    from advisor.documents import FileRecord
    from advisor.scaffold.plan import PlannedFile

    def make(plan: ProjectPlan, contents: dict[str, bytes], drop: tuple[str, ...] = ()) -> ProjectPlan:
        kept = {file.path: file for file in plan.files if file.path not in drop}
        for path, content in contents.items():
            made = kept[path].made if path in kept else "copied"
            kept[path] = PlannedFile(path, made, content)
        files = tuple(kept[path] for path in sorted(kept))
        records = tuple(FileRecord(path=file.path, made=file.made, sha256=file.sha256) for file in files)
        return replace(plan, files=files, manifest=plan.manifest.model_copy(update={"files": records}))

    return make
