"""Encoders so small that a test can train them, and messages that they can learn."""

import json
import random
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertModel, BertTokenizer, DistilBertConfig, DistilBertModel

from ...embedding.settings import Settings as EmbeddingSettings
from ...labelled_data.base import Example, Span
from ...labelled_data.rungs import Run
from ...training.settings import Settings as TrainingSettings
from ..base import Context
from ..settings import Settings

TOPICS = {
    "card": ("card", "lost", "stolen", "pin", "blocked"),
    "money": ("money", "transfer", "fee", "balance", "refund"),
    "login": ("login", "password", "app", "code", "account"),
}
_FILLERS = ("the", "my", "is", "a", "please", "help", "with", "i", "need", "to", "what", "about")
NAMES = ("anna", "bob", "carla", "dieter")
_PIECES = ("##s", "##ed", "##ing", "1", "2", "3", "##0", "##1", "##2", "##3", ".", ",", "?", "-", "from", "paid")
WORDS = sorted({*(word for words in TOPICS.values() for word in words), *_FILLERS, *NAMES})
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *_PIECES]


def save_encoder(folder: Path, *, pooling: str = "mean", seed: int = 7, architecture: str = "bert") -> Path:
    """Writes an encoder of two layers and 32 dimensions, as sentence-transformers lays it out."""
    torch.manual_seed(seed)
    model: Any
    if architecture == "bert":
        model = BertModel(
            BertConfig(
                vocab_size=len(VOCABULARY),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=4,
                intermediate_size=64,
                max_position_embeddings=64,
                initializer_range=0.1,
                hidden_dropout_prob=0.0,
                attention_probs_dropout_prob=0.0,
            )
        )
    else:
        model = DistilBertModel(
            DistilBertConfig(
                vocab_size=len(VOCABULARY),
                dim=32,
                n_layers=2,
                n_heads=4,
                hidden_dim=64,
                max_position_embeddings=64,
                initializer_range=0.1,
                dropout=0.0,
                attention_dropout=0.0,
            )
        )
    model.save_pretrained(folder)
    BertTokenizer(vocab={word: number for number, word in enumerate(VOCABULARY)}).save_pretrained(folder)
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    (folder / "modules.json").write_text(
        json.dumps(
            [
                {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
                for number, (path, kind) in enumerate(modules)
            ]
        )
    )
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{mode}": mode.startswith(pooling) for mode in ("mean_tokens", "cls_token", "max_tokens")}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32, **modes}))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 48, "do_lower_case": False}))
    return folder


def context(model: Path | str, cache: Path | None = None, **given: object) -> Context:
    """Settings for quick trainings: `training` as a mapping among what is given, all else for this room."""
    training = {"epochs": 3.0, "batch_size": 16, "head_learning_rate": 0.05, "precision": "float32", "device": "cpu"}
    training |= dict(given.pop("training", {}))  # type: ignore[call-overload]
    embedding = {"model": str(model), "device": "cpu", "backend": "torch"}
    if cache is not None:
        embedding["cache_folder"] = str(cache)
    settings = {"most_tokens": 32, "lora_rank": 8, "lora_learning_rate": 0.02, "full_learning_rate": 0.005} | given
    return Context(
        Settings.model_validate(settings),
        EmbeddingSettings.model_validate(embedding),
        TrainingSettings.model_validate(training),
    )


def messages(count: int, seed: int = 0) -> list[Example]:
    """Messages with a word of their topic among words of none."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        label = sorted(TOPICS)[number % len(TOPICS)]
        words = chance.choices(_FILLERS, k=chance.randint(2, 8))
        words.insert(chance.randint(0, len(words)), chance.choice(TOPICS[label]))
        made.append(Example(text=" ".join(words), target=label, place=f"messages.csv:{number + 2}"))
    return made


def payments(count: int, seed: int = 0) -> list[Example]:
    """Texts with a name and an amount in them, as spans."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        name = chance.choice(NAMES)
        amount = f"{chance.randint(1, 3)}{chance.randint(0, 3)}.{chance.randint(0, 3)}"
        before = " ".join(chance.choices(_FILLERS, k=chance.randint(0, 4)))
        text = f"{before} {name} paid {amount} from my account".strip()
        start, money = text.index(name), text.index(amount)
        spans = (Span(start, start + len(name), "person"), Span(money, money + len(amount), "amount"))
        made.append(Example(text=text, target=spans, place=f"payments.jsonl:{number + 1}"))
    return made


def run(folder: Path, **given: object) -> Run:
    """A run whose checkpoints go into a folder."""
    return Run(folder=folder, **given)  # type: ignore[arg-type]
