import pytest
import torch

from ..base import ParameterGroup
from ..optimiser import make_optimiser, optimiser_tensors, restore_optimiser, trained_parameters
from .tiny import Bag, made, settings


def step(model: Bag, optimiser: torch.optim.Optimizer) -> None:
    torch.manual_seed(0)
    model(torch.randint(50, (4, 3)), torch.ones(4, 3)).square().sum().backward()
    optimiser.step()
    optimiser.zero_grad()


def test_groups_have_their_rates_and_biases_no_decay() -> None:
    model = made()
    model.words.weight.requires_grad = False
    head = ParameterGroup(frozenset({"scores.weight", "scores.bias"}), 0.5)
    optimiser, names = make_optimiser(model, settings(learning_rate=0.1, weight_decay=0.2), [head])
    found = {}
    place = 0
    for group in optimiser.param_groups:
        for _ in group["params"]:
            found[names[place]] = (group["lr"], group["highest"], group["weight_decay"])
            place += 1
    assert found == {
        "hidden.weight": (0.1, 0.1, 0.2),
        "hidden.bias": (0.1, 0.1, 0.0),
        "scores.weight": (0.5, 0.5, 0.2),
        "scores.bias": (0.5, 0.5, 0.0),
    }


@pytest.mark.parametrize("names", [{"words.wait"}, {"words.weight"}, {"hidden.bias"}])
def test_a_group_of_what_is_not_trained_or_taken_is_refused(names: set[str]) -> None:
    model = made()
    model.words.weight.requires_grad = False
    groups = [ParameterGroup(frozenset({"hidden.bias"}), 1.0), ParameterGroup(frozenset(names), 1.0)]
    with pytest.raises(ValueError, match=next(iter(names))):
        make_optimiser(model, settings(), groups)


def test_shared_weights_are_trained_once() -> None:
    model = made()
    model.hidden.weight = model.scores.weight
    assert len(trained_parameters(model)) == 4


def test_the_state_comes_back_bit_by_bit() -> None:
    models = made(), made()
    first, names = make_optimiser(models[0], settings(), ())
    assert optimiser_tensors(first, names) == {}
    step(models[0], first)
    second, _ = make_optimiser(models[1], settings(), ())
    models[1].load_state_dict(models[0].state_dict())
    restore_optimiser(second, names, {name: value.clone() for name, value in optimiser_tensors(first, names).items()})
    for model, optimiser in zip(models, (first, second), strict=True):
        step(model, optimiser)
    kept = optimiser_tensors(second, names)
    for name, value in optimiser_tensors(first, names).items():
        assert torch.equal(value, kept[name]), name
    assert all(torch.equal(*pair) for pair in zip(models[0].parameters(), models[1].parameters(), strict=True))


def test_weights_that_never_had_a_gradient_have_no_state() -> None:
    model = made()
    optimiser, names = make_optimiser(model, settings(), ())
    model.hidden(torch.ones(8)).sum().backward()
    optimiser.step()
    kept = optimiser_tensors(optimiser, names)
    assert {name.partition(".")[2] for name in kept} == {"hidden.weight", "hidden.bias"}
    other, _ = make_optimiser(made(), settings(), ())
    restore_optimiser(other, names, kept)
    assert optimiser_tensors(other, names).keys() == kept.keys()
