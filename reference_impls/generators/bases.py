"""Finds the model that a setting names, and knows it again: an adapter fits the very weights that it was trained on."""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..labelled_data.base import Example
from ..project_base.errors import UserError
from ..project_base.files import sha256_of
from ..project_base.optional import require
from .settings import Settings

STAND_IN = "stand_in"
NOTICE = "stand_in is a tiny untrained model: it shows that the path works and is no language model worth using"
"""What every output of the stand-in says."""

_FILES = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
_DOUBLES = ("*/*", "consolidated*")
"""The same weights once more, in the formats of other libraries."""
_WRITERS = ("CausalLM", "LMHeadModel", "ConditionalGeneration")
_OWN_MODEL = "set generators.model to the folder of a causal language model in safetensors"


@dataclass(frozen=True)
class Base:
    """The model that is tuned.

    Attributes:
        name: As the settings name it: `stand_in`, a hub name or a folder.
        place: The folder of its files.
        digest: sha256 over its configuration and its weights, in lower-case hexadecimal.
    """

    name: str
    place: Path
    digest: str

    @property
    def notice(self) -> str:
        """What has to be said with everything that it writes; empty for a model of the user's."""
        return NOTICE if self.name == STAND_IN else ""

    def about(self) -> dict[str, object]:
        """What an adapter must remember of it."""
        return {
            "base": self.name,
            "base_folder": self.place.name if self.name == STAND_IN else self.name,
            "base_digest": self.digest,
            "notice": self.notice,
        }


def find_base(settings: Settings, examples: Sequence[Example], seed: int) -> Base:
    """The model that the settings name; the stand-in is made where it does not stand yet.

    Args:
        settings: `model` and `stand_in_folder`.
        examples: The tokenizer of the stand-in is trained on them; other models leave them unread.
        seed: Of the weights of the stand-in.

    Raises:
        UserError: There is no such model on this machine, or it is none that writes.
        OSError: The stand-in cannot be written.
    """
    if settings.model != STAND_IN:
        return base_at(settings.model)
    from .stand_in import make_stand_in  # noqa: PLC0415 -- needs torch and transformers

    place = make_stand_in(Path(settings.stand_in_folder), examples, seed)
    return Base(STAND_IN, place, _digest(place))


def find_base_again(about: Mapping[str, object], settings: Settings) -> Base:
    """The model that an adapter was trained on: where it was then, or else the one that the settings name now.

    Args:
        about: What `Base.about` gave when the adapter was trained.
        settings: `model` and `stand_in_folder`, as they are now.

    Raises:
        UserError: It is gone, or what stands in its place is another model.
    """
    name, folder, digest = (str(about.get(key, "")) for key in ("base", "base_folder", "base_digest"))
    if not (name and folder and digest):
        raise UserError("the adapter does not say which model it was trained on", "train it again with this project")
    if name == STAND_IN:
        places = [str(Path(settings.stand_in_folder) / folder)]
    else:
        places = [folder, *([] if settings.model == STAND_IN else [settings.model])]
    others: list[str] = []
    gone: UserError | None = None
    for place in dict.fromkeys(places):
        try:
            found = base_at(place)
        except UserError as error:
            gone = gone or error
            continue
        if found.digest == digest:
            return Base(name, found.place, digest)
        others.append(f"{place} ({found.digest[:12]})")
    if others:
        raise UserError(
            f"adapter and base mismatch: the adapter was trained on {name} with the digest {digest[:12]}, "
            f"and here is {', '.join(others)}",
            "set generators.model to the model that it was trained on, or train it again on this one",
        )
    raise UserError(
        f"base model retired: the adapter was trained on {name} (digest {digest[:12]}), which is gone: "
        f"{gone.message if gone else ''}",
        f"bring that model back to {places[0]}, set generators.model to where it is now, use a merged export of this "
        "adapter, or train again on another model",
    )


def base_at(name: str) -> Base:
    """The causal language model in a folder, or of a hub name.

    Raises:
        UserError: There is no such model on this machine, or it is none that writes.
    """
    place = Path(name)
    if not place.is_dir():
        place = _of_the_hub(name)
    _check(name, place)
    return Base(name, place, _digest(place))


def _of_the_hub(name: str) -> Path:
    hub: Any = require("huggingface_hub", "transformers>=4.50")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=list(_FILES), ignore_patterns=list(_DOUBLES)))
    except hub.errors.HFValidationError as error:
        raise UserError(
            f"generators.model {name!r} is neither a folder nor a hub name (owner/name)", _OWN_MODEL
        ) from error
    except Exception as error:
        # No network, a name that nobody has, a gate, a full disk: the client has many exception types.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise UserError(
            f"the model {name} is not on this machine and cannot be fetched from the hub: {reason}",
            f"set project_base.offline to false once, with a network; or {_OWN_MODEL}",
        ) from error


def _check(name: str, place: Path) -> None:
    def refused(reason: str, next_step: str = _OWN_MODEL) -> UserError:
        return UserError(f"generators.model {name} {reason}", next_step)

    if not (place / "config.json").is_file():
        if (place / "adapter_config.json").is_file():
            raise refused("is an adapter, which cannot be tuned itself", f"{_OWN_MODEL}, for example a merged export")
        raise refused("is no model: it holds no config.json")
    try:
        config = json.loads((place / "config.json").read_text(encoding="utf-8"))
        kinds = [str(kind) for kind in config.get("architectures") or ()]
    except (ValueError, AttributeError, TypeError) as error:
        raise refused("is damaged: its config.json is no configuration of a model") from error
    if kinds and not any(word in kind for kind in kinds for word in _WRITERS):
        raise refused(f"is a {kinds[0]}, which does not write texts")
    if not any(place.glob("*.safetensors")):
        raise refused(
            "has no weights in safetensors, and other weight files can run code when they are opened",
            "take a model with .safetensors files, or convert it with its authors' tools",
        )


def _digest(place: Path) -> str:
    told = "".join(
        f"{file.name} {_file_digest(file, file.stat().st_size, file.stat().st_mtime_ns)}\n"
        for file in sorted([place / "config.json", *place.glob("*.safetensors")])
    )
    return hashlib.sha256(told.encode()).hexdigest()


@functools.lru_cache(maxsize=256)
def _file_digest(file: Path, _size: int, _changed: int) -> str:
    return sha256_of(file)
