"""The public data sets, found through the environment variable ADVISOR_DATA."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

SUMS = {
    "xquad": "a685d813a14aaf1145b9ef64969d59b4a590995dcb20ed34d9d492d6701d4455",
    "medquad_niddk": "38fdd26e0b1416063847a138e88c502b702b63dc07b3209a9c286208587642b0",
}
"""sha256 of the MANIFEST.sha256 of each set, which names the sha256 of each of its files."""


def data_set(name: str) -> Path:
    """The folder of a data set, with every file as it was when the reported figures were measured."""
    given = os.environ.get("ADVISOR_DATA")
    if not given:
        pytest.fail(
            "set ADVISOR_DATA to the folder of the public data sets, or leave these tests out: -m 'not realdata'"
        )
    folder = Path(given).resolve() / name
    manifest = folder / "MANIFEST.sha256"
    if not manifest.is_file():
        pytest.fail(f"ADVISOR_DATA has no data set {name}: {manifest} is missing")
    listed = manifest.read_bytes()
    assert hashlib.sha256(listed).hexdigest() == SUMS[name], f"{manifest} is another one"
    for line in listed.decode().splitlines():
        digest, path = line.split(maxsplit=1)
        found = hashlib.sha256((folder / path.lstrip("*")).read_bytes()).hexdigest()
        assert found == digest, f"{folder / path} was changed"
    return folder
