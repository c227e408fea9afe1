"""Encoders so small that a test can train and shrink them in a moment, and a task for them."""

import random
import string
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from ...embedding.settings import Settings as EmbeddingSettings
from ...encoders.base import Context
from ...encoders.settings import Settings as EncoderSettings
from ...labelled_data.base import Example, Span
from ...training.settings import Settings as TrainingSettings

WORDS = ("fox", "bridge", "sensor", "warranty", "battery", "channel", "price", "month")
"""Known whole; every other word is spelled in single letters."""

LABELS = ("animal", "device", "money")
_TOLD_BY = {"animal": ("fox",), "device": ("sensor", "battery"), "money": ("price", "warranty")}
_FILLERS = ("bridge", "month", "channel", "it", "12")

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LAYERS = 4
NEURONS = 64


def tokenizer() -> PreTrainedTokenizerFast:
    """Word pieces: the words above, `##ing`, and all letters and digits."""
    signs = string.ascii_lowercase + string.digits
    pieces = [*SPECIAL, *WORDS, "##ing", *signs, *(f"##{sign}" for sign in signs), "ß"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    raw = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    )
    made = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    made.model_max_length = 64
    return made


def encoder(layers: int = LAYERS) -> BertModel:
    """Layers of 32 dimensions, whose outputs differ from text to text without any training; none has dropout."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer()),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=NEURONS,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.1,
    )
    return BertModel(config)


def context(folder: Path, layers: int = LAYERS) -> Context:
    """A project whose text encoder is the one above."""
    if not folder.exists():
        encoder(layers).save_pretrained(folder)
        tokenizer().save_pretrained(folder)
    given = {
        "epochs": 6.0,
        "head_learning_rate": 5e-2,
        "device": "cpu",
        "precision": "float32",
        "batch_size": 16,
    }
    return Context(
        encoders=EncoderSettings(
            full_learning_rate=2e-3, lora_learning_rate=5e-3, head_start="random", tuned_views="mean"
        ),
        embedding=EmbeddingSettings(model=str(folder)),
        training=TrainingSettings.model_validate(given),
    )


def examples(count: int, seed: int) -> list[Example]:
    """Texts of 2 to 12 words, each labelled by the one word that tells."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        words = [chance.choice(_FILLERS) for _ in range(chance.randint(1, 11))]
        words.insert(chance.randint(0, len(words)), chance.choice(_TOLD_BY[label]))
        made.append(Example(" ".join(words), label, f"made.csv:{number + 2}"))
    return made


def with_spans(labelled: Sequence[Example]) -> list[Example]:
    """The same texts, with the word that tells as a span."""
    made = []
    for example in labelled:
        word = next(word for word in _TOLD_BY[str(example.target)] if word in example.text)
        start = example.text.index(word)
        made.append(replace(example, target=(Span(start, start + len(word), str(example.target)),)))
    return made


class Labeller(torch.nn.Module):
    """The mean over a text's tokens, and a linear layer."""

    def __init__(self, encoder: Any, labels: int = 3) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(encoder.config.hidden_size, labels)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        there = attention_mask.unsqueeze(-1)
        logits: torch.Tensor = self.head((hidden * there).sum(dim=1) / there.sum(dim=1))
        return logits
