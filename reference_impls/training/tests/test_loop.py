import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from filelock import FileLock

from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...project_base.progress import Advance
from ..base import Batch, Batches, ParameterGroup, Trained
from ..loop import train
from ..plan import epoch_batches
from ..settings import Settings
from .tiny import Bag, Texts, accuracy, loss, made, settings, texts, trained


def same_weights(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    values = first.state_dict(), second.state_dict()
    return all(torch.equal(values[0][name], values[1][name]) for name in values[0])


def close_weights(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    values = first.state_dict(), second.state_dict()
    return all(torch.allclose(values[0][name], values[1][name], rtol=1e-5, atol=1e-6) for name in values[0])


class Interrupted(Exception):
    """What ends a run in these tests."""


class Breaking:
    """Batches that break after some of them."""

    def __init__(self, data: Batches, after: int) -> None:
        self._data = data
        self._left = after
        self.lengths = data.lengths

    def collate(self, positions: Sequence[int]) -> Batch:
        self._left -= 1
        if self._left < 0:
            raise Interrupted
        return self._data.collate(positions)


def test_it_learns_and_tells_what_it_took(tmp_path: Path) -> None:
    model, heard = made(), list[str]()
    data = texts(200)
    result = train(
        model,
        data,
        loss,
        lambda: accuracy(model, texts(60, seed=1)),
        settings(epochs=12.0, learning_rate=0.1, patience=0),
        Run(tmp_path, tell=heard.append),
        key="k" * 64,
    )
    assert result.history[-1].loss < 0.5 * result.history[0].loss
    assert result.best is not None
    assert result.best > 0.9
    assert result.best == max(done.validation or 0 for done in result.history)
    assert accuracy(model, texts(60, seed=1)) == result.best
    assert not model.training
    assert all(weight.grad is None for weight in model.parameters())
    assert result.epochs == 12
    assert result.measured["parameters"] == result.measured["trained_parameters"] == 490
    assert result.measured["examples_per_second"] > 1
    assert result.measured["peak_memory_mb"] > 0
    assert "about" in heard[-1]
    assert result.estimates.startswith("estimated ")
    assert "; took " in result.estimates


def test_it_does_what_a_plain_loop_does(tmp_path: Path) -> None:
    given = settings(epochs=2.0, warm_up=0.0, schedule="constant", weight_decay=0.1, clip_norm=0.5)
    data, model, plain = texts(50), made(), made()
    result = trained(tmp_path, model, data, given, validate=False, seed=5)
    decayed = [weight for weight in plain.parameters() if weight.ndim > 1]
    other = [weight for weight in plain.parameters() if weight.ndim == 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": other, "weight_decay": 0.0}], 1e-2
    )
    for epoch in range(2):
        total = 0.0
        for batch in epoch_batches(data.lengths, 8, 8192, 5, epoch):
            part, count = loss(plain, data.collate(batch.tolist()))
            total += float(part.detach())
            torch.autograd.backward(part / count)
            torch.nn.utils.clip_grad_norm_(plain.parameters(), 0.5)
            optimiser.step()
            optimiser.zero_grad()
        assert result.history[epoch].loss == pytest.approx(total / 50, rel=1e-5)
    assert close_weights(model, plain)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    models = [made(dropout=0.3) for _ in range(3)]
    results = [
        trained(tmp_path / str(place), model, texts(60), settings(), seed=seed)
        for place, (model, seed) in enumerate(zip(models, (1, 1, 2), strict=True))
    ]
    assert same_weights(models[0], models[1])
    assert results[0].history == results[1].history
    assert not same_weights(models[0], models[2])


def test_parts_of_a_step_change_nothing(tmp_path: Path) -> None:
    models = [made() for _ in range(3)]
    for parts, model in zip((1, 3, 16), models, strict=True):
        trained(tmp_path / str(parts), model, texts(45), settings(gradient_accumulation=parts), validate=False)
    assert close_weights(models[0], models[1])
    assert close_weights(models[0], models[2])


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("after", [3, 14, 27])
def test_an_interrupted_run_ends_like_one_that_was_not(tmp_path: Path, after: int, precision: str) -> None:
    given = settings(epochs=3.0, precision=precision, checkpoint_seconds=1, validate_every=0.5, patience=0)
    whole, broken = made(dropout=0.2), made(dropout=0.2)
    for model in (whole, broken):
        model.words.weight.requires_grad = False
    expected = trained(tmp_path / "whole", whole, texts(70), given)
    with pytest.raises(Interrupted):
        trained(tmp_path / "broken", broken, Breaking(texts(70), after), given)  # type: ignore[arg-type]
    # What the process held is gone.
    again = made(dropout=0.2)
    again.words.weight.requires_grad = False
    result = trained(tmp_path / "broken", again, texts(70), given)
    assert result.history == expected.history
    assert (result.best, result.best_epoch, result.epochs) == (expected.best, expected.best_epoch, expected.epochs)
    assert same_weights(again, whole)
    lines = [json.loads(line)["step"] for line in (tmp_path / "broken" / "training.jsonl").read_text().splitlines()]
    assert lines == sorted(set(lines))
    assert lines[-1] == expected.history[-1].step


def test_a_run_interrupted_between_rounds_goes_on_from_the_last_step_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(epochs=2.0, patience=0)
    whole, again = made(dropout=0.2), made(dropout=0.2)
    expected = trained(tmp_path / "whole", whole, texts(70), given)
    # Hours pass with every look at the clock, so that every step is kept.
    hours = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(hours) * 3600.0)
    with pytest.raises(Interrupted):
        trained(tmp_path / "broken", made(dropout=0.2), Breaking(texts(70), 7), given)  # type: ignore[arg-type]
    kept = json.loads(next((tmp_path / "broken").rglob("state.json")).read_text())
    assert (kept["epoch"], kept["batch"], kept["step"]) == (0, 6, 6)
    assert kept["loss"] > 0
    assert trained(tmp_path / "broken", again, texts(70), given).history == expected.history
    assert same_weights(again, whole)


def test_a_finished_run_gives_its_result_at_once(tmp_path: Path) -> None:
    first, second = made(), made(seed=9)
    result = trained(tmp_path, first, texts(60), settings())
    assert trained(tmp_path, second, Breaking(texts(60), 0), settings()) == result  # type: ignore[arg-type]
    assert same_weights(first, second)
    assert not second.training


def test_other_settings_are_another_run(tmp_path: Path) -> None:
    trained(tmp_path, made(), texts(60), settings())
    model, alone = made(), made()
    trained(tmp_path, model, texts(60), settings(learning_rate=1e-3))
    trained(tmp_path / "alone", alone, texts(60), settings(learning_rate=1e-3))
    assert same_weights(model, alone)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1


class Metric:
    """A metric that takes given values, and remembers the weights it saw."""

    def __init__(self, model: Bag, values: Sequence[float]) -> None:
        self._model, self._values = model, list(values)
        self.seen: list[torch.Tensor] = []

    def __call__(self) -> float:
        assert not self._model.training
        assert not torch.is_grad_enabled()
        self.seen.append(self._model.scores.weight.detach().clone())
        return self._values[len(self.seen) - 1]


def by_metric(
    folder: Path, values: Sequence[float], given: Settings, epochs: float | None = None
) -> tuple[Trained, int]:
    """The result, and which validation saw the weights that the model has at the end (from 0; -1 for none)."""
    model = made()
    metric = Metric(model, values)
    result = train(model, texts(40), loss, metric, given, Run(folder, epochs=epochs), key="k" * 64)
    same = [place for place, seen in enumerate(metric.seen) if torch.equal(seen, model.scores.weight)]
    return result, same[-1] if same else -1


@pytest.mark.parametrize(
    ("values", "patience", "rounds", "best"),
    [
        ([0.1, 0.5, 0.4, 0.3, 0.9, 1.0], 2, 4, 1),
        ([0.1, 0.5, 0.4, 0.3, 0.9, 0.8], 3, 6, 4),
        ([0.1, 0.5, 0.5, 0.5, 0.9, 0.8], 2, 4, 1),
        ([0.9, 0.5, 0.4, 0.3, 0.2, 0.1], 0, 6, 0),
        ([float("nan"), 0.2, 0.1, float("nan"), 0.9, 0.9], 2, 4, 1),
        ([0.5, 0.4, 0.9, 0.0, 0.0, 0.0], 1, 2, 0),
    ],
)
def test_it_stops_without_gain_and_keeps_the_best(
    tmp_path: Path, values: list[float], patience: int, rounds: int, best: int
) -> None:
    result, kept = by_metric(tmp_path, values, settings(epochs=6.0, patience=patience))
    assert len(result.history) == rounds
    assert kept == best
    assert result.best == values[best]
    assert result.best_epoch == best + 1
    assert result.stopped_early is (rounds < 6)


def test_given_epochs_are_made_exactly_and_the_last_weights_kept(tmp_path: Path) -> None:
    result, kept = by_metric(tmp_path, [0.9, 0.5, 0.4, 0.3, 0.2], settings(epochs=2.0, patience=1), epochs=5.0)
    assert (result.epochs, kept, result.best_epoch, result.best) == (5, 4, 5, 0.2)
    assert not result.stopped_early


def test_a_refit_repeats_the_curve_up_to_the_best_epoch(tmp_path: Path) -> None:
    given = settings(epochs=4.0)
    whole = trained(tmp_path / "whole", made(), texts(40), given, validate=False)
    part = train(made(), texts(40), loss, None, given, Run(tmp_path / "part", epochs=2.0), key="k" * 64)
    assert part.history == whole.history[:2]


@pytest.mark.parametrize(
    ("epochs", "every", "ends"),
    [
        (2.5, 1.0, [1, 2, 2.6]),
        (1.0, 0.5, [0.6, 1]),
        (3.0, 2.0, [2, 3]),
        (0.4, 1.0, [0.4]),
        (1.0, 0.01, [0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_epochs_and_validation_may_be_fractions(tmp_path: Path, epochs: float, every: float, ends: list[float]) -> None:
    given = settings(epochs=epochs, validate_every=every, patience=0)
    result, _ = by_metric(tmp_path, [0.5] * 9, given)
    assert [done.epoch for done in result.history] == pytest.approx(ends)


def test_weights_of_a_group_learn_at_its_rate(tmp_path: Path) -> None:
    models = made(), made()
    for model, rate in zip(models, (1e-2, 1e-9), strict=True):
        group = ParameterGroup(frozenset({"scores.weight", "scores.bias"}), rate)
        train(
            model, texts(40), loss, None, settings(epochs=1.0), Run(tmp_path / str(rate)), key="k" * 64, groups=[group]
        )
    assert not torch.allclose(models[0].scores.weight, made().scores.weight, atol=1e-4)
    assert torch.allclose(models[1].scores.weight, made().scores.weight, atol=1e-6)
    assert not torch.allclose(models[1].hidden.weight, made().hidden.weight, atol=1e-4)


def test_what_the_estimate_tries_leaves_no_trace(tmp_path: Path) -> None:
    class Normed(Bag):
        def __init__(self) -> None:
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(2)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.norm(super().forward(input_ids, attention_mask))
            return scores

    torch.manual_seed(0)
    model = Normed()
    data = texts(80)
    train(model, data, loss, None, settings(epochs=10.0), Run(tmp_path / "1"), key="k" * 64)
    assert model.norm.num_batches_tracked is not None
    assert int(model.norm.num_batches_tracked) == 10 * len(epoch_batches(data.lengths, 8, 8192, 0, 0))
    torch.manual_seed(0)
    other = Normed()
    with pytest.raises(Interrupted):
        train(other, Breaking(data, 40), loss, None, settings(epochs=10.0), Run(tmp_path / "2"), key="k" * 64)
    torch.manual_seed(0)
    again = Normed()
    train(again, data, loss, None, settings(epochs=10.0), Run(tmp_path / "2"), key="k" * 64)
    assert same_weights(model, again)


def test_numbers_that_break_down_stop_it_with_advice(tmp_path: Path) -> None:
    def broken(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, int]:
        total, count = loss(model, batch)
        return total / 0, count

    with pytest.raises(UserError, match="the loss is infinite or not a number at step 1") as caught:
        train(made(), texts(40), broken, None, settings(epochs=0.2, learning_rate=0.4), Run(tmp_path), key="k" * 64)
    assert "training.learning_rate: 1.0e-01" in caught.value.next_step


def test_memory_that_does_not_suffice_names_what_to_change(tmp_path: Path) -> None:
    def greedy(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, int]:
        total, count = loss(model, batch)
        return total + torch.ones(len(batch["labels"]), 10**14).sum(), count

    def way(model: Bag, given: Settings) -> str:
        with pytest.raises(UserError, match="memory does not suffice") as caught:
            train(model, texts(40), greedy, None, given, Run(tmp_path), key="k" * 64)
        return caught.value.next_step

    told = way(made(), settings(batch_size=8, precision="float32"))
    places = [
        told.index(sign)
        for sign in ("gradient_accumulation: 2", "batch_size: 4", "batch_tokens: 4096", "texts", "precision", "LoRA")
    ]
    assert places == sorted(places)
    adapter = made()
    adapter.words.weight.requires_grad = False
    told = way(adapter, settings(batch_size=1, precision="auto"))
    assert "gradient_accumulation" not in told
    assert "precision" not in told
    assert "a smaller model" in told


def test_other_errors_of_torch_are_not_taken_for_a_lack_of_memory(tmp_path: Path) -> None:
    def wrong(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, int]:
        return torch.ones(2) @ torch.ones(3), len(batch)

    with pytest.raises(RuntimeError, match="size"):
        train(made(), texts(40), wrong, None, settings(), Run(tmp_path), key="k" * 64)


def test_two_trainings_do_not_share_a_folder(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".training.lock"), pytest.raises(UserError, match="another training is running"):
        trained(tmp_path, made(), texts(40), settings())
    trained(tmp_path, made(), texts(40), settings(epochs=1.0))


def test_nothing_to_train_on_and_nothing_to_train_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to train on"):
        trained(tmp_path, made(), Texts([]), settings())
    with pytest.raises(ValueError, match="float32"):
        trained(tmp_path, made().requires_grad_(False), texts(4), settings())
    with pytest.raises(ValueError, match="float32"):
        trained(tmp_path, made().double(), texts(4), settings())


def test_a_batch_without_anything_that_counts_is_no_error(tmp_path: Path) -> None:
    def none(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, float]:
        total, _ = loss(model, batch)
        return total * 0, 0.0

    model = made()
    train(model, texts(40), none, None, settings(epochs=1.0, weight_decay=0.0), Run(tmp_path), key="k" * 64)
    assert same_weights(model, made())


def test_bars_show_how_things_stand(tmp_path: Path) -> None:
    stages: list[tuple[str, int]] = []
    shown: list[str] = []
    done: list[int] = []

    class Stage:
        def __call__(self, steps: int) -> None:
            done.append(steps)

        def show(self, text: str) -> None:
            shown.append(text)

    def progress(label: str, steps: int) -> Advance:
        stages.append((label, steps))
        return Stage()

    model = made()
    run = replace(Run(tmp_path), progress=progress)
    train(model, texts(40), loss, lambda: 0.25, settings(epochs=2.0), run, key="k" * 64)
    assert stages == [("training from epoch 0", 40), ("training from epoch 1", 40)]
    assert sum(done) == 80
    assert shown[-1].startswith("loss 0.")
    assert "validation 0.2500" in shown[-1]
    assert "examples/s" in shown[-1]
    assert "at most 0.0 s left" in shown[-1]
    assert "validation" not in shown[0]


def test_the_log_holds_what_happened(tmp_path: Path) -> None:
    result = trained(tmp_path, made(), texts(60), settings(epochs=2.0))
    lines = [json.loads(line) for line in (tmp_path / "training.jsonl").read_text().splitlines()]
    rounds = [line for line in lines if line["validation"] is not None]
    assert [(line["step"], line["loss"], line["validation"]) for line in rounds] == [
        (done.step, done.loss, done.validation) for done in result.history
    ]
    assert rounds[-1].keys() == {
        "step", "epoch", "loss", "learning_rate", "validation", "examples_per_second", "seconds"
    }  # fmt: skip
