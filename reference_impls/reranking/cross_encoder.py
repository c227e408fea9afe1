"""A cross-encoder: one model reads question and passage together and gives one score."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..project_base.optional import require
from .settings import Settings

_SCORING_HEAD = "ForSequenceClassification"


class CrossEncoderReranker:
    """A cross-encoder of the sentence-transformers library.

    Nogueira, Cho (2019), Passage re-ranking with BERT: more exact than comparing two vectors, and far slower, since
    nothing can be computed before the question is known. The library sorts pairs by length into batches and cuts pairs
    that are longer than the model's window, at their end.

    Args:
        settings: `model`, `device` and `batch_size`.

    Raises:
        UserError: The library or the model is missing, or the model is no reranker.
    """

    def __init__(self, settings: Settings) -> None:
        library = require("sentence_transformers", "sentence-transformers>=5.0")
        require("transformers", "transformers>=4.50").utils.logging.disable_progress_bar()
        self._settings = settings
        try:
            # Only safetensors: the older weight files are pickles, which can run code when they are opened.
            self._model: Any = library.CrossEncoder(
                settings.model,
                device=None if settings.device == "auto" else settings.device,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:
            # Missing files, no network, a foreign folder and a missing device all end here, in many exception types.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise UserError(
                f"the reranker {settings.model} cannot be loaded: {reason}",
                "set reranking.model to the folder of a cross-encoder in safetensors, to a hub name with "
                'project_base.offline: false once, or to "" for none; and check reranking.device',
            ) from error
        self._check()
        # A sigmoid would press clear matches together until they tie; the order is that of the raw scores.
        self._raw = require("torch", "torch>=2.4").nn.Identity()

    def _check(self) -> None:
        name = self._settings.model
        if self._model.num_labels != 1:
            raise UserError(
                f"{name} gives {self._model.num_labels} scores for a pair, and a reranker gives one",
                "set reranking.model to a cross-encoder that was trained for ranking, with one label",
            )
        architecture = (self._model.config.architectures or [_SCORING_HEAD])[0]
        if len(self._model) == 1 and not architecture.endswith(_SCORING_HEAD):
            # The library would give an embedder a scoring layer of random weights, and say so in the log alone.
            raise UserError(
                f"{name} is no cross-encoder but a {architecture}, which has no layer that scores a pair",
                "set reranking.model to a cross-encoder; models that embed belong into embedding.model",
            )

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """The raw score of each passage, float32 [n]; higher is better.

        Raises:
            UserError: The model gives something that is no number.
        """
        if not passages:
            return np.empty(0, dtype=np.float32)
        with warnings.catch_warnings():
            # torch warns about pinned memory on machines without an accelerator; it changes nothing here.
            warnings.filterwarnings("ignore", message=".*pin_memory.*", category=UserWarning)
            found = self._model.predict(
                [(question, passage) for passage in passages],
                batch_size=self._settings.batch_size,
                activation_fn=self._raw,
                show_progress_bar=False,
            )
        scores = np.asarray(found, dtype=np.float32)
        if not np.isfinite(scores).all():
            raise UserError(
                f"the reranker {self._settings.model} gives scores that are no numbers",
                'choose another reranking.model or reranking.device, or set reranking.model to ""',
            )
        return scores
