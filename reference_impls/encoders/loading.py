"""Loads encoders and their tokenizers, from safetensors alone."""

from pathlib import Path
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require
from .source import Source, gone


def load_encoder(source: Source) -> Any:
    """The transformer of an encoder, in float32 and evaluation mode, from safetensors alone.

    Raises:
        UserError: It cannot be loaded.
    """
    transformers = require("transformers", "transformers>=4.50")
    torch = require("torch", "torch>=2.4")
    transformers.utils.logging.disable_progress_bar()
    try:
        model = transformers.AutoModel.from_pretrained(
            source.place,
            subfolder=source.part,
            revision=source.identity.revision or "main",
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
        )
    except Exception as error:
        raise gone(source.identity.name, _first_line(error)) from error
    return model.eval()


def load_tokenizer(source: Source) -> Any:
    """The tokenizer of an encoder, one of the fast ones, which know where in the text a token stands.

    Raises:
        UserError: It cannot be loaded, or is none of the fast ones.
    """
    transformers = require("transformers", "transformers>=4.50")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            source.place,
            subfolder=source.part,
            revision=source.identity.revision or "main",
            trust_remote_code=False,
        )
    except Exception as error:
        raise gone(source.identity.name, _first_line(error)) from error
    return checked_tokenizer(tokenizer, source.identity.name)


def load_kept(folder: Path) -> tuple[Any, Any]:
    """An encoder and a tokenizer that a model's folder holds.

    Raises:
        UserError: They are damaged.
    """
    transformers = require("transformers", "transformers>=4.50")
    torch = require("torch", "torch>=2.4")
    transformers.utils.logging.disable_progress_bar()
    try:
        encoder = transformers.AutoModel.from_pretrained(
            folder, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, local_files_only=True
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:
        # Missing and damaged files end here in many exception types.
        raise UserError(
            f"{folder} cannot be loaded: {_first_line(error)}", "take another version of the model, or train it again"
        ) from error
    return encoder.eval(), checked_tokenizer(tokenizer, str(folder))


def checked_tokenizer(tokenizer: Any, name: str) -> Any:
    """The tokenizer, made sure of.

    Raises:
        UserError: It is none of the fast ones.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise UserError(
            f"the tokenizer of {name} is none of the fast ones of transformers, which know where a token stands",
            "set embedding.model to a model that has a tokenizer.json",
        )
    return tokenizer


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
