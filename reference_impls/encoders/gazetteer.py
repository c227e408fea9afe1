"""The floor of every extraction: strings that were labelled in training are labelled again, wherever they stand."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..labelled_data.base import Advance, Example, Span
from ..labelled_data.rungs import Fit, Fitted, Run
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder
from .base import About, Context
from .tagger import tagged
from .tags import words_in

KIND = "gazetteer"

_ENTRIES = "entries.json"
_BETWEEN = " "

Key = tuple[str, ...]
"""The words of a string, whatever stands between them."""


class GazetteerAbout(About):
    """What is kept of it beside its entries."""

    labels: tuple[str, ...]


class Gazetteer:
    """Labels the strings that it knows, the longest first.

    Args:
        labels: The labels that spans can have.
        entries: The label of each string, by its words.
    """

    def __init__(self, labels: Sequence[str], entries: Mapping[Key, str]) -> None:
        self._labels = tuple(labels)
        self._entries = entries
        self._longest: dict[str, int] = {}
        for key in entries:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that spans can have, in order."""
        return self._labels

    @property
    def entries(self) -> Mapping[Key, str]:
        """The label of each string, by its words."""
        return self._entries

    def spans(self, texts: Sequence[str], advance: Advance = lambda _: None) -> list[tuple[Span, ...]]:
        """The spans of each text, in order and without overlap."""
        found = []
        for text in texts:
            found.append(tuple(Span(start, end, self._entries[key]) for start, end, key in self.matches(text)))
            advance(1)
        return found

    def matches(self, text: str) -> Iterator[tuple[int, int, Key]]:
        """Start, end and words of each known string in a text."""
        places = words_in(text).tolist()
        words = [text[start:end] for start, end in places]
        at = 0
        while at < len(words):
            for length in range(min(self._longest.get(words[at], 0), len(words) - at), 0, -1):
                key = tuple(words[at : at + length])
                if key in self._entries:
                    yield places[at][0], places[at + length - 1][1], key
                    at += length
                    break
            else:
                at += 1


def gazetteer(context: Context) -> Fit:
    """The rung that knows by heart what was labelled, and nothing else."""
    del context

    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        started = time.perf_counter()
        data = tagged(train, validation, run)
        labelled: dict[Key, Counter[str]] = {}
        for text, spans in zip(data.texts, data.spans, strict=True):
            for span in spans:
                piece = text[span.start : span.end]
                key = tuple(piece[start:end] for start, end in words_in(piece).tolist())
                if key:
                    labelled.setdefault(key, Counter())[span.label] += 1
        commonest = {key: min(counts, key=lambda label: (-counts[label], label)) for key, counts in labelled.items()}
        seen = Counter(key for text in data.texts for _, _, key in Gazetteer(data.labels, commonest).matches(text))
        # A string that is mostly not labelled, such as May or Will, would do more harm than good.
        kept = {key: label for key, label in commonest.items() if 2 * labelled[key].total() >= seen[key]}
        model = Gazetteer(data.labels, kept)
        return Fitted(
            model=model,
            kind=KIND,
            about=GazetteerAbout(labels=data.labels).model_dump(mode="json"),
            write=lambda folder: _write(model, folder),
            measured={"seconds": time.perf_counter() - started, "parameters": float(len(kept))},
        )

    return fit


def load_gazetteer(model: ModelFolder, context: Context) -> Gazetteer:
    """Opens what `gazetteer` wrote.

    Raises:
        UserError: The file is damaged.
    """
    del context
    about = GazetteerAbout.read(model.about, model.path)
    file = model.path / _ENTRIES
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        entries = {tuple(str(key).split(_BETWEEN)): str(label) for key, label in told.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise UserError(
            f"{file} cannot be read: {error}", "take another version of the model, or train it again"
        ) from error
    return Gazetteer(about.labels, entries)


def _write(model: Gazetteer, folder: Path) -> None:
    told = {_BETWEEN.join(key): label for key, label in sorted(model.entries.items())}
    content = json.dumps(told, indent=0, ensure_ascii=True) + "\n"
    (folder / _ENTRIES).write_text(content, encoding="utf-8", newline="\n")
