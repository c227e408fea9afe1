import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from ...encoders import kinds as encoders
from ...encoders.base import TextClassifier
from ...encoders.kinds import fits
from ...encoders.tagger_tuning import TunedTagger, tagger_full
from ...encoders.tuning import TunedClassifier, lora
from ...labelled_data.base import Advance, Classifier, Example, Probabilities, Tagger
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...registry.model_folder import ModelFolder, open_model, write_model
from ..exporting import chosen_form, export_kept, export_model
from ..kinds import LOADERS
from ..results import Compressed, Form, within
from ..settings import Settings
from ..show import table
from .conftest import Task, fit, of_spans
from .tiny import WORDS

PACKAGE = (__package__ or "").split(".")[0]
ROOT = Path(__file__).parents[3]
TEXTS = ["fox", "the price of a warranty", "sensor " * 60, "battery " * 9, "!?", "東京 ß", "month 12 price " * 3]


def opened(folder: Path) -> Classifier:
    model = open_model(folder)
    found = LOADERS[model.kind](model, None)
    assert isinstance(found, Classifier)
    return found


@dataclass(frozen=True)
class Export:
    """A model, its export, and what was measured."""

    model: TextClassifier | TunedTagger
    folder: ModelFolder
    result: Compressed

    def forms(self) -> dict[str, Form]:
        return {form.name: form for form in self.result.forms}


@pytest.fixture(scope="module")
def exact(shallow_task: Task, tmp_path_factory: pytest.TempPathFactory) -> Export:
    """A frozen encoder whose head looks at words too, from its folder."""
    task, place = shallow_task, tmp_path_factory.mktemp("exact")
    made = fits("classification", task.context)["head"](task.train, task.validation, Run(place / "run"))
    kept = write_model(place / "kept", made.kind, made.about, made.write)
    model = encoders.LOADERS[kept.kind](kept, task.context)
    assert isinstance(model, TextClassifier)
    settings, about = Settings(form="onnx", speed_texts=3), {"card": {"by": "test"}}
    exported = export_kept(kept, task.context, place / "out" / "model", task.held_out, settings, about)
    assert [file.name for file in (place / "out").iterdir() if not file.name.endswith(".lock")] == ["model"]
    return Export(model, *exported)


@pytest.fixture(scope="module")
def small(shallow_task: Task, tmp_path_factory: pytest.TempPathFactory) -> Export:
    """A model of which many answers are so close that int8 changes some of them."""
    model = fit(lora(shallow_task.context), shallow_task, tmp_path_factory.mktemp("lora"))
    assert isinstance(model, TunedClassifier)
    texts = [f"{one} {two} {three}" for one in WORDS for two in ("sensor", "9", "x") for three in range(10)]
    with torch.no_grad():
        torch.manual_seed(0)
        model.network.head.weight.normal_()
        model.network.head.bias.copy_(torch.tensor([0.0, 0.0, -9.0]))
        logits = model.scorer.logits(texts, lambda _: None)
        model.network.head.bias[1] += float(np.median(logits[:, 0] - logits[:, 1]))
    rows = model.probabilities(texts)
    close = np.argsort(np.ptp(np.sort(rows, axis=1)[:, -2:], axis=1))[:30]
    examples = [Example(texts[place], model.labels[int(rows[place].argmax())], "made.csv:2") for place in close]
    settings, place = Settings(form="onnx_int8", speed_texts=3, most_loss=0.9), tmp_path_factory.mktemp("small")
    return Export(model, *export_model(model, place / "model", examples, settings))


@pytest.fixture(scope="module")
def tagger(shallow_task: Task, tmp_path_factory: pytest.TempPathFactory) -> Export:
    task = of_spans(shallow_task)
    model = fit(tagger_full(task.context), task, tmp_path_factory.mktemp("tagger"))
    settings, place = Settings(form="onnx", speed_texts=3), tmp_path_factory.mktemp("spans")
    return Export(model, *export_model(model, place / "model", task.held_out, settings))


def test_an_export_answers_like_torch(exact: Export) -> None:
    again = opened(exact.folder.path)
    assert isinstance(exact.model, TextClassifier)
    assert again.labels == exact.model.labels
    rows = again.probabilities(TEXTS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, exact.model.probabilities(TEXTS), atol=1e-5)
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-6)
    # Alone each text gives what it gives among others.
    np.testing.assert_allclose(rows, np.concatenate([again.probabilities([text]) for text in TEXTS]), atol=1e-5)
    assert np.ptp(rows, axis=0).max() > 0.5, "answers that are all alike would agree whatever is wrong"
    form = exact.forms()["onnx"]
    assert form.agreement is not None
    assert form.agreement.largest is not None
    assert form.agreement.largest < 1e-4
    assert form.agreement.same == 1.0
    assert [each.measure for each in form.differences] == ["accuracy", "macro-F1"]
    assert [each.difference for each in form.differences] == [0.0, 0.0]


