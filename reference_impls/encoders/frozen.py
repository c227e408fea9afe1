"""Vectors of the encoder as it is: of texts for the frozen head, of words for the frozen tagger.

One pass gives several views of a text. On banking77 the mean, the maximum and the first token side by side make a
logistic regression better than the mean alone (.9231 against .9200 in a threefold cross-validation).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from ..embedding.agreement import LEAST_COSINE
from ..labelled_data.base import Advance
from ..training.precision import chosen_device, computes_bfloat16
from .base import Context
from .loading import load_encoder, load_tokenizer
from .network import Pool
from .reading import Reader, cut_figures
from .scoring import batches_for
from .source import Source
from .vectors import Vectors

_AT_ONCE = 4096
_SAMPLE = (
    "yes",
    "How long is the warranty?",
    "Prices ROSE by 3.5 % (to €1,200.50) — see www.example.com/list?id=7, naïve café, 東京, Москва.",
    "The battery is charged over night and lasts two days. " * 4,
)


class FrozenEncoder:
    """An encoder that is not trained.

    Args:
        source: Where it is.
        context: `training.device` and `training.precision`; `encoders.most_tokens`.
        features: The views of a text, side by side.
        precision: As it was recorded; `auto` takes bfloat16, about three times as fast, where the processor computes it
            and the vectors agree with those in float32.
    """

    def __init__(self, source: Source, context: Context, features: Sequence[str], precision: str = "auto") -> None:
        self.source = source
        self._device = chosen_device(context.training)
        self._encoder: Any = load_encoder(source).to(self._device)
        self.reader = Reader(
            load_tokenizer(source), min(context.encoders.most_tokens, source.most_tokens), source.prompt
        )
        self._pool = Pool(features, self._encoder.config.num_hidden_layers, normalised=True)
        wanted = context.training.precision if precision == "auto" else precision
        self.precision = "float32"
        if wanted in {"auto", "bfloat16"} and computes_bfloat16(self._device):
            self._in_bfloat16()
        self.most_tokens = self.reader.most_tokens
        self.id = f"{source.identity.id}|{','.join(features)}|{self.reader.most_tokens}|{self.precision}"

    @property
    def parameters(self) -> int:
        """How many weights the encoder has."""
        return sum(int(weight.numel()) for weight in self._encoder.parameters())

    def cut(self, texts: Sequence[str]) -> dict[str, float]:
        """How many texts, and how many tokens of them, are cut."""
        return cut_figures(self.reader.read(texts))

    @property
    def width(self) -> int:
        """Width of a token's vector."""
        return int(self._encoder.config.hidden_size)

    def encode(self, texts: Sequence[str], advance: Advance) -> Vectors:
        """Vectors of texts, float32 [n, features * width], each view scaled to length 1."""
        rows = np.empty((len(texts), self.width * len(self._pool.parts)), dtype=np.float32)
        for start in range(0, len(texts), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            for places, hidden, mask in self._hidden(self.reader.tokens(texts[start : start + _AT_ONCE])):
                part[places] = self._pool(hidden, mask).cpu().numpy()
                advance(len(places))
        return rows

    def tokens(self, rows: Sequence[Sequence[int]], advance: Advance) -> Iterator[tuple[int, Vectors]]:
        """Place of each row, in any order, and the vectors of its tokens, of the last layer: float32 [tokens, width].

        Args:
            rows: Numbers of tokens, with the special ones.
            advance: Hears how many more rows are done.
        """
        for places, hidden, _ in self._hidden(rows):
            states = hidden[-1].float().cpu().numpy()
            yield from zip(places, states, strict=True)
            advance(len(places))

    def _hidden(
        self, rows: Sequence[Sequence[int]]
    ) -> Iterator[tuple[list[int], Sequence[torch.Tensor], torch.Tensor]]:
        every = self._pool.every_layer
        for places in batches_for(rows, self._device):
            inputs = {
                name: tensor.to(self._device)
                for name, tensor in self.reader.inputs([rows[place] for place in places]).items()
            }
            with torch.inference_mode():
                output = self._encoder(**inputs, output_hidden_states=every)
                yield places, output.hidden_states if every else (output.last_hidden_state,), inputs["attention_mask"]

    def _in_bfloat16(self) -> None:
        """Holds the encoder in bfloat16, unless its vectors then differ."""
        exact = self.encode(_SAMPLE, lambda _: None)
        self._encoder.bfloat16()
        rounded = self.encode(_SAMPLE, lambda _: None)
        shape = (len(_SAMPLE), len(self._pool.parts), self.width)
        cosines = np.einsum("ijk,ijk->ij", exact.reshape(shape), rounded.reshape(shape))
        if np.nan_to_num(cosines, nan=-1.0).min() >= LEAST_COSINE:
            self.precision = "bfloat16"
        else:
            self._encoder = load_encoder(self.source).to(self._device)
