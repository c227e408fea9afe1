"""A cross-encoder so small that a test can train it: it learns whether the passage holds one word."""

import random
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

_STEPS = 100
_BATCH = 32

WORD = "months"
_KNOWN = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", WORD]


def save_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Knows one word; everything else is one unknown word."""
    vocabulary = {word: number for number, word in enumerate(_KNOWN)}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    tokenizer.model_max_length = 256
    tokenizer.save_pretrained(folder)
    return tokenizer


def config(labels: int = 1) -> BertConfig:
    """One layer of 32 dimensions."""
    made = BertConfig(
        vocab_size=len(_KNOWN),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.1,
    )
    made.num_labels = labels
    return made


def save_trained(folder: Path) -> float:
    """Trains on pairs of random texts, and saves model and tokenizer.

    A question that holds the word counts for nothing: a model that is handed the pair the wrong way round is wrong.

    Returns:
        The loss of the last step; guessing gives .69.
    """
    torch.manual_seed(0)
    chance = random.Random(0)
    tokenizer = save_tokenizer(folder)
    model = BertForSequenceClassification(config())
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    loss = torch.zeros(())
    for _ in range(_STEPS):
        held = [chance.random() < 0.5 for _ in range(_BATCH)]
        questions = [_text(chance.random() < 0.5, 8, chance) for _ in held]
        passages = [_text(each, 40, chance) for each in held]
        labels = torch.tensor([[float(each)] for each in held])
        pairs = tokenizer(questions, passages, padding=True, return_tensors="pt")
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**pairs).logits, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
    model.save_pretrained(folder)
    return loss.item()


def _text(held: bool, longest: int, chance: random.Random) -> str:
    """Unknown words, and somewhere among them the known one where it is held."""
    words = ["other"] * chance.randint(1, longest)
    if held:
        words.insert(chance.randint(0, len(words)), WORD)
    return " ".join(words)
