"""The embedder, the reranker and the answering model as the threads of a server may call them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
from numpy.typing import NDArray

from ..embedding.base import Embedder, Vectors
from ..language_models.base import Completer, Generation, LanguageModel, Prompt
from ..project_base.errors import UserError
from ..reranking.base import Reranker
from ..serving.problems import Unavailable


class SharedEmbedder:
    """Lets one thread embed at a time.

    A tokenizer keeps its padding and truncation in itself, and no embedding library promises what two threads inside
    would do to each other. Little is lost: on the same cores two at once are hardly quicker than one after the other.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._turn = threading.Lock()

    @property
    def id(self) -> str:
        """Names the model."""
        return self._embedder.id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        with self._turn:
            return self._embedder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """Embeds passages: float32 [n, dimension], rows of length 1."""
        with self._turn:
            return self._embedder.encode_passages(texts, advance)


class SharedModel:
    """An answering model; its failures are the service's, not those of whoever asks.

    Args:
        model: The model.
        one_at_a_time: For a model in this process: its tokenizer and its memory serve one answer. An endpoint takes
            several requests by itself.
    """

    def __init__(self, model: LanguageModel, *, one_at_a_time: bool) -> None:
        self._model = model
        self._turn: AbstractContextManager[object] = threading.Lock() if one_at_a_time else nullcontext()

    def generate(self, prompt: Prompt) -> Generation:
        """Answers a prompt.

        Raises:
            Unavailable: The model cannot answer.
        """
        with self._turn, _unavailable():
            return self._model.generate(prompt)

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """Answers a prompt piece by piece; the turn ends when the iterator is exhausted or closed.

        Raises:
            Unavailable: The model cannot answer, or breaks off.
        """
        with self._turn, _unavailable():
            yield from self._model.stream(prompt)

    def complete(self, instruction: str, text: str) -> str:
        """What the model writes about a text.

        Raises:
            UserError: The model cannot write, or only quotes. Whoever asked can go on without.
        """
        if not isinstance(self._model, Completer):
            raise UserError(
                "the answering model only quotes", "set language_models.generator to local or openai_compatible"
            )
        with self._turn:
            return self._model.complete(instruction, text)


class SharedReranker:
    """Lets one thread rerank at a time, for the reasons of `SharedEmbedder`."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._turn = threading.Lock()

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """A number for each passage, float32 [n]; higher is better.

        Raises:
            Unavailable: The reranker fails.
        """
        with self._turn, _unavailable():
            return self._reranker.scores(question, passages)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise Unavailable(error.message, error.next_step) from error
