import pytest
import torch
from torch.testing import assert_close

from ...labelled_data.base import Example, Turn
from ...project_base.errors import UserError
from ..bases import base_at
from ..batches import IGNORED, ResponseLoss, conversations
from ..chat import ChatFormat
from ..loading import load_chat, load_weights
from ..settings import Settings


@pytest.fixture(scope="module")
def chat(settings: Settings) -> ChatFormat:
    base = base_at(settings.model)
    return load_chat(base.place, settings, base.name)


def test_labels_are_the_responses(chat: ChatFormat, examples: list[Example]) -> None:
    data = conversations(examples[:3], chat, 500, padding=0)
    batch = data.collate([2, 0])
    assert batch["input_ids"].shape == (2, max(data.lengths[2], data.lengths[0]))
    for row, position in enumerate([2, 0]):
        item = data.items[position]
        labels = batch["labels"][row]
        assert labels[labels != IGNORED].tolist() == list(item.tokens[item.start :])
        assert int(batch["attention_mask"][row].sum()) == len(item.tokens)


def test_the_loss_is_that_of_the_library(chat: ChatFormat, examples: list[Example], settings: Settings) -> None:
    model = load_weights(base_at(settings.model).place, "model", "float32", "cpu")
    data = conversations(examples[:4], chat, 500, padding=0)
    batch = data.collate(range(4))
    with torch.inference_mode():
        total, count = ResponseLoss(model)(model, batch)
        assert_close(total / count, model(**batch).loss)
        alone = sum(ResponseLoss(model)(model, data.collate([position]))[0] for position in range(4))
    assert int(count) == sum(item.response for item in data.items)
    assert_close(torch.as_tensor(alone), total)


def test_what_is_cut_is_counted(chat: ChatFormat) -> None:
    def example(asked: str, answer: str, place: str) -> Example:
        return Example(asked, answer, place, (Turn("user", asked),))

    long = "the battery of the tag " * 40
    given = [example("Hi?", "Short.", "a:1"), example("Hi?", long, "a:2"), example(long, "Lost.", "a:3")]
    data = conversations(given, chat, 64, padding=0)
    assert data.lengths == [len(chat.example(given[0].turns, "Short.").tokens), 64]
    assert (data.cut, data.left_out) == (1, ("a:3",))
    assert data.report == (
        "at 64 tokens a conversation, 1 of 3 responses lose their end and 1 of 3 examples have none left and are "
        "left out (a:3)"
    )
    assert not conversations(given[:1], chat, 64, padding=0).report
    with pytest.raises(UserError, match="no example has any of its response within 64 tokens"):
        conversations(given[2:], chat, 64, padding=0)
