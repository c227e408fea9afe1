"""Tells one set of data from another."""

import hashlib
import json


def digest_of(value: object) -> str:
    """A sha256 over JSON values, to tell one training's data from another's."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
