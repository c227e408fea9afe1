"""Tells one training run from another, so that none goes on from the checkpoints of another."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue


def run_key(**parts: JsonValue) -> str:
    """A sha256 over all that decides what a run makes, and over the code of this room.

    Args:
        parts: Digest of the data, settings, seed, kind and model: JSON values by name.
    """
    content: Mapping[str, JsonValue] = {**parts, "training code": _code()}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