def test_an_export_finds_the_spans_that_torch_finds(tagger: Export, tagger_task: Task) -> None:
    model = open_model(tagger.folder.path)
    again = LOADERS[model.kind](model, None)
    assert isinstance(again, Tagger)
    assert isinstance(tagger.model, TunedTagger)
    assert again.labels == tagger.model.labels
    # One takes several windows, and the last is blank.
    texts = [*(example.text for example in tagger_task.held_out[:40]), "it " * 60 + "fox " + "12 " * 90 + "price", " "]
    found = again.spans(texts)
    assert found == tagger.model.spans(texts)
    assert sum(map(len, found[:40])) > 20
    assert found[-1] == ()
    forms = tagger.forms()
    assert [*forms] == ["torch", "onnx", "onnx_blocks", "onnx_int8"]
    assert tagger.result.measure == "span F1"
    assert forms["onnx"].score == forms["torch"].score
    assert forms["onnx"].agreement is not None
    assert forms["onnx"].agreement.same == 1.0
    assert forms["torch"].macro_f1 is None


def test_a_model_folder_tells_what_is_in_it(exact: Export) -> None:
    assert exact.folder.about["card"] == {"by": "test"}
    assert exact.folder.about["form"] == exact.result.chosen == "onnx"
    assert {*exact.folder.files} == {"model.onnx", "tokenizer.json", "ngrams.json", "word_counts.safetensors"}
    assert exact.folder.about["words_weight"] != 0


def test_all_forms_are_measured_and_shown(exact: Export, small: Export) -> None:
    assert [*exact.forms()] == ["torch", "onnx", "onnx_blocks", "onnx_int8"]
    assert [*small.forms()] == ["merged", "adapter", "onnx", "onnx_blocks", "onnx_int8"]
    assert not any(form.unusable for each in (exact, small) for form in each.result.forms)
    for export in (exact, small):
        assert Compressed.model_validate_json(export.result.to_json()) == export.result
        shown = table(export.result)
        assert all(name in shown for name in export.forms())
        assert max(map(len, shown.splitlines())) <= 80


def test_an_adapter_is_merged_into_what_is_exported(small: Export) -> None:
    merged, adapter = small.forms()["merged"], small.forms()["adapter"]
    assert adapter.agreement is not None
    assert adapter.agreement.largest is not None
    assert adapter.agreement.largest < 1e-4
    assert merged.bytes is not None
    assert adapter.bytes is None


def test_int8_is_smaller_and_its_loss_is_told(small: Export) -> None:
    exact, int8 = small.forms()["onnx"], small.forms()["onnx_int8"]
    assert int8.bytes is not None
    assert exact.bytes is not None
    assert int8.bytes == sum(small.folder.sizes.values()) < exact.bytes
    assert int8.agreement is not None
    assert int8.agreement.largest is not None
    assert 1e-5 < int8.agreement.largest < 0.1
    assert int8.agreement.same < 1.0
    assert isinstance(small.model, TextClassifier)
    apart = np.abs(opened(small.folder.path).probabilities(TEXTS) - small.model.probabilities(TEXTS)).max()
    assert 1e-6 < apart < 0.1


def test_the_loader_needs_no_torch(exact: Export) -> None:
    code = (
        f"import sys, pathlib; from {PACKAGE}.compression.kinds import LOADERS; "
        f"from {PACKAGE}.registry.model_folder import open_model; "
        f"model = open_model(pathlib.Path({str(exact.folder.path)!r})); "
        "print(LOADERS[model.kind](model, None).probabilities(['fox']).shape); "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    answer, loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True
    ).stdout.splitlines()
    assert answer == "(1, 3)"
    assert "onnxruntime" in loaded.split()
    heavy = {"torch", "transformers", "sentence_transformers", "peft", "sklearn", "scipy", "onnx", "onnxscript"}
    assert not heavy & {*loaded.split()}


