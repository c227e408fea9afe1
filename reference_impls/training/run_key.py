"""Tells one training run from another, so that none goes on from the checkpoints of another."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

_PACKAGE = Path(__file__).parents[1]


def run_key(*, rooms: Sequence[str] = (), **parts: JsonValue) -> str:
    """A sha256 over all that decides what a run makes.

    Args:
        rooms: Rooms whose code makes the model and the batches; that of this room always counts.
        parts: Digest of the data, settings, seed, kind and model: JSON values by name.
    """
    code = {room: _code(_PACKAGE / room) for room in (Path(__file__).parent.name, *rooms)}
    content: Mapping[str, JsonValue] = {"parts": parts, "code": dict(code)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _code(room: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(room.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
