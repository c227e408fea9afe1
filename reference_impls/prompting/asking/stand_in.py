"""What answers where no language model is set: it shows that everything runs, and nothing about a prompt."""

import time
from collections.abc import Callable, Iterator, Sequence

from ...corpus.chunking import Chunk
from ...embedding.base import Embedder
from ...language_models.base import Passage, Prompt
from ...language_models.extractive import ExtractiveModel
from ...texts.words import words_of
from ..prompts.declaration import Output
from .answered import Answered
from .shots import Shots

NOTE = (
    "a stand-in answered, since language_models.generator is extractive: its figures say nothing about the prompt or "
    "about any model"
)
_MOST_CHUNKS = 30


class NearestExample:
    """Gives the output of the example that is nearest to the input."""

    name = "stand-in: the output of the nearest example"
    stand_in = True

    def __init__(self, shots: Shots) -> None:
        self._shots = shots

    def answer_many(
        self, inputs: Sequence[str], advance: Callable[[int], object] = lambda _: None
    ) -> Iterator[tuple[int, Answered]]:
        """Answers inputs, one after the other: each has a time of its own, as it would have in service."""
        # What is loaded once is no part of the first answer.
        self._shots.nearest(inputs[:1], 1)
        for number, given in enumerate(inputs):
            started = time.monotonic()
            (nearest,) = self._shots.nearest([given], 1)
            seconds = time.monotonic() - started
            advance(1)
            if not nearest:
                yield number, Answered(Output("", problems=("there is no example",)), seconds=seconds)
                continue
            example = self._shots.example(nearest[0])
            yield number, Answered(Output(example.wanted(), example.fields), seconds=seconds)


class QuotedSentences:
    """Quotes the sentences of the documents that fit a question best.

    Args:
        chunks: Of all documents.
        load: Loads the embedder; called when first needed.
        most: Sentences in an answer.
    """

    name = "stand-in: quoted sentences"
    stand_in = True

    def __init__(self, chunks: Sequence[Chunk], load: Callable[[], Embedder], most: int) -> None:
        self._chunks = [(chunk, frozenset(words_of(f"{chunk.context} {chunk.text}"))) for chunk in chunks]
        self._load = load
        self._most = most
        self._model: ExtractiveModel | None = None

    def answer_many(
        self, inputs: Sequence[str], advance: Callable[[int], object] = lambda _: None
    ) -> Iterator[tuple[int, Answered]]:
        """Answers inputs."""
        self._model = self._model or ExtractiveModel(self._load(), self._most)
        for number, given in enumerate(inputs):
            started = time.monotonic()
            asked = frozenset(words_of(given))
            near = sorted(self._chunks, key=lambda pair: -len(asked & pair[1]))[:_MOST_CHUNKS]
            passages = tuple(Passage(chunk.document, chunk.text) for chunk, _ in near)
            text = self._model.generate(Prompt(given, passages)).text
            problems = () if text else ("no sentence fits",)
            advance(1)
            yield number, Answered(Output(text, problems=problems), seconds=time.monotonic() - started)
