import math
from pathlib import Path

import numpy as np
import pytest
import torch

from ...labelled_data.base import Example, Turn, Writer
from ...project_base.errors import UserError
from ..bases import base_at
from ..general import GENERAL_TEXTS, perplexity
from ..loading import load_chat, load_weights
from ..settings import Settings
from ..writer import CausalWriter
from .conftest import MakeModel


def writer_of(folder: Path, settings: Settings, **changed: object) -> CausalWriter:
    given = settings.model_copy(update={"model": str(folder), **changed})
    base = base_at(given.model)
    model = load_weights(base.place, base.name, "float32", "cpu")
    return CausalWriter(model, load_chat(base.place, given, base.name), given)


@pytest.fixture(scope="module")
def writer(model_folder: Path, settings: Settings) -> CausalWriter:
    return writer_of(model_folder, settings)


def test_it_is_a_writer(writer: CausalWriter) -> None:
    assert isinstance(writer, Writer)


def test_responses_do_not_depend_on_who_shares_the_batch(writer: CausalWriter, examples: list[Example]) -> None:
    turns = [example.turns for example in examples[:6]]
    heard: list[int] = []
    together = writer.write(turns, heard.append)
    assert together == [writer.write([each])[0] for each in turns]
    assert sum(heard) == len(turns)
    assert len(set(together)) > 1
    assert writer.write([]) == []


def test_a_response_ends_with_its_turn(model_folder: Path, settings: Settings) -> None:
    writer = writer_of(model_folder, settings)
    turns = (Turn("user", "Which battery?"),)
    written = writer._written([writer.chat.prompt(turns)], 12)[0]
    # Whatever the untrained model writes third is made to be what ends a turn.
    writer.ends = frozenset({written[2]})
    expected = writer.chat.tokenizer.decode(written[: written.index(written[2])]).strip()
    assert writer.write([turns]) == [expected]


def test_losses_are_the_mean_over_the_tokens_of_the_response(writer: CausalWriter, examples: list[Example]) -> None:
    found = writer.losses(examples[:5])
    assert found.dtype == np.float32
    for example, loss in zip(examples[:5], found, strict=True):
        item = writer.chat.example(example.turns, str(example.target))
        tokens = torch.tensor([item.tokens])
        with torch.inference_mode():
            logs = torch.log_softmax(writer.model(tokens).logits[0].double(), dim=-1)
        wanted = [-float(logs[at - 1, item.tokens[at]]) for at in range(item.start, len(item.tokens))]
        assert math.isclose(float(loss), sum(wanted) / len(wanted), rel_tol=1e-4)


def test_a_conversation_longer_than_the_window_loses_its_beginning(make_model: MakeModel, settings: Settings) -> None:
    writer = writer_of(make_model(window=64), settings)
    long = (Turn("user", "the battery of the tag " * 60),)
    assert writer.shortened == 0
    assert len(writer.write([long, (Turn("user", "Hi?"),)])) == 2
    assert writer.shortened == 1
    losses = writer.losses([Example(long[0].text, "Two years.", "a:1", long), Example("Hi?", "x " * 99, "a:2", long)])
    assert np.isfinite(losses).all()


def test_short_memory_names_the_settings(writer: CausalWriter, examples: list[Example]) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    handle = writer.model.register_forward_pre_hook(full)
    try:
        with pytest.raises(UserError, match="the memory does not suffice for 16 conversations at once") as error:
            writer.losses(examples[:2])
    finally:
        handle.remove()
    assert "generators.batch_size" in error.value.next_step


def test_with_a_temperature_the_same_is_drawn_twice(model_folder: Path, settings: Settings) -> None:
    turns = [(Turn("user", "Which battery?"),)]
    warm = writer_of(model_folder, settings, temperature=2.0)
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    first = warm.write(turns)
    assert torch.equal(state, torch.random.get_rng_state()), "a training run beside it must not notice"
    assert warm.write(turns) == first
    assert first != writer_of(model_folder, settings).write(turns)


def test_perplexity_is_that_of_all_tokens_together(writer: CausalWriter) -> None:
    texts = GENERAL_TEXTS[:2]
    total, count = 0.0, 0
    for text in texts:
        tokens = torch.tensor([writer.chat.tokenizer(text)["input_ids"]])
        with torch.inference_mode():
            total += float(writer.model(tokens, labels=tokens).loss) * (tokens.shape[1] - 1)
        count += tokens.shape[1] - 1
    assert math.isclose(perplexity(writer, texts), math.exp(total / count), rel_tol=1e-4)
    assert len(set(GENERAL_TEXTS)) == len(GENERAL_TEXTS)
