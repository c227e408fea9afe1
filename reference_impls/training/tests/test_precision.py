from pathlib import Path

import pytest
import torch

from ...project_base.errors import UserError
from ..precision import _cpu_flags, autocast, chosen_device, chosen_precision, computes_bfloat16, prepare_precision
from .tiny import made, settings, texts

CPU = torch.device("cpu")


def test_auto_takes_bfloat16_where_the_processor_has_it() -> None:
    wanted = "bfloat16" if computes_bfloat16(CPU) else "float32"
    assert chosen_precision(settings(precision="auto"), CPU) == wanted
    assert chosen_precision(settings(precision="float16"), CPU) == "float16"
    assert chosen_precision(settings(precision="auto"), torch.device("mps")) == "float32"


@pytest.mark.parametrize(
    ("line", "flag"),
    [("flags\t\t: fpu avx512f avx512_bf16 gfni", "avx512_bf16"), ("Features\t: fp asimd bf16", "bf16")],
)
def test_the_flags_of_a_processor_are_read(tmp_path: Path, line: str, flag: str) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{line}\nbugs\t\t: none\n")
    assert flag in _cpu_flags(tmp_path / "cpuinfo")
    assert _cpu_flags(tmp_path / "absent") == set()


@pytest.mark.skipif(torch.cuda.is_available(), reason="beside a GPU, cuda is not refused")
def test_a_device_that_is_not_there_is_refused() -> None:
    assert chosen_device(settings()) == CPU
    with pytest.raises(UserError, match=r"training\.device is cuda"):
        chosen_device(settings(device="cuda"))


def test_frozen_matrices_are_held_in_sixteen_bits_and_come_back_bit_by_bit() -> None:
    model = made()
    model.words.weight.requires_grad = False
    model.hidden.requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    batch = texts(5).collate(range(5))
    with torch.no_grad():
        exact = model(batch["input_ids"], batch["attention_mask"])
    heard: list[str] = []
    with prepare_precision(model, settings(precision="bfloat16"), heard.append) as held:
        assert held.precision == "bfloat16"
        assert held.aside == (model.words.weight.numel() + model.hidden.weight.numel()) * 4
        kinds = {name: value.dtype for name, value in model.named_parameters()}
        assert kinds == {
            "words.weight": torch.bfloat16,
            "hidden.weight": torch.bfloat16,
            "hidden.bias": torch.float32,
            "scores.weight": torch.float32,
            "scores.bias": torch.float32,
        }
        with autocast(held.precision, CPU):
            scores = model(batch["input_ids"], batch["attention_mask"]).float()
        assert torch.allclose(scores, exact, atol=0.02)
        assert not torch.equal(scores, exact)
        scores.sum().backward()
        assert model.scores.weight.grad is not None
        assert model.scores.weight.grad.dtype == torch.float32
    assert bool(heard) is not computes_bfloat16(CPU)
    for name, value in model.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, before[name]), name


def test_they_come_back_after_a_failure_too() -> None:
    model = made().requires_grad_(False)
    with pytest.raises(RuntimeError, match="boom"), prepare_precision(model, settings(precision="bfloat16")):
        raise RuntimeError("boom")
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_weights_loaded_in_sixteen_bits_are_float32_where_that_is_computed() -> None:
    model = made().requires_grad_(False).bfloat16()
    model.scores.float().requires_grad_(True)
    with prepare_precision(model, settings()) as held:
        assert held.precision == "float32"
        assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert model.words.weight.dtype == torch.bfloat16


def test_float16_on_a_cpu_is_advised_against() -> None:
    heard: list[str] = []
    with prepare_precision(made(), settings(precision="float16"), heard.append):
        assert heard == ["float16 is for GPUs: training.precision: auto is faster on this processor"]
