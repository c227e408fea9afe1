"""Classifiers and taggers that run from one ONNX file: they start in a fraction of a second, without torch."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..embedding.batches import batches_by_length
from ..embedding.onnx_model import Inputs, OnnxModel, open_tokenizer
from ..encoders.base import About, Logits, TextClassifier
from ..encoders.logs import combined, log_softmax
from ..encoders.reading import Reader, clipped
from ..encoders.tagger import ScoredWords, TextTagger, scored
from ..encoders.tags import tag_names
from ..encoders.windows import windows_of
from ..encoders.word_counts import read_ngrams
from ..labelled_data.base import Advance
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder

KIND = "onnx"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"

_TEXTS = 32
_TOKENS = 1024


class OnnxAbout(About):
    """What is kept beside the two files.

    Attributes:
        task: Whether texts are labelled, or spans in them.
        labels: In the order of the columns; for spans in that of their tags.
        shares: Share of each label in the training data; empty for spans.
        prompt: Text before each text.
        most_tokens: Longer texts are cut to as many tokens, or for spans into windows of as many.
        overlap: For spans, how many tokens neighbouring windows share.
        words_weight: What the log-probabilities of word counts count for beside the network's; 0 where there are none.
        temperature: What the logits are divided by.
        padding_token: What fills the shorter rows of a batch.
        inputs: Names of the model's inputs, in order.
    """

    task: Literal["classification", "extraction"]
    labels: tuple[str, ...]
    shares: tuple[float, ...] = ()
    prompt: str = ""
    most_tokens: int
    overlap: int = 0
    words_weight: float = 0.0
    temperature: float = 1.0
    padding_token: int = 0
    inputs: tuple[str, ...]


class CuttingTokenizer:
    """What a Reader asks a tokenizer of transformers, from tokenizer.json alone; it always cuts.

    Args:
        file: The tokenizer.json.
        most_tokens: Longer texts are cut behind as many tokens.
        overlap: Tokens that what is cut off begins with again, at most half of what is read at once.
    """

    def __init__(self, file: Path, most_tokens: int, overlap: int = 0) -> None:
        self._special = open_tokenizer(file, 0).num_special_tokens_to_add(is_pair=False)
        self._tokenizer = open_tokenizer(file, most_tokens, max(0, min(overlap, (most_tokens - self._special) // 2)))

    def num_special_tokens_to_add(self, pair: bool) -> int:
        """How many tokens stand around a text."""
        return int(self._special)

    def __call__(self, texts: Sequence[str], **_options: object) -> Mapping[str, list[Any]]:
        """The texts as transformers gives them, each followed by what was cut off from it, cut likewise."""
        found = self._tokenizer.encode_batch(list(texts))
        pieces = [(number, piece) for number, each in enumerate(found) for piece in (each, *each.overflowing)]
        return {
            "input_ids": [piece.ids for _, piece in pieces],
            "offset_mapping": [piece.offsets for _, piece in pieces],
            "overflow_to_sample_mapping": [number for number, _ in pieces],
        }

    def first_tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Numbers of the tokens of each text, without what was cut off."""
        return [each.ids for each in self._tokenizer.encode_batch(list(texts))]


class OnnxScorer:
    """Gives the logits of an exported network of texts.

    Args:
        folder: Holds the two files.
        about: What is known beside them.
    """

    def __init__(self, folder: Path, about: OnnxAbout) -> None:
        self._model = _open_network(folder, about)
        self._tokenizer = CuttingTokenizer(folder / TOKENIZER_FILE, about.most_tokens)
        self._words = read_ngrams(folder) if about.words_weight else None
        self._about = about

    def logits(self, texts: Sequence[str], advance: Advance = lambda _: None) -> Logits:
        """Logits of texts, float32 [n, labels]; `advance` hears how many more texts are done."""
        rows = np.empty((len(texts), len(self._about.labels)), dtype=np.float32)
        shown = [self._about.prompt + clipped(text, self._about.most_tokens) for text in texts]
        for part, found in _outputs(self._model, self._tokenizer.first_tokens(shown)):
            rows[part] = found
            advance(len(part))
        if self._words is not None:
            rows = combined(rows, self._words.logits(texts, lambda _: None), self._about.words_weight)
        return rows / np.float32(self._about.temperature)


class OnnxWordScorer:
    """Scores words by an exported network of tokens.

    Args:
        folder: Holds the two files.
        about: What is known beside them.
    """

    def __init__(self, folder: Path, about: OnnxAbout) -> None:
        self._model = _open_network(folder, about)
        self._reader = Reader(
            CuttingTokenizer(folder / TOKENIZER_FILE, about.most_tokens, about.overlap), about.most_tokens
        )
        self._about = about

    def words(self, texts: Sequence[str], advance: Advance) -> list[ScoredWords]:
        """The words of each text with the log-probabilities of their tags."""
        windows = windows_of(self._reader, texts, self._about.overlap)
        logits = np.empty((len(windows.window), len(tag_names(self._about.labels))), dtype=np.float32)
        for part, found in _outputs(self._model, windows.tokens):
            for window, output in zip(part, found, strict=True):
                those = windows.window == window
                logits[those] = output[windows.token[those]]
        advance(len(texts))
        return scored(windows.words, log_softmax(logits) if len(logits) else logits, windows.shared)


def model_from(folder: Path, about: OnnxAbout) -> TextClassifier | TextTagger:
    """Opens the two files of an exported model."""
    if about.task == "extraction":
        return TextTagger(about.labels, OnnxWordScorer(folder, about))
    return TextClassifier(about.labels, about.shares, OnnxScorer(folder, about))


def open_onnx(model: ModelFolder, _settings: object = None) -> TextClassifier | TextTagger:
    """Opens what `exporting.export_model` wrote.

    Args:
        model: The opened model folder.
        _settings: Taken so that all loaders are called alike; an export hangs on no setting.

    Raises:
        UserError: onnxruntime is missing, or a file is damaged.
    """
    about = OnnxAbout.read(model.about, model.path)
    try:
        return model_from(model.path, about)
    except UserError:
        raise
    except Exception as error:
        # Both libraries have exception types of their own, beside those of the system.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise UserError(
            f"{model.path / MODEL_FILE} and {TOKENIZER_FILE} cannot be opened: {reason}",
            "take another version of the model, or export it again",
        ) from error


def _open_network(folder: Path, about: OnnxAbout) -> OnnxModel:
    return OnnxModel(folder / MODEL_FILE, Inputs(about.inputs, padding_token=about.padding_token))


def _outputs(model: OnnxModel, tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Logits]]:
    """Positions of rows and what the model gives for them, batch after batch of rows that share a length."""
    for part in batches_by_length([len(each) for each in tokens], _TEXTS, _TOKENS):
        yield part, model.run([tokens[place] for place in part])
