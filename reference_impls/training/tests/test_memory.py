import pytest
import torch

from ..memory import PeakMemory, Shape, activation_bytes, estimate_memory, shape_of, weight_bytes
from .tiny import made


def test_full_tuning_takes_sixteen_bytes_a_weight_and_adapters_two_or_four() -> None:
    assert estimate_memory(1000, 1000, "float32") == 16_000
    assert estimate_memory(1000, 1000, "bfloat16") == 16_000
    assert estimate_memory(1_000_000, 0, "bfloat16") == 2_000_000
    assert estimate_memory(1_000_000, 0, "float32") == 4_000_000
    assert estimate_memory(1_000_000, 10_000, "bfloat16", 500.0) == 990_000 * 2 + 160_000 + 500


def test_activations_follow_the_published_formula_times_what_was_measured() -> None:
    # A model of 175 billion parameters, batch of 1: s b h L (34 + 5 a s / h) is 275 GB.
    shape = Shape(hidden=12288, layers=96, heads=96)
    assert activation_bytes(shape, 1, 2048, "bfloat16", "cuda") == pytest.approx(275.4e9 * 1.8, rel=0.001)
    assert activation_bytes(shape, 1, 2048, "float32", "cuda") == pytest.approx(275.4e9 * 2.4, rel=0.001)
    assert activation_bytes(shape, 1, 2048, "float32") == pytest.approx(275.4e9 * 3.6, rel=0.001)
    assert activation_bytes(Shape(vocabulary=50_000), 2, 10, "bfloat16", "cuda") == 20 * 50_000 * 8
    assert activation_bytes(Shape(), 8, 100, "float32") == 0


def test_a_model_without_configuration_tells_no_shape() -> None:
    assert shape_of(made()) == Shape()
    model = made()
    assert weight_bytes(model) == sum(weight.numel() for weight in model.parameters()) * 4


def test_the_peak_is_measured_and_not_what_is_left() -> None:
    peak = PeakMemory(torch.device("cpu"), 1000)
    kept = torch.ones(60_000_000, dtype=torch.uint8)
    del kept
    assert 55e6 < peak.bytes() < 120e6
