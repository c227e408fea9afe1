"""What tells one training from another: the data, the settings and the code that decide its result."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from ...embedding.source import file_states, locate_model, resolve_model
from ...labelled_data.base import Example
from ..settings import ProjectSettings
from .results import span_rows
from .rungs import Rung

if TYPE_CHECKING:
    from .parts import Part

_PACKAGE = Path(__file__).parents[2]
_CODE = ("embedding", "encoders", "evaluation", "generators", "labelled_data", "texts", "training")
"""The rooms whose code decides what a model learns, and how it is judged."""
_JUDGING = tuple(Path(__file__).with_name(f"{name}.py") for name in ("data", "judging", "parts", "scoring", "trying"))
"""What of this room decides who teaches, who judges and what comes of it."""
_EMBEDDING_KEYS = {"model"}
"""The rungs load the encoder themselves, so that nothing else of this section has a say."""

Parts = Mapping[str, Iterable[Example]]


def digest_of(value: JsonValue) -> str:
    """Twelve hexadecimal digits of a sha256."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def data_digest(parts: Parts) -> str:
    """Twelve digits over the examples and how they were split.

    Args:
        parts: The examples by what they serve for, in their order.
    """
    digest = hashlib.sha256()
    for name, examples in parts.items():
        digest.update(f"{name}\n".encode())
        for example in examples:
            digest.update(json.dumps(_row(example), ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()[:12]


def parts_digest(parts: Sequence["Part"]) -> str:
    """Twelve digits over who teaches, who stops and who judges in each part, and over what hangs together.

    The examples themselves are told by `data_digest`.
    """
    sides = [
        [[example.place for example in side] for side in (part.train, part.validation, part.judged)] for part in parts
    ]
    together: dict[str, list[str]] = {}
    for example in (each for part in parts for each in part.judged if each.unit):
        together.setdefault(example.unit, []).append(example.place)
    # The name of a unit may come from a test row, which decides nothing here.
    return digest_of(cast("JsonValue", [sides, [places for places in together.values() if len(places) > 1]]))


def _row(example: Example) -> list[JsonValue]:
    target: JsonValue = (
        example.target if isinstance(example.target, str) else [list(span) for span in span_rows(example.target)]
    )
    turns: list[JsonValue] = [[turn.role, turn.text] for turn in example.turns]
    return [example.place, example.text, target, turns, example.group, example.when]


def settings_of(rung: Rung, settings: ProjectSettings) -> dict[str, JsonValue]:
    """The settings that decide what a rung learns, by room, and which text encoder they name.

    Raises:
        UserError: The text encoder is not there.
    """
    told: dict[str, JsonValue] = {}
    for room in rung.rooms:
        section = getattr(settings, room)
        keys = _EMBEDDING_KEYS if room == "embedding" else None
        told[room] = section.deciding() if room == "training" else section.model_dump(mode="json", include=keys)
    if "embedding" in rung.rooms:
        name = settings.embedding.model
        told["encoder"] = _encoder_id(name, tuple(sorted(file_states(locate_model(name)).items())))
    if "generators" in rung.rooms:
        # Large weights take minutes to hash; sizes and times of the files tell an exchanged model as well.
        states: JsonValue = {name: list(state) for name, state in file_states(settings.generators.model).items()}
        told["language_model"] = digest_of(states)
    return told


@lru_cache(maxsize=4)
def _encoder_id(name: str, _states: "tuple[tuple[str, tuple[int, int]], ...]") -> str:
    """Hashing the weights takes a moment, and is done again only where a file has changed."""
    return resolve_model(name)[1]


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Twelve digits over the code that trains and judges, as it is when this is first asked."""
    digest = hashlib.sha256()
    rooms = (file for room in _CODE for file in sorted((_PACKAGE / room).glob("*.py")))
    for file in chain(rooms, _JUDGING):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
