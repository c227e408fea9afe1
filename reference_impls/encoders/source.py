"""The text encoder that all rungs share: where its files are, how it pools, and whether it is still the same."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..embedding.settings import Settings as EmbeddingSettings
from ..embedding.source import resolve_model
from ..project_base.errors import UserError
from ..project_base.optional import require
from .base import About

Pooling = Literal["mean", "cls", "max"]

_POOLINGS: dict[str, Pooling] = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}
_PROMPTS = ("document", "passage", "corpus")
_UNLIMITED = 1_000_000


class BaseIdentity(About):
    """Which encoder a model was trained on.

    Attributes:
        name: As embedding.model said it.
        id: With a hash of its files where they lie in a folder.
        revision: Commit of a model of the hub; empty for a folder.
    """

    name: str
    id: str
    revision: str = ""


@dataclass(frozen=True)
class Source:
    """An encoder's files.

    Attributes:
        identity: Which encoder it is.
        place: A folder, or a hub name.
        part: Folder of the transformer within it; empty where it lies on top.
        pooling: How vectors of tokens become one of the text.
        normalised: Whether that vector is scaled to length 1.
        prompt: What the model wants before each text.
        most_tokens: Most tokens that it reads.
    """

    identity: BaseIdentity
    place: str
    part: str
    pooling: Pooling
    normalised: bool
    prompt: str
    most_tokens: int


def find_source(settings: EmbeddingSettings) -> Source:
    """Finds the encoder that a project names.

    Raises:
        UserError: It is nowhere to be found, or its files are not what they should be.
    """
    place, name = resolve_model(settings.model)
    config_file = _file(place, "config.json")
    modules = _json(_file(place, "modules.json"))
    part, pooled, normalised = _modules(place, modules)
    if part:
        config_file = _file(place, f"{part}/config.json")
    config = _json(config_file)
    if not isinstance(config, dict):
        raise _gone(settings.model, "it has no config.json")
    folder = Path(place).is_dir()
    # In the hub's cache each version of a model has a folder that is named after its commit.
    revision = "" if folder or config_file is None else config_file.parents[1 if part else 0].name
    prompts = (_json(_file(place, "config_sentence_transformers.json")) or {}).get("prompts") or {}
    return Source(
        identity=BaseIdentity(name=settings.model, id=name, revision=revision),
        place=place,
        part=part,
        pooling=pooled,
        normalised=normalised,
        prompt=next((str(prompts[each]) for each in _PROMPTS if each in prompts), ""),
        most_tokens=_window(place, part, config),
    )


def same_source(recorded: BaseIdentity, settings: EmbeddingSettings) -> Source:
    """The encoder that a model was trained on: the project's, or else the one that was recorded.

    A champion thus keeps answering after embedding.model was changed for the next training, as long as its own encoder
    is still there.

    Raises:
        UserError: Neither is the encoder that the model was trained on.
    """
    found: list[str] = []
    for name in dict.fromkeys((settings.model, recorded.name)):
        try:
            source = find_source(settings.model_copy(update={"model": name}))
        except UserError as error:
            found.append(f"{name}: {error.message}")
            continue
        if source.identity.id == recorded.id and source.identity.revision == recorded.revision:
            return source
        found.append(f"{name} is another one ({shown(source.identity)})")
    raise UserError(
        f"this model was trained on the encoder {shown(recorded)}, and answers with no other; " + "; ".join(found),
        f"bring that encoder back and set embedding.model: {recorded.name}, or train anew on the present one; "
        "a merged export holds its encoder and needs none beside it",
    )


def shown(identity: BaseIdentity) -> str:
    """An encoder's name for a message."""
    return identity.id + (f" at {identity.revision[:12]}" if identity.revision else "")


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
        raise _gone(source.identity.name, _first_line(error)) from error
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
        raise _gone(source.identity.name, _first_line(error)) from error
    return checked_tokenizer(tokenizer, source.identity.name)


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


def _modules(place: str, modules: Any) -> tuple[str, Pooling, bool]:
    """Folder of the transformer, pooling, and whether vectors are normalised, as modules.json tells them."""
    if not isinstance(modules, list):
        # A model that was never made to embed sentences.
        return "", "mean", False
    part, pooled, normalised = "", "mean", False
    for module in modules:
        kind, path = str(module.get("type", "")).rpartition(".")[2], str(module.get("path", ""))
        if kind == "Transformer":
            part = path
        elif kind == "Normalize":
            normalised = True
        elif kind == "Pooling":
            told = _json(_file(place, f"{path}/config.json")) or {}
            named = [mode for key, mode in _POOLINGS.items() if told.get(key)]
            mode = told.get("pooling_mode") or (named[0] if named else "mean")
            pooled = mode if mode in _POOLINGS.values() else "mean"
    return part, pooled, normalised  # type: ignore[return-value]  # narrowed by the line above


def _window(place: str, part: str, config: dict[str, Any]) -> int:
    """Most tokens that a model reads: the least of what its files tell."""
    inner = f"{part}/" if part else ""
    sentence = _json(_file(place, f"{inner}sentence_bert_config.json")) or {}
    tokenizer = _json(_file(place, f"{inner}tokenizer_config.json")) or {}
    positions = config.get("max_position_embeddings")
    if positions and config.get("model_type") in {"roberta", "xlm-roberta", "camembert", "mpnet"}:
        # These count positions from behind the padding's number.
        positions -= int(config.get("pad_token_id") or 0) + 1
    told = (sentence.get("max_seq_length"), tokenizer.get("model_max_length"), positions)
    return min((int(each) for each in told if each and each < _UNLIMITED), default=512)


def _file(place: str, name: str) -> Path | None:
    """A file of a model, downloaded where that is allowed; None where the model has none of this name."""
    folder = Path(place)
    if folder.is_dir():
        return folder / name if (folder / name).is_file() else None
    cached_file = require("transformers.utils.hub", "transformers>=4.50").cached_file
    try:
        found = cached_file(place, name)
    except OSError:
        # Not there, no network, no such model: what cannot be done without is missed later, with its name.
        return None
    return Path(found) if found else None


def _json(file: Path | None) -> Any:
    if file is None:
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read: {error}", "bring the model's files back, or choose another") from error


def _gone(name: str, reason: str) -> UserError:
    return UserError(
        f"the text encoder {name} cannot be loaded: {reason}",
        "check embedding.model: a folder must be there, and a hub name needs project_base.offline: false once",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
