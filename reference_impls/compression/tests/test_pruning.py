from pathlib import Path

import numpy as np
import pytest

from ...encoders.tagger_tuning import TunedTagger, load_tuned_tagger, tagger_full
from ...encoders.tuning import TunedClassifier, load_tuned
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...registry.model_folder import open_model, write_model
from ..pruning import prune
from ..removing import layers_of
from ..settings import Settings
from ..show import table
from .conftest import Task, fit
from .tiny import LAYERS, NEURONS


def test_every_step_is_measured_and_what_is_left_opens_as_any_model(
    adapted: TunedClassifier, task: Task, tmp_path: Path
) -> None:
    settings = Settings(layers=3, neurons=0.5, vocabulary="seen", recovery_epochs=3, learning_rate=2e-3, speed_texts=3)
    made, result = prune(adapted, task.train, task.validation, task.held_out, task.context, settings, Run(tmp_path))
    assert [form.name for form in result.forms] == ["whole", "layers", "neurons", "words", "recovered"]
    sizes = [form.bytes or 0 for form in result.forms]
    assert sizes == sorted(sizes, reverse=True)
    assert len({*sizes}) == 4
    scores = [form.score or 0.0 for form in result.forms]
    assert scores[-1] > 0.8
    assert scores[-1] >= scores[-2]
    assert result.chosen == "recovered"
    assert f"of {LAYERS}" in result.removed
    assert f"32 of {NEURONS} neurons" in result.removed
    assert "tokens" in result.removed
    write_model(tmp_path / "model", made.kind, made.about, made.write)
    again = load_tuned(open_model(tmp_path / "model"), task.context)
    assert len(layers_of(again.network.encoder).all) == 3
    assert again.network.encoder.config.intermediate_size == 32
    texts = [example.text for example in task.held_out]
    np.testing.assert_allclose(again.probabilities(texts), made.model.probabilities(texts), atol=1e-5)  # type: ignore[union-attr]
    assert max(map(len, table(result).splitlines())) <= 80


def test_without_recovery_nothing_is_trained_and_the_model_is_left_alone(
    tuned: TunedClassifier, task: Task, tmp_path: Path
) -> None:
    before = tuned.probabilities(["fox price"])
    settings = Settings(layers=LAYERS, neurons=0.9, recovery_epochs=0, speed_texts=3)
    made, result = prune(tuned, task.train, (), task.held_out, task.context, settings, Run(tmp_path))
    assert [form.name for form in result.forms] == ["whole", "neurons"]
    # The least important tenth of the neurons hardly matters, and a random one may.
    assert result.forms[1].agreement is not None
    assert result.forms[1].agreement.same > 0.9
    assert not made.measured
    np.testing.assert_array_equal(tuned.probabilities(["fox price"]), before)


def test_settings_that_leave_everything_are_refused(tuned: TunedClassifier, task: Task, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to prune") as caught:
        prune(tuned, task.train, (), task.held_out, task.context, Settings(layers=LAYERS), Run(tmp_path))
    assert "compression.neurons" in caught.value.next_step


def test_pruning_needs_examples(tuned: TunedClassifier, task: Task, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no training examples"):
        prune(tuned, (), (), task.held_out, task.context, Settings(), Run(tmp_path))


def test_a_tagger_is_pruned_likewise(tagger_task: Task, tmp_path: Path) -> None:
    task = tagger_task
    model = fit(tagger_full(task.context), task, tmp_path / "first")
    settings = Settings(layers=3, neurons=0.5, recovery_epochs=2, learning_rate=2e-3, speed_texts=3)
    made, result = prune(
        model, task.train, task.validation, task.held_out, task.context, settings, Run(tmp_path / "run")
    )
    assert [form.name for form in result.forms] == ["whole", "layers", "neurons", "recovered"]
    assert result.measure == "span F1"
    assert (result.forms[-1].score or 0) > 0.8
    write_model(tmp_path / "model", made.kind, made.about, made.write)
    again = load_tuned_tagger(open_model(tmp_path / "model"), task.context)
    assert isinstance(made.model, TunedTagger)
    texts = [example.text for example in task.held_out]
    assert again.spans(texts) == made.model.spans(texts)
    assert len(layers_of(again.network.encoder).all) == 3
