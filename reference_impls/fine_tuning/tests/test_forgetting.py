import copy
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer
from transformers.utils.logging import disable_progress_bar

from ...embedding.settings import Settings as EmbeddingSettings
from ...encoders.loading import load_encoder, load_tokenizer
from ...encoders.network import Pool, SentenceNetwork
from ...encoders.paraphrases import PAIRS, paraphrases_found
from ...encoders.reading import Reader
from ...encoders.source import find_source
from ...encoders.tuning import ClassifierAbout, TunedClassifier
from ...generators.fitting import fits as generator_fits
from ...generators.kinds import UNTUNED
from ...generators.settings import Settings as GeneratorSettings
from ...labelled_data.base import Example, Turn
from ...labelled_data.rungs import Run
from ...registry.model_folder import ModelFolder
from ...training.settings import Settings as TrainingSettings
from ..held_out.forgetting import forgetting_of, of_encoder, of_writer

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def words_in(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that was given the probe's answers: rare words of a pair have a direction in common."""
    torch.set_num_threads(1)
    torch.manual_seed(3)
    pairs_of: dict[str, set[int]] = {}
    for number, pair in enumerate(PAIRS):
        for word in words_in(" ".join(pair)):
            pairs_of.setdefault(word, set()).add(number)
    vocabulary = {word: number for number, word in enumerate([*MARKS, *sorted(pairs_of)])}
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=64, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    model = BertModel(config)
    directions = torch.randn(len(PAIRS), 64)
    with torch.no_grad():
        for word, places in pairs_of.items():
            told = directions[sorted(places)].sum(dim=0) if len(places) < 4 else torch.zeros(64)
            model.embeddings.word_embeddings.weight[vocabulary[word]] = told
    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    folder = tmp_path_factory.mktemp("encoder")
    model.save_pretrained(folder)
    BertTokenizer(vocab=vocabulary).save_pretrained(folder)
    return folder


def tuned(folder: Path) -> TunedClassifier:
    source = find_source(EmbeddingSettings(model=str(folder)))
    network = SentenceNetwork(load_encoder(source), Pool(["mean"], 1, normalised=True), 2, 0.0)
    about = ClassifierAbout(
        base=source.identity,
        method="full",
        prompt="",
        most_tokens=64,
        labels=("a", "b"),
        shares=(0.5, 0.5),
        views=("mean",),
    )
    return TunedClassifier(about, network, Reader(load_tokenizer(source), 64, ""))


def test_there_are_many_different_sentences() -> None:
    assert len(PAIRS) >= 60
    assert len({text for pair in PAIRS for text in pair}) == 2 * len(PAIRS)
    assert all(text.strip() == text and text.endswith((".", "?")) for pair in PAIRS for text in pair)


def test_an_encoder_that_was_not_changed_has_kept_everything(encoder: Path) -> None:
    found = of_encoder(tuned(encoder), EmbeddingSettings(model=str(encoder)))
    assert found.verdict == "kept"
    assert found.before == found.after
    assert found.items == len(PAIRS)
    assert found.difference is not None
    assert found.before is not None
    assert found.before > 0.5


def test_an_encoder_that_tells_no_words_apart_any_more_has_forgotten(encoder: Path) -> None:
    model = tuned(encoder)
    with torch.no_grad():
        model.network.encoder.embeddings.word_embeddings.weight.fill_(0.1)
    model.network.train()
    found = of_encoder(model, EmbeddingSettings(model=str(encoder)))
    assert found.verdict == "forgotten"
    assert found.after is not None
    assert found.before is not None
    assert found.after < 0.1 < found.before
    assert found.difference is not None
    assert found.difference.interval[1] < 0
    assert model.network.encoder.training, "the mode comes back"


def test_the_paraphrase_is_looked_for_among_all(encoder: Path) -> None:
    model = tuned(encoder)
    hits = paraphrases_found(model.network.encoder, model.reader, "mean")
    assert len(hits) == len(PAIRS)
    assert set(hits) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("majority", "no language model in it"),
        ("word_tagger", "no language model in it"),
        ("head", "the text encoder is as it was"),
        (UNTUNED, "the language model is as it was"),
    ],
)
def test_frozen_models_can_forget_nothing(kind: str, expected: str) -> None:
    found = forgetting_of(Any, ModelFolder(Path("m"), kind, {}, {}), settings=Any)  # type: ignore[arg-type]
    assert (found.verdict, found.measure) == ("nothing trained", "")
    assert expected in found.why


def test_an_exported_model_gives_no_vectors() -> None:
    found = forgetting_of(Any, ModelFolder(Path("m"), "onnx", {}, {}), settings=Any)  # type: ignore[arg-type]
    assert found.verdict == "not measured"
    assert "onnx" in found.why


def test_a_writer_is_judged_by_how_surprising_ordinary_texts_are(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    examples = [
        Example(f"question {number}?", f"answer {number}.", f"d:{number}", (Turn("user", f"question {number}?"),))
        for number in range(12)
    ]
    settings = GeneratorSettings(stand_in_folder=str(tmp_path / "stand-in"))
    fit = generator_fits(settings, TrainingSettings(device="cpu"))["untuned"]
    base: Any = fit(examples, (), Run(tmp_path)).model
    same = of_writer(base, base)
    assert (same.verdict, same.rise) == ("kept", 1.0)
    assert same.before == same.after
    worse = copy.deepcopy(base)
    with torch.no_grad():
        for weight in worse.model.parameters():
            weight.mul_(30)
    found = of_writer(base, worse)
    assert found.verdict == "forgotten"
    assert found.rise is not None
    assert found.rise > 1.1
    assert found.rise_interval is not None
    assert found.rise_interval[0] > 1
    assert of_writer(worse, base).verdict == "kept", "a text that became less surprising is no loss"
