"""Arrays on disk: numpy's own format, without pickle, replaced in one step."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..project_base.files import write_bytes
from ..project_base.rooms import command_line


def save_array(file: Path, array: NDArray[Any]) -> None:
    """Writes an array of numbers.

    Raises:
        OSError: No permission or no space.
    """
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_bytes(file, buffer.getvalue())


def load_array(file: Path) -> NDArray[Any]:
    """Reads what `save_array` wrote.

    Raises:
        UserError: The file is missing or damaged.
    """
    try:
        array: NDArray[Any] = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise damaged(file, error) from error
    return array


def damaged(file: Path, error: object) -> UserError:
    """What is said of a file of the index that cannot be used."""
    return UserError(f"{file} is damaged ({error})", f"build the index again: {command_line('index --rebuild')}")
