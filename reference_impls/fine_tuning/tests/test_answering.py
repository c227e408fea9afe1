from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ...labelled_data.base import Example, Turn
from ...project_base.errors import UserError
from ...registry.registry import Registry
from ..answering.answering import ANSWERING, Answering, Rules, keep_rules, open_answering
from .hand_made import majority, model_folder
from .projects import small
from .versions import LABELS, add, classifier, opened

Changes = dict[str, Any]


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    return {"fine_tuning__examples": str(small(tmp_path, 60))}


def answering(folder: Path, changes: Changes, wanted: str = "", **more: object) -> Answering:
    return open_answering(opened(folder, **changes, **more)[0], wanted)


def texts(*given: str) -> list[Example]:
    return [Example(text, "", f"t:{number}") for number, text in enumerate(given)]


def test_it_answers_with_calibrated_probabilities_likeliest_first(tmp_path: Path, changes: Changes) -> None:
    add(tmp_path, classifier(), changes)
    model = answering(tmp_path, changes, "1")
    assert (model.name, model.task, model.labels, model.notes) == ("0001-word_counts", "classification", LABELS, ())
    heard: list[int] = []
    tool, fruit = model.answers(texts("a saw", "a pear"), heard.append)
    assert sum(heard) == 2
    assert (tool.label, fruit.label, tool.abstained) == ("tool", "fruit", False)
    assert [label for label, _ in tool.ranked] == ["tool", "fruit"]
    assert tool.ranked[0][1] == tool.confidence
    assert sum(share for _, share in tool.ranked) == pytest.approx(1)
    # Of logits 3.0 and 0.1, at the temperature 1.5 that its model.json tells.
    assert tool.confidence == pytest.approx(1 / (1 + np.exp(-2.9 / 1.5)), abs=1e-4)
    assert model.answers([]) == []


def test_below_the_threshold_it_abstains_and_still_says_what_is_likeliest(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(), changes)
    folder = Registry(tmp_path / "models").find(version).path
    keep_rules(folder, Rules(model_sha256="", temperature=1.0, wanted_accuracy=0.9, threshold=0.8))
    model = answering(tmp_path, changes, version, fine_tuning__abstain_accuracy=0.9)
    sure, unsure = model.answers(texts("a saw", "no word of it"))
    assert (sure.label, sure.abstained) == ("tool", False)
    assert (unsure.label, unsure.abstained) == ("fruit", True)
    assert unsure.confidence == pytest.approx(1 / (1 + np.exp(-0.1)), abs=1e-4)
    assert model.notes == ()


def test_where_no_threshold_keeps_the_promise_it_abstains_from_everything(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(), changes)
    folder = Registry(tmp_path / "models").find(version).path
    keep_rules(folder, Rules(model_sha256="", wanted_accuracy=0.99, threshold=None))
    model = answering(tmp_path, changes, version, fine_tuning__abstain_accuracy=0.99)
    assert all(answer.abstained for answer in model.answers(texts("a saw", "a pear")))
    assert "no threshold promises 0.99 right answers" in model.notes[0]


def test_another_wanted_accuracy_asks_for_another_evaluation(tmp_path: Path, changes: Changes) -> None:
    add(tmp_path, classifier(), changes)
    heard: list[str] = []
    settings, _ = opened(tmp_path, **changes, fine_tuning__abstain_accuracy=0.9)
    model = open_answering(settings, "1", heard.append)
    assert heard == list(model.notes)
    assert "the threshold of 0001-word_counts was chosen for 0" in heard[0]
    assert "evaluate 0001-word_counts" in heard[0]


def test_rules_of_another_model_and_no_rules_leave_probabilities_as_they_are(tmp_path: Path, changes: Changes) -> None:
    made = model_folder(tmp_path / "plain", classifier())
    model = answering(tmp_path, changes, str(made.path))
    assert model.name == str(made.path)
    assert model.rules.temperature == 1.0
    assert "came without a calibration" in model.notes[0]
    (made.path / ANSWERING).write_text('{"schema": "answering/1", "model_sha256": "0", "temperature": 3.0}')
    assert answering(tmp_path, changes, str(made.path)).rules.temperature == 1.0
    (made.path / ANSWERING).write_text("{")
    with pytest.raises(UserError, match=r"answering\.json is damaged"):
        answering(tmp_path, changes, str(made.path))


def test_without_a_name_the_version_in_service_answers(tmp_path: Path, changes: Changes) -> None:
    with pytest.raises(UserError, match="is in service yet") as told:
        answering(tmp_path, changes)
    assert "promote VERSION" in told.value.next_step
    version = add(tmp_path, classifier(), changes)
    add(tmp_path, majority(LABELS), changes)
    Registry(tmp_path / "models").promote(version)
    assert answering(tmp_path, changes).name == version


def test_a_model_of_another_task_or_a_folder_that_is_none_is_refused(tmp_path: Path, changes: Changes) -> None:
    made = model_folder(tmp_path / "plain", classifier(), task="extraction")
    with pytest.raises(UserError, match=r"was made for extraction, and fine_tuning\.task is classification"):
        answering(tmp_path, changes, str(made.path))
    with pytest.raises(UserError, match="is not a model"):
        answering(tmp_path, changes, str(tmp_path))
    with pytest.raises(UserError, match="there is no version 0009-lora"):
        answering(tmp_path, changes, "0009-lora")


def test_a_damaged_version_does_not_answer(tmp_path: Path, changes: Changes) -> None:
    version = add(tmp_path, classifier(), changes)
    file = Registry(tmp_path / "models").find(version).path / "ngrams.json"
    file.write_text(file.read_text().replace("saw", "sew"))
    with pytest.raises(UserError, match="differs from what was written"):
        answering(tmp_path, changes, version)


def test_spans_and_responses_come_the_same_way(tmp_path: Path) -> None:
    from ...labelled_data.base import Span
    from ...registry.model_folder import ModelFolder

    class Stub:
        labels = ("x",)

        def spans(self, given: list[str], advance: object) -> list[tuple[Span, ...]]:
            return [(Span(0, len(text), "x"),) for text in given]

        def write(self, conversations: list[tuple[Turn, ...]], advance: object) -> list[str]:
            return [turns[-1].text.upper() for turns in conversations]

    folder, rules = ModelFolder(tmp_path, "x", {}, {}), Rules(model_sha256="")
    tagger = Answering("t", folder, "extraction", Stub(), rules)  # type: ignore[arg-type]
    assert tagger.answers(texts("abc"))[0].spans == (Span(0, 3, "x"),)
    writer = Answering("w", folder, "generation", Stub(), rules)  # type: ignore[arg-type]
    assert writer.labels == ()
    asked = Example("hi", "", "t:1", (Turn("user", "hi"),))
    assert writer.answers([asked])[0].text == "HI"
