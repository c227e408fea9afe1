"""One process at a time writes; the others wait for a while, and say so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..project_base.errors import UserError

WAIT_SECONDS = 60.0


class BusyError(UserError):
    """Another process has not ended its work within the time that this one waits; trying again later helps."""


@contextmanager
def only_one(
    file: Path, doing: str, wait_seconds: float = WAIT_SECONDS, tell: Callable[[str], object] = lambda _: None
) -> Iterator[None]:
    """Keeps other processes out until the block ends; the system frees the lock of a killed process.

    Args:
        file: The lock file; it is made, and stays.
        doing: What is done under the lock, for messages: "writing models/0001-lora".
        wait_seconds: How long to wait for another process.
        tell: Hears once that this process waits.

    Raises:
        BusyError: Another process still does the same.
        OSError: The lock file cannot be made.
    """
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(f"another process is {doing}; waiting up to {wait_seconds:g} s for it")
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout as error:
            raise BusyError(
                f"another process is still {doing} after {wait_seconds:g} s", "wait until it has ended, then try again"
            ) from error
    try:
        yield
    finally:
        lock.release()
