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
_POSITIONS_BEHIND_PADDING = {"roberta", "xlm-roberta", "camembert", "mpnet"}
"""Architectures that count positions from behind the number of the padding."""


class BaseIdentity(About):
    """Which encoder a model was trained on.

    Attributes:
        name: As embedding.model said it.
        id: With a hash of its files, behind an @, where they lie in a folder.
        revision: Commit of a model of the hub; empty for a folder.
    """

    name: str
    id: str
    revision: str = ""

    def same(self, other: "BaseIdentity") -> bool:
        """Whether both are one encoder: by the hash of the files wherever they lie, or by name and commit."""
        hashes = self.id.rpartition("@")[2], other.id.rpartition("@")[2]
        if "@" in self.id and "@" in other.id:
            return hashes[0] == hashes[1]
        return (self.id, self.revision) == (other.id, other.revision)


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


def find_source(settings: EmbeddingSettings, revision: str = "") -> Source:
    """Finds the encoder that a project names.

    Args:
        settings: `model` names it.
        revision: Commit of a model of the hub; empty takes the newest that is known here.

    Raises:
        UserError: It is nowhere to be found, or its files are not what they should be.
    """
    place, name = resolve_model(settings.model)
    files = _Files(place, revision)
    part, pooled, normalised = _modules(files)
    config_file = files.find(f"{part}/config.json" if part else "config.json")
    config = _json(config_file)
    if not isinstance(config, dict):
        no_files = "no folder of this name is here, and no config.json of it could be had from the hub"
        raise gone(settings.model, "it has no config.json" if Path(place).is_dir() else no_files)
    if not Path(place).is_dir() and config_file is not None:
        # In the hub's cache each version of a model has a folder that is named after its commit.
        revision = config_file.parents[1 if part else 0].name
    prompts = (files.json("config_sentence_transformers.json") or {}).get("prompts") or {}
    return Source(
        identity=BaseIdentity(name=settings.model, id=name, revision=revision),
        place=place,
        part=part,
        pooling=pooled,
        normalised=normalised,
        prompt=next((str(prompts[each]) for each in _PROMPTS if each in prompts), ""),
        most_tokens=_window(files, part, config),
    )


def same_source(recorded: BaseIdentity, settings: EmbeddingSettings) -> Source:
    """The encoder that a model was trained on: the project's, or else the one that was recorded.

    A champion thus keeps answering after embedding.model was changed for the next training, as long as its own encoder
    is still there.

    Raises:
        UserError: Neither is the encoder that the model was trained on.
    """
    found: list[str] = []
    for name, revision in dict.fromkeys(((settings.model, ""), (recorded.name, recorded.revision))):
        try:
            source = find_source(settings.model_copy(update={"model": name}), revision)
        except UserError as error:
            found.append(error.message)
            continue
        if source.identity.same(recorded):
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


def gone(name: str, reason: str) -> UserError:
    """What is told of an encoder that cannot be loaded."""
    return UserError(
        f"the text encoder {name} cannot be loaded: {reason}",
        "check embedding.model: a folder must be there, and a hub name needs project_base.offline: false once",
    )


class _Files:
    """The files of a model, in a folder or of the hub."""

    def __init__(self, place: str, revision: str) -> None:
        self._place = place
        self._revision = revision or None

    def find(self, name: str) -> Path | None:
        """A file, downloaded where that is allowed; None where the model has none of this name."""
        folder = Path(self._place)
        if folder.is_dir():
            return folder / name if (folder / name).is_file() else None
        cached_file = require("transformers.utils.hub", "transformers>=4.50").cached_file
        try:
            found = cached_file(self._place, name, revision=self._revision)
        except OSError:
            # Not there, no network, no such model: what cannot be done without is missed later, with its name.
            return None
        return Path(found) if found else None

    def json(self, name: str) -> Any:
        """The content of a file; None where there is none."""
        return _json(self.find(name))


def _modules(files: _Files) -> tuple[str, Pooling, bool]:
    """Folder of the transformer, pooling, and whether vectors are normalised, as modules.json tells them."""
    modules = files.json("modules.json")
    part, pooled, normalised = "", "mean", False
    # A model that was never made to embed sentences has no such file.
    for module in modules if isinstance(modules, list) else ():
        kind, path = str(module.get("type", "")).rpartition(".")[2], str(module.get("path", ""))
        if kind == "Transformer":
            part = path
        elif kind == "Normalize":
            normalised = True
        elif kind == "Pooling":
            told = files.json(f"{path}/config.json") or {}
            named = [mode for key, mode in _POOLINGS.items() if told.get(key)]
            pooled = str(told.get("pooling_mode") or (named[0] if named else pooled))
    return part, _known(pooled), normalised


def _known(pooling: str) -> Pooling:
    """The pooling where it is one of those that can be told apart here, else the mean."""
    return next((mode for mode in _POOLINGS.values() if mode == pooling), "mean")


def _window(files: _Files, part: str, config: dict[str, Any]) -> int:
    """Most tokens that a model reads: the least of what its files tell."""
    inner = f"{part}/" if part else ""
    sentence = files.json(f"{inner}sentence_bert_config.json") or {}
    tokenizer = files.json(f"{inner}tokenizer_config.json") or {}
    positions = config.get("max_position_embeddings")
    if positions and config.get("model_type") in _POSITIONS_BEHIND_PADDING:
        positions -= int(config.get("pad_token_id") or 0) + 1
    told = (sentence.get("max_seq_length"), tokenizer.get("model_max_length"), positions)
    return min((int(each) for each in told if each and each < _UNLIMITED), default=512)


def _json(file: Path | None) -> Any:
    if file is None:
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read: {error}", "bring the model's files back, or choose another") from error
