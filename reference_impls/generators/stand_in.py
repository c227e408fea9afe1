"""A language model for those who have none at hand: so small that it is made on the spot, and good for nothing else."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils.logging import disable_progress_bar

from ..labelled_data.base import Example
from ..project_base.errors import UserError
from ..registry.model_folder import open_model, write_model
from .chat import RESPONSE, USER

_START, _END, _PADDING = "<s>", "</s>", "<pad>"
_VOCABULARY = 2048
_CHARACTERS = 2_000_000
_SHAPE: dict[str, Any] = {
    "hidden_size": 128,
    "intermediate_size": 344,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 1024,
}


def make_stand_in(folder: Path, examples: Sequence[Example], seed: int) -> Path:
    """Writes a Llama of about a million random weights with a byte-level BPE tokenizer, unless it stands already.

    The same examples and seed give the same model, in a folder of its own below `folder`.

    Args:
        folder: Holds the stand-ins.
        examples: The first two million characters of them make the tokenizer.
        seed: Of the weights.

    Returns:
        The folder of the model.

    Raises:
        UserError: What stands in its place is damaged.
        OSError: It cannot be written; nothing is left behind then.
    """
    texts = list(_texts(examples))
    # Lengths in front, so that moving a border between two texts changes the name.
    content = "".join(f"{len(text)}:{text}" for text in texts)
    key = json.dumps([_SHAPE, _VOCABULARY, seed, hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()])
    place = folder / hashlib.sha256(key.encode()).hexdigest()[:12]
    if not place.exists():
        try:
            write_model(place, "stand_in", {"seed": seed}, lambda part: _write(part, texts, seed))
        except UserError:
            # Another process of the same training was quicker; its model is the same.
            if not place.exists():
                raise
    open_model(place)
    return place


def _write(part: Path, texts: list[str], seed: int) -> None:
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=[_START, _END, _PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=raw, bos_token=_START, eos_token=_END, pad_token=_PADDING
    )
    config = LlamaConfig(
        **_SHAPE,
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    disable_progress_bar()  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**32)
        LlamaForCausalLM(config).save_pretrained(part)
    tokenizer.save_pretrained(part)


def _texts(examples: Sequence[Example]) -> Iterator[str]:
    left = _CHARACTERS
    for example in examples:
        # The headings come with every example, so they should be few tokens.
        for text in (USER, RESPONSE, *(turn.text for turn in example.turns), str(example.target)):
            yield text[:left]
            left -= len(text)
            if left <= 0:
                return