def test_no_text_is_too_short_or_too_long(exact: Export) -> None:
    again = opened(exact.folder.path)
    assert isinstance(exact.model, TextClassifier)
    heard: list[int] = []
    texts = ["", " \n", "fox " * 3_000_000]
    rows = again.probabilities(texts, heard.append)
    np.testing.assert_allclose(rows, exact.model.probabilities(texts), atol=1e-5)
    np.testing.assert_allclose(rows[0], exact.model.shares)
    assert sum(heard) == 3
    assert again.probabilities([]).shape == (0, 3)


def test_a_form_that_loses_too_much_is_not_kept(small: Export) -> None:
    strict = Settings(most_loss=0.0)
    forms = [
        form.model_copy(update={"within": within(form.differences[0], strict.most_loss)}) if form.differences else form
        for form in small.result.forms
    ]
    assert {form.name: form.within for form in forms}["onnx_int8"] == "beyond"
    assert chosen_form(forms, strict) in {"onnx", "onnx_blocks"}
    with pytest.raises(UserError, match=r"as onnx_int8 the model loses 0\.\d+ of its accuracy") as caught:
        chosen_form(forms, strict.model_copy(update={"form": "onnx_int8"}))
    assert "compression.most_loss" in caught.value.next_step


def test_a_form_that_cannot_be_had_is_refused_with_its_reason(exact: Export) -> None:
    forms = [*exact.result.forms[:-1], Form(name="onnx_int8", unusable="no such instruction")]
    with pytest.raises(UserError, match="no such instruction"):
        chosen_form(forms, Settings(form="onnx_int8"))
    assert chosen_form(forms, Settings(most_loss=1.0)) in {"onnx", "onnx_blocks"}
    refused = exact.result.model_copy(update={"forms": tuple(forms)})
    assert "onnx_int8 cannot be had: no such instruction." in " ".join(table(refused).split())


def test_among_forms_that_are_about_as_quick_the_smallest_is_kept(exact: Export) -> None:
    def form(name: str, size: int, milliseconds: float) -> Form:
        speed = exact.result.forms[0].speed
        assert speed is not None
        return Form(name=name, bytes=size, speed=speed.model_copy(update={"one_ms_p50": milliseconds}))

    quick, smaller, slow = form("onnx", 90, 1.0), form("onnx_int8", 20, 1.05), form("onnx_blocks", 10, 2.0)
    assert chosen_form([quick, smaller, slow], Settings()) == "onnx_int8"
    assert chosen_form([quick, slow], Settings()) == "onnx"


class Rule:
    """A classifier without a network."""

    labels = ("animal", "device", "money")

    def probabilities(self, texts: list[str], advance: Advance = lambda _: None) -> Probabilities:
        return np.full((len(texts), 3), 1 / 3, dtype=np.float32)


def test_what_has_no_network_cannot_be_exported(task: Task, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no tuned encoder"):
        export_model(Rule(), tmp_path / "model", task.held_out, Settings())  # type: ignore[arg-type]


def test_nothing_is_measured_without_held_out_examples(small: Export, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no held-out examples"):
        export_model(small.model, tmp_path / "model", [], Settings())
    assert not [*tmp_path.iterdir()]


def test_a_taken_folder_is_told_before_the_work(small: Export, task: Task, tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(UserError, match="stands already"):
        export_model(small.model, tmp_path, task.held_out, Settings(), tell=told.append)
    assert not told


def test_models_without_an_encoder_are_refused_by_their_kind(task: Task, tmp_path: Path) -> None:
    made = fits("classification", task.context)["word_counts"](task.train, task.validation, Run(tmp_path / "run"))
    kept = write_model(tmp_path / "kept", made.kind, made.about, made.write)
    with pytest.raises(UserError, match="no tuned encoder") as caught:
        export_kept(kept, task.context, tmp_path / "model", task.held_out, Settings())
    assert "head, lora or full" in caught.value.next_step
    kept = write_model(tmp_path / "other", "generator", {}, lambda _: None)
    with pytest.raises(UserError, match="of the kind generator") as caught:
        export_kept(kept, task.context, tmp_path / "model", task.held_out, Settings())


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_export_is_refused(exact: Export, tmp_path: Path, name: str) -> None:
    place = tmp_path / "model"
    shutil.copytree(exact.folder.path, place)
    (place / name).write_bytes((place / name).read_bytes()[:-10])
    with pytest.raises(UserError, match=name):
        opened(place)
    # Without its hashes the reader itself says what is wrong.
    with pytest.raises(UserError, match="cannot be opened") as caught:
        LOADERS["onnx"](open_model(place, "none"), None)
    assert "export" in caught.value.next_step
