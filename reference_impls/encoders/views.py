"""What the frozen head sees of a text: views of the encoder's tokens, or the sentence vector of the embedding room."""

from collections.abc import Callable, Sequence

from ..embedding.load import load_embedder
from ..labelled_data.base import Advance
from .base import Context
from .loading import load_tokenizer
from .source import Source
from .vectors import Remembered, Vectors, VectorSource

SENTENCE = ("sentence",)


class SentenceVectors:
    """The vectors that the embedding room makes, by whatever is quickest there.

    Args:
        source: The encoder.
        context: `embedding` says by which library.
        tell: Hears what was chosen.
    """

    def __init__(self, source: Source, context: Context, tell: Callable[[str], object] = lambda _: None) -> None:
        self._source = source
        self._embedder = load_embedder(context.embedding.model_copy(update={"model": source.identity.name}), tell)
        self.id = f"{self._embedder.id}|sentence"
        self.most_tokens = source.most_tokens
        self.precision = "float32"

    @property
    def parameters(self) -> int:
        """Not known: the model may be an exported one."""
        return 0

    def encode(self, texts: Sequence[str], advance: Advance) -> Vectors:
        """float32 [n, dimension], rows of length 1."""
        return self._embedder.encode_passages(texts, advance)

    def cut(self, texts: Sequence[str]) -> dict[str, float]:
        """How much of these texts is not read."""
        from .reading import Reader, cut_figures  # noqa: PLC0415 -- for training alone

        return cut_figures(Reader(load_tokenizer(self._source), self.most_tokens, self._source.prompt).read(texts))


def open_views(
    context: Context,
    source: Source,
    views: Sequence[str],
    precision: str = "auto",
    tell: Callable[[str], object] = lambda _: None,
) -> VectorSource:
    """What makes these views; nothing is remembered.

    Args:
        context: Where and how the encoder computes.
        source: The encoder.
        views: Parts of `encoders.views`.
        precision: As a model recorded it; auto chooses.
        tell: Hears what was chosen.

    Raises:
        UserError: The encoder cannot be loaded.
    """
    if tuple(views) == SENTENCE:
        return SentenceVectors(source, context, tell)
    from .frozen import FrozenEncoder  # noqa: PLC0415 -- loads torch, which the exported embedder does without

    return FrozenEncoder(source, context, views, precision)


def views_of(
    context: Context, source: Source, views: Sequence[str], tell: Callable[[str], object] = lambda _: None
) -> VectorSource:
    """The same, loaded once while a ladder is climbed; each text is embedded once.

    Raises:
        UserError: The encoder cannot be loaded.
    """
    settings = context.training.model_dump_json(include={"device", "precision"})
    key = "|".join([source.identity.model_dump_json(), ",".join(views), str(context.encoders.most_tokens), settings])
    made = context.vectors.source(key, lambda: open_views(context, source, views, tell=tell))
    return Remembered(made, context.vectors)
