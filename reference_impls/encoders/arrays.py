"""Arrays and tensors on disk, in safetensors: reading them runs nothing that a file says."""

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ..project_base.errors import UserError

Array = NDArray[Any]

_SYSTEM_ERROR = re.compile(r"os error (\d+)")


@contextmanager
def saving(place: Path) -> Iterator[None]:
    """Turns what safetensors says of a full disk into the error of the system that it is.

    Args:
        place: The file or folder that is written within the context.

    Raises:
        OSError: A file cannot be written.
    """
    try:
        yield
    except SafetensorError as error:
        told = _SYSTEM_ERROR.search(str(error))
        number = int(told[1]) if told else errno.EIO
        raise OSError(number, os.strerror(number), str(place)) from error


def write_arrays(file: Path, arrays: Mapping[str, Array]) -> None:
    """Writes arrays by name.

    Raises:
        OSError: The file cannot be written.
    """
    with saving(file):
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, file)


def read_arrays(file: Path, *names: str) -> tuple[Array, ...]:
    """Reads arrays, in the order of their names.

    Raises:
        UserError: The file is missing or damaged, or holds something else.
    """
    try:
        found = load_file(file)
        return tuple(found[name] for name in names)
    except (OSError, KeyError, SafetensorError) as error:
        raise UserError(
            f"{file} cannot be read: {error}", "take another version of the model, or train it again"
        ) from error
