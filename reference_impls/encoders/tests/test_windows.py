import random
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from ...embedding.settings import Settings as EmbeddingSettings
from ..loading import load_tokenizer
from ..reading import Reader
from ..source import find_source
from ..tagger import scored, spans_of_words
from ..tags import words_in
from ..windows import IGNORED, TaggedWindows, windows_of
from .tiny import NAMES, TOPICS


@pytest.fixture(scope="module")
def reader(encoder: Path) -> Reader:
    return Reader(load_tokenizer(find_source(EmbeddingSettings(model=str(encoder)))), 12)


def texts(count: int, seed: int = 0) -> list[str]:
    chance = random.Random(seed)
    words = [*NAMES, *(word for topic in TOPICS.values() for word in topic), "12.3", "cards", "東", "unknown"]
    return [" ".join(chance.choices(words, k=chance.randint(0, 40))) for _ in range(count)]


def test_every_word_is_read_once_where_it_has_the_most_around_it(reader: Reader) -> None:
    given = [*texts(40), "", "   ", "anna"]
    windows = windows_of(reader, given, overlap=4)
    assert windows.sizes == [len(words_in(text)) for text in given]
    assert max(map(len, windows.tokens)) == 12
    assert len(windows.window) == len(windows.token) == len(windows.shared) == sum(windows.sizes)
    assert not windows.shared.any()
    assert windows.long_texts == sum(
        len(reader.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) > 10 for text in given
    )
    for window, token in zip(windows.window, windows.token, strict=True):
        # Never a special token; and at a window's edge only where the text has its own edge, or no neighbour sees more.
        assert 0 < token < len(windows.tokens[window]) - 1
    pairs = list(zip(windows.window.tolist(), windows.token.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)


def test_a_word_s_token_is_its_own(reader: Reader) -> None:
    given = texts(30, seed=1)
    windows = windows_of(reader, given, overlap=4)
    at = 0
    for text, words in zip(given, windows.words, strict=True):
        for start, end in words.tolist():
            window, token = int(windows.window[at]), int(windows.token[at])
            shown = reader.tokenizer.convert_ids_to_tokens(windows.tokens[window][token])
            assert shown == "[UNK]" or text[start:end].startswith(shown.removeprefix("##"))
            at += 1


def test_without_windows_nothing_is_long(reader: Reader) -> None:
    wide = Reader(reader.tokenizer, 512)
    given = texts(20)
    windows = windows_of(wide, given, overlap=32)
    assert len(windows.tokens) == len(given)
    assert windows.long_texts == 0
    assert windows.window.tolist() == np.repeat(np.arange(20), windows.sizes).tolist()


def test_labels_stand_at_the_words_first_tokens(reader: Reader) -> None:
    given = texts(10, seed=2)
    windows = windows_of(reader, given, overlap=4)
    tags = np.arange(len(windows.window)) % 5
    batches = TaggedWindows(reader, windows, tags)
    assert batches.lengths == [len(each) for each in windows.tokens]
    batch = batches.collate(range(len(windows.tokens)))
    assert batch["labels"].shape == batch["input_ids"].shape == batch["attention_mask"].shape
    assert int((batch["labels"] != IGNORED).sum()) == len(tags)
    for place, (window, token) in enumerate(zip(windows.window, windows.token, strict=True)):
        assert int(batch["labels"][window, token]) == tags[place]
    assert batch["attention_mask"].sum(dim=1).tolist() == batches.lengths


def test_a_tokenizer_that_joins_signs_still_gives_whole_spans() -> None:
    # As byte-level tokenizers do: the two signs of "?!" are one token.
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.WordLevel({"[UNK]": 0, "[PAD]": 1, "what": 2, "?!": 3}, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]"
    )
    windows = windows_of(Reader(tokenizer, 8), ["what ?!"], overlap=0)
    assert windows.sizes == [3]
    assert windows.shared.tolist() == [False, False, True]
    batch = TaggedWindows(Reader(tokenizer, 8), windows, np.array([0, 1, 2])).collate([0])
    assert batch["labels"].tolist() == [[0, 1]]
    # The model begins a span at the token; both signs are in it, and it is one span.
    logs = np.log(np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1]], dtype=np.float32))
    (spans,) = spans_of_words(scored(windows.words, logs, windows.shared), ["sign"])
    assert [(each.start, each.end) for each in spans] == [(5, 7)]


def test_words_without_a_token_are_left_out(reader: Reader) -> None:
    # BERT's normaliser drops control characters.
    windows = windows_of(reader, ["anna \x00 bob"], overlap=0)
    assert windows.sizes == [2]
    assert [words.tolist() for words in windows.words] == [[[0, 4], [7, 10]]]


def test_log_probabilities_are_divided_among_the_texts() -> None:
    logs = np.arange(15, dtype=np.float32).reshape(5, 3)
    words = [words_in("a b"), words_in(""), words_in("c d e")]
    found = scored(words, logs, np.zeros(5, dtype=bool))
    assert [len(each.logs) for each in found] == [2, 0, 3]
    np.testing.assert_array_equal(found[2].logs, logs[2:])


def test_the_tokenizer_of_the_tiny_encoder_knows_its_words(encoder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    assert tokenizer.tokenize("lost cards 12") == ["lost", "card", "##s", "1", "##2"]
