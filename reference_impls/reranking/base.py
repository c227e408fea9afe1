"""The contract of every reranker."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Reranker(Protocol):
    """Judges how well passages answer a question."""

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """A finite number for each passage, float32 [n]; higher is better, and only the order means something.

        Raises:
            UserError: The model gives no usable number.
        """
        ...
