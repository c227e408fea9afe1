"""So many requests a minute and no more, whichever thread sends them."""

import threading
import time
from collections.abc import Callable

_MINUTE = 60.0


class Turns:
    """Spaces requests evenly: with 30 a minute, none begins less than two seconds after another.

    Args:
        per_minute: How many may begin in a minute; 0 sets no limit.
        pause: Waits, in seconds.
        clock: Seconds from any start, never going back.
    """

    def __init__(
        self,
        per_minute: int,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._between = _MINUTE / per_minute if per_minute else 0.0
        self._pause = pause
        self._clock = clock
        self._free_at = 0.0
        self._taking = threading.Lock()

    def take(self) -> None:
        """Returns when the next request may begin."""
        if not self._between:
            return
        with self._taking:
            now = self._clock()
            begin = max(now, self._free_at)
            self._free_at = begin + self._between
        if begin > now:
            self._pause(begin - now)
