"""Takes the vectors of tokens that never occur out of an encoder: of a small encoder they are half of its size."""

import json
from collections.abc import Iterable
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require

_CONTINUES = "##"
_NUMBERS = ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id")


def tokens_in(tokenizer: Any, texts: Iterable[str]) -> set[int]:
    """Numbers of the tokens that occur in texts, uncut."""
    whole = plain(tokenizer)
    return {number for text in texts for number in whole.encode(text, add_special_tokens=False).ids}


def keep_words(encoder: Any, tokenizer: Any, seen: set[int]) -> Any:
    """Removes the vectors of tokens that are not seen, in place.

    A removed word is read in the pieces that are left of it, down to single characters, which all stay: a word of
    characters that have a token of their own never becomes unknown. Tokens with other characters stay as well. How well
    the model reads a word in other pieces is for a measurement to tell.

    Args:
        encoder: A model of transformers.
        tokenizer: Its tokenizer, one of the fast ones over word pieces.
        seen: Numbers of the tokens to keep in any case.

    Returns:
        The tokenizer for what is left.

    Raises:
        UserError: The tokenizer is of another kind.
    """
    torch = require("torch", "torch>=2.4")
    told = json.loads(plain(tokenizer).to_str())
    kind = told["model"].get("type")
    if kind != "WordPiece" or told["model"]["continuing_subword_prefix"] != _CONTINUES:
        raise UserError(
            f"words can only be taken out of a tokenizer of word pieces, as BERT has one, and this one is of {kind}",
            "set compression.vocabulary to all",
        )
    vocabulary: dict[str, int] = told["model"]["vocab"]
    special = {each["id"] for each in told["added_tokens"]} | set(tokenizer.all_special_ids)
    kept = sorted(
        (number, word)
        for word, number in vocabulary.items()
        if number in seen or number in special or not _spelled(word, vocabulary)
    )
    numbers = {old: new for new, (old, _) in enumerate(kept)}
    told["model"]["vocab"] = {word: numbers[old] for old, word in kept}
    for each in told["added_tokens"]:
        each["id"] = numbers[each["id"]]
    _renumber(told.get("post_processor"), numbers)

    table = encoder.get_input_embeddings()
    smaller = torch.nn.Embedding(len(kept), table.embedding_dim, padding_idx=numbers.get(table.padding_idx))
    smaller.weight = torch.nn.Parameter(table.weight.detach()[torch.tensor([old for old, _ in kept])].clone())
    encoder.set_input_embeddings(smaller)
    encoder.config.vocab_size = len(kept)
    for name in _NUMBERS:
        if getattr(encoder.config, name, None) is not None:
            setattr(encoder.config, name, numbers.get(getattr(encoder.config, name)))
    return _made(tokenizer, json.dumps(told))


def plain(tokenizer: Any) -> Any:
    """A copy of the own part of a tokenizer of transformers, which neither cuts nor pads, whatever was asked last."""
    made = require("tokenizers", "tokenizers>=0.21").Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    made.no_padding()
    made.no_truncation()
    return made


def _spelled(word: str, vocabulary: dict[str, int]) -> bool:
    """Whether a token can go, since it is longer than one character and each of them has a token of its own."""
    bare = word.removeprefix(_CONTINUES)
    pieces = [piece for character in bare for piece in (character, _CONTINUES + character)]
    return len(bare) > 1 and all(piece in vocabulary for piece in pieces)


def _renumber(post_processor: Any, numbers: dict[int, int]) -> None:
    """Gives the tokens that a tokenizer puts around a text their new numbers, in place."""
    if isinstance(post_processor, dict):
        for part in (post_processor.get("special_tokens") or {}).values():
            part["ids"] = [numbers[old] for old in part["ids"]]
        for name in ("sep", "cls"):
            if isinstance(post_processor.get(name), list):
                post_processor[name][1] = numbers[post_processor[name][1]]
        for part in post_processor.get("processors", ()):
            _renumber(part, numbers)


def _made(tokenizer: Any, told: str) -> Any:
    """A tokenizer of transformers around a new own part, otherwise as the former one."""
    library = require("transformers", "transformers>=4.50")
    made = library.PreTrainedTokenizerFast(
        tokenizer_object=require("tokenizers", "tokenizers>=0.21").Tokenizer.from_str(told),
        **tokenizer.special_tokens_map,
    )
    made.model_max_length = tokenizer.model_max_length
    made.padding_side = tokenizer.padding_side
    made.model_input_names = tokenizer.model_input_names
    return made
