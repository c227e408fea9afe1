"""The whole model card of a tiny project, against a golden text; `UPDATE_GOLDEN=1` writes it anew, to be read."""

import os
import re
from pathlib import Path
from typing import Any

from ...registry.registry import Registry
from ..held_out.card import ladder_of, model_card
from ..held_out.evaluation_files import read_evaluation
from ..held_out.forgetting import Forgetting
from ..held_out.model_evaluation import ModelEvaluation
from ..ladder.ladder import Ladder, Step
from .projects import TOOLS, run, small, write_csv
from .versions import add, classifier, opened

GOLDEN = Path(__file__).parent / "card.md"
MEASURED = {"seconds": 75.0, "trained_parameters": 1_234_567.0, "best_epoch": 2.0, "peak_memory_mb": 900.0}
DESPITE = ["label_conflicts: 2 rows | of <b>one</b> text"]


def steadied(card: str) -> str:
    """Without what differs from machine to machine, and from day to day."""
    card = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "2026-01-31T12:00:00Z", card)
    card = re.sub(r"sha256 `[0-9a-f]{64}`", "sha256 `...`", card)
    return re.sub(r"Made with .*", "Made with numpy 2.0, python 3.11.", card)


def project(folder: Path) -> tuple[ModelEvaluation, dict[str, object], Path]:
    cases = write_csv(folder / "cases.csv", [("my hammer", "tool"), ("what a nail", "tool")])
    changes: dict[str, Any] = {
        "fine_tuning__examples": str(small(folder, 240)),
        "fine_tuning__runs_folder": str(folder / "runs"),
        "fine_tuning__regression_cases": str(cases),
    }
    first = add(folder, classifier(*TOOLS[:5]), changes)
    second = add(folder, classifier(TOOLS[1]), changes, despite=DESPITE, measured=MEASURED)
    assert run(folder, "evaluate", first, **changes).exit_code == 0
    assert run(folder, "promote", first, **changes).exit_code == 0
    assert run(folder, "evaluate", second, **changes).exit_code == 0
    found = read_evaluation(folder / "runs", second)
    assert found is not None
    _, data = opened(folder, **changes)
    ladder = Ladder(
        task="classification",
        metric="accuracy",
        judged=204,
        trained_on=139,
        folds=5,
        data=data.digest,
        kept="word_counts",
        steps=(
            Step(
                rung="majority",
                does="always the commonest label",
                outcome="beaten",
                score=0.5,
                interval=(0.4, 0.6),
            ),
            Step(
                rung="word_counts",
                does="TF-IDF of words",
                outcome="kept",
                score=0.9,
                interval=(0.8, 0.95),
                against="majority",
                difference=found.floors[0].difference,
            ),
            Step(rung="head", does="frozen text encoder", outcome="left out", why="fine_tuning.enough is 0.9"),
        ),
    )
    (folder / "runs" / "ladder.json").write_text(ladder.to_json(), encoding="utf-8")
    return found, dict(Registry(folder / "models").find(second).about), folder / "runs"


def test_the_whole_card(tmp_path: Path) -> None:
    found, about, runs = project(tmp_path)
    card = steadied(model_card(found, about, ladder_of(runs, found, about)))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(card, encoding="utf-8")
    assert card == GOLDEN.read_text(encoding="utf-8")
    # The command wrote the same, before there was a ladder.json.
    written = (runs / "evaluation" / f"{found.version}.md").read_text(encoding="utf-8")
    assert written == model_card(found, about)
    assert "<!-- Not known: which other models it was chosen among." in written
    # The ladder of another training is none of its.
    assert ladder_of(runs, found, {**about, "score": 0.8}) is None
    (runs / "ladder.json").write_text("{")
    assert ladder_of(runs, found, about) is None

    # What no document tells is a comment, and nothing stands in its place.
    bare = model_card(
        found.model_copy(
            update={
                "probabilities": None,
                "floors": (),
                "against": None,
                "cases": None,
                "settings": {},
                "made_with": {},
                "seed": None,
                "despite": (),
                "forgetting": Forgetting(verdict="not measured", why="models of the kind onnx give no vectors"),
            }
        ),
        {},
    )
    for comment in (
        "<!-- Not known: how honest its probabilities are",
        "<!-- Not known: the settings of the training. -->",
        "<!-- Not known: the versions of the libraries. -->",
        "<!-- Not known: what was forgotten, since models of the kind onnx give no vectors. -->",
        "<!-- Not known: which other models",
    ):
        assert comment in bare
    for heading in ("## Beside cheap models", "## Beside another version", "## Findings", "None", "nan"):
        assert heading not in bare


def test_every_table_of_the_card_is_whole() -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", GOLDEN.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(blocks) >= 6
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block
