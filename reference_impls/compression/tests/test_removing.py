from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
    RobertaConfig,
    RobertaModel,
)

from ...project_base.errors import UserError
from ..importance import layers_to_keep, most_important, neuron_importance, only_layers, spread_layers
from ..removing import feed_forwards, keep_layers, keep_neurons, layers_of, loads_again, parameters_of
from ..words import keep_words, tokens_in
from .tiny import LAYERS, NEURONS, WORDS, Labeller, encoder, tokenizer

TEXTS = ["fox bridge", "sensor " * 5, "a battery lasts 12 months", "price"]


def batch(labels: bool = True) -> dict[str, torch.Tensor]:
    made = dict(tokenizer()(TEXTS, padding=True, return_tensors="pt", return_token_type_ids=False))
    return made | ({"labels": torch.tensor([0, 1, 2, 0])} if labels else {})


def loss(model: Any, given: dict[str, torch.Tensor]) -> tuple[torch.Tensor, float]:
    logits = model(given["input_ids"], given["attention_mask"])
    return torch.nn.functional.cross_entropy(logits, given["labels"], reduction="sum"), float(len(logits))


def states(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(**batch(labels=False)).last_hidden_state
    return found


@pytest.mark.parametrize(
    "make",
    [
        encoder,
        lambda: RobertaModel(
            RobertaConfig(
                hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=NEURONS, vocab_size=200
            )
        ),
        lambda: DistilBertModel(DistilBertConfig(dim=32, n_layers=4, n_heads=4, hidden_dim=NEURONS)),
        lambda: MPNetModel(
            MPNetConfig(hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=NEURONS)
        ),
    ],
    ids=["bert", "roberta", "distilbert", "mpnet"],
)
def test_what_is_left_is_smaller_and_loads_as_any_model(make: Any, tmp_path: Path) -> None:
    model = make().eval()
    before, whole = parameters_of(model), states(model)
    keep_layers(model, (0, 3))
    keep_neurons(model, [range(0, NEURONS, 2)] * 2)
    assert loads_again(model)
    assert parameters_of(model) < before
    assert len(layers_of(model).all) == model.config.num_hidden_layers == 2
    model.save_pretrained(tmp_path)
    again = AutoModel.from_pretrained(tmp_path)
    assert parameters_of(again) == parameters_of(model)
    torch.testing.assert_close(states(again), states(model))
    assert not torch.allclose(states(again), whole, atol=1e-3)


def test_neurons_that_do_nothing_can_go_without_a_trace() -> None:
    model = encoder()
    idle = range(1, NEURONS, 3)
    with torch.no_grad():
        for pair in feed_forwards(model):
            pair.second.weight[:, list(idle)] = 0.0
    before = states(model)
    keep_neurons(model, [[place for place in range(NEURONS) if place not in idle]] * LAYERS)
    torch.testing.assert_close(states(model), before)


def test_importance_finds_the_neurons_that_do_something() -> None:
    network = Labeller(encoder()).eval()
    kept = {place: sorted({place, 7, 40, 63}) for place in range(LAYERS)}
    with torch.no_grad():
        for place, pair in enumerate(feed_forwards(network.encoder)):
            idle = [number for number in range(NEURONS) if number not in kept[place]]
            pair.second.weight[:, idle] = 0.0
    before = {name: each.clone() for name, each in network.state_dict().items()}
    found = neuron_importance(network, network.encoder, [batch(), batch()], loss)
    for place in range(LAYERS):
        assert most_important(found, len(kept[place]))[place] == kept[place]
    assert not any(pair.second._forward_pre_hooks for pair in feed_forwards(network.encoder))
    assert all(torch.equal(each, before[name]) for name, each in network.state_dict().items())
    assert all(each.grad is None for each in network.parameters())


def test_importance_does_not_let_two_examples_cancel_out() -> None:
    network = Labeller(encoder(), labels=2).eval()
    given = batch()
    one = {name: each[:1].repeat(2, 1) if each.ndim == 2 else each[:2] for name, each in given.items()}
    one["labels"] = torch.tensor([0, 1])
    with torch.no_grad():
        # Both labels are as likely, so the gradients of the two losses are opposite.
        network.head.weight[1] = -network.head.weight[0]
        network.head.bias.zero_()
        network.head.weight *= 1e-3
    together = neuron_importance(network, network.encoder, [one], loss)
    alone = neuron_importance(network, network.encoder, [{name: each[:1] for name, each in one.items()}], loss)
    assert together[0].sum() == pytest.approx(2 * alone[0].sum(), rel=0.05)


def test_the_layers_that_do_nothing_go_first() -> None:
    network = Labeller(encoder()).eval()
    with torch.no_grad():
        for place in (1, 2):
            for name, each in layers_of(network.encoder).all[place].named_parameters():
                if name.startswith(("attention.output.dense", "output.dense")):
                    each.zero_()
        for layer in layers_of(network.encoder).all:
            for norm in (layer.attention.output.LayerNorm, layer.output.LayerNorm):
                norm.weight.fill_(1.0)
    given = batch(labels=False)
    with torch.no_grad():
        whole = network(**given)

    def cost() -> float:
        with torch.no_grad():
            return float((network(**given) - whole).abs().max())

    assert layers_to_keep(network.encoder, 2, cost) == (0, 3)
    assert len(layers_of(network.encoder).all) == network.encoder.config.num_hidden_layers == LAYERS


def test_only_layers_gives_them_back_even_after_an_error() -> None:
    model = encoder()
    before = states(model)

    def interrupted() -> None:
        with only_layers(model, (1,)):
            assert model.config.num_hidden_layers == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert model.config.num_hidden_layers == LAYERS
    torch.testing.assert_close(states(model), before)


def test_spread_layers_are_those_of_distilbert() -> None:
    assert spread_layers(12, 6) == (0, 2, 4, 7, 9, 11)
    assert spread_layers(6, 3) == (0, 2, 5)
    assert spread_layers(6, 1) == (0,)
    assert spread_layers(4, 4) == (0, 1, 2, 3)


@pytest.mark.parametrize("kept", [(), (1, 0), (0, 4), (-1, 2), (1, 1)])
def test_layers_that_are_not_there_cannot_be_kept(kept: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="layers"):
        keep_layers(encoder(), kept)


def test_an_encoder_of_another_build_is_refused() -> None:
    config = ModernBertConfig(
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=NEURONS,
        vocab_size=200,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
    )
    model = ModernBertModel(config)
    with pytest.raises(UserError, match="modernbert") as caught:
        keep_layers(model, (0, 1))
    assert "distil" in caught.value.next_step
    with pytest.raises(UserError, match="modernbert"):
        feed_forwards(model)


def test_words_that_never_occur_go_and_the_others_keep_their_vectors(tmp_path: Path) -> None:
    model, known = encoder(), tokenizer()
    before = states(model)
    size = model.config.vocab_size
    smaller = keep_words(model, known, tokens_in(known, TEXTS))
    gone = {"warranty", "channel", "##ing"}
    assert gone < set(known.get_vocab())
    assert set(smaller.get_vocab()) == set(known.get_vocab()) - gone
    assert len(smaller) == model.config.vocab_size == size - len(gone)
    assert loads_again(model)
    smaller.save_pretrained(tmp_path)
    from transformers import AutoTokenizer

    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again.model_max_length == 64
    given = again(TEXTS, padding=True, return_tensors="pt", return_token_type_ids=False)
    with torch.no_grad():
        torch.testing.assert_close(model(**given).last_hidden_state, before)
    assert again.pad_token_id == smaller.pad_token_id == 0


def test_a_word_that_went_is_spelled_and_never_unknown() -> None:
    model, known = encoder(), tokenizer()
    smaller = keep_words(model, known, tokens_in(known, ["fox"]))
    assert smaller.tokenize("warranty foxing") == [
        "w",
        *(f"##{sign}" for sign in "arranty"),
        "fox",
        "##i",
        "##n",
        "##g",
    ]
    assert "[UNK]" not in smaller.tokenize(" ".join(WORDS))
    # What cannot be spelled stays.
    assert smaller.tokenize("ß") == ["ß"]


def test_a_tokenizer_that_cuts_still_shows_every_word() -> None:
    known = tokenizer()
    known("fox " * 5, truncation=True, max_length=3)
    assert known.backend_tokenizer.truncation is not None
    assert tokens_in(known, ["fox fox fox fox price"]) == {known.get_vocab()[word] for word in ("fox", "price")}


def test_words_cannot_be_taken_out_of_another_tokenizer() -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE({"a": 0, "b": 1, "<unk>": 2}, [], unk_token="<unk>"))
    other = PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="<unk>")  # type: ignore[no-untyped-call]
    with pytest.raises(UserError, match="BPE") as caught:
        keep_words(encoder(), other, {0})
    assert "compression.vocabulary" in caught.value.next_step
