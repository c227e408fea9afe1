"""What all rungs of this room share: their settings, the labels, and the classifier that they hand back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from ..embedding.settings import Settings as EmbeddingSettings
from ..labelled_data.base import Advance, Example, Probabilities, Span
from ..project_base.errors import UserError
from ..training.settings import Settings as TrainingSettings
from .logs import softmax
from .settings import Settings
from .vectors import TextVectors

Logits = NDArray[np.float32]
Numbers = NDArray[np.int64]
AboutModel = TypeVar("AboutModel", bound="About")


class About(BaseModel):
    """Base of what a kind of model keeps in model.json; keys that others add for the model card are let be."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    @classmethod
    def read(cls: type[AboutModel], about: Mapping[str, object], folder: Path) -> AboutModel:
        """Reads it from an opened model.

        Raises:
            UserError: Something is missing or of another type.
        """
        try:
            return cls.model_validate(dict(about))
        except ValidationError as error:
            first = error.errors()[0]
            raise UserError(
                f"{folder / 'model.json'}: about.{'.'.join(map(str, first['loc']))}: {first['msg']}",
                "the file was changed by hand or by another program: take another version of the model",
            ) from error


class Choice(About):
    """What held-out examples chose for the heads.

    Attributes:
        inverse_penalty: C of the layer on vectors; None where there is none.
        words_inverse_penalty: C of the layer on word counts.
        words_weight: What the log-probabilities of the counts count for beside those of the vectors.
        temperature: What logits are divided by, so that probabilities are as sure as they may be.
    """

    inverse_penalty: float | None = None
    words_inverse_penalty: float | None = None
    words_weight: float = 0.0
    temperature: float = 1.0

    @property
    def penalty(self) -> float:
        """C of the layer on vectors, of a head that has one."""
        if self.inverse_penalty is None:
            raise ValueError("this model has no layer on vectors")
        return self.inverse_penalty


@dataclass(frozen=True)
class Context:
    """What the rungs of one project share.

    Attributes:
        encoders: The settings of this room.
        embedding: Names the text encoder, which is frozen in some rungs and tuned in others.
        training: How the tuned rungs are trained.
        vectors: Remembers the vectors of the frozen encoder, so that climbing the ladder embeds no text twice.
        choice: What an earlier training chose, for a refit on all data that keeps to it; None chooses anew.
    """

    encoders: Settings = field(default_factory=Settings)
    embedding: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    vectors: TextVectors = field(default_factory=TextVectors)
    choice: Choice | None = None


class Scorer(Protocol):
    """The part of a classifier that differs from rung to rung."""

    def logits(self, texts: Sequence[str], advance: Advance) -> Logits:
        """Logits of texts that are not blank, float32 [n, labels]; their softmax gives the probabilities."""
        ...


class TextClassifier:
    """A classifier of any rung. A text without any visible character says nothing, and gets the labels' shares.

    Args:
        labels: In the order of the columns.
        shares: Share of each label in the training data, float32 [labels].
        scorer: Gives the logits of all other texts.
    """

    def __init__(self, labels: Sequence[str], shares: Sequence[float] | Probabilities, scorer: Scorer) -> None:
        self._labels = tuple(labels)
        self._shares = np.asarray(shares, dtype=np.float32)
        self.scorer = scorer

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns."""
        return self._labels

    @property
    def shares(self) -> Probabilities:
        """Share of each label in the training data, float32 [labels]."""
        return self._shares

    def probabilities(self, texts: Sequence[str], advance: Advance = lambda _: None) -> Probabilities:
        """float32 [n, labels], rows sum to 1; `advance` hears how many more texts are done."""
        rows = np.tile(self._shares, (len(texts), 1))
        told = [place for place, text in enumerate(texts) if not is_blank(text)]
        advance(len(texts) - len(told))
        if told:
            rows[told] = softmax(self.scorer.logits([texts[place] for place in told], advance))
        return rows


def is_blank(text: str) -> bool:
    """Whether a text holds nothing that can be read: it is empty, or white space alone."""
    return not text or text.isspace()


@dataclass(frozen=True)
class Labelled:
    """Examples of a classification, with numbers for labels.

    Attributes:
        labels: The labels of the training data, sorted.
        texts: The training texts.
        numbers: The label of each, int64 [n].
        validation_texts: The validation texts; empty for a refit.
        validation_numbers: The label of each.
        units: What each training text hangs together with, as `labelled_data.base.Example.unit`; empty for nothing.
    """

    labels: tuple[str, ...]
    texts: list[str]
    numbers: Numbers
    validation_texts: list[str]
    validation_numbers: Numbers
    units: tuple[str, ...] = ()

    @property
    def told_shares(self) -> tuple[float, ...]:
        """The same as plain numbers."""
        return tuple(float(share) for share in self.shares)

    @property
    def all_texts(self) -> list[str]:
        """The training and then the validation texts."""
        return [*self.texts, *self.validation_texts]

    @property
    def all_numbers(self) -> Numbers:
        """Their labels, int64."""
        return np.concatenate([self.numbers, self.validation_numbers])

    @property
    def shares(self) -> Probabilities:
        """Share of each label in the training data, float32 [labels]."""
        counts = np.bincount(self.numbers, minlength=len(self.labels))
        shares: Probabilities = (counts / counts.sum()).astype(np.float32)
        return shares


def labelled(train: Sequence[Example], validation: Sequence[Example], fewest_labels: int = 2) -> Labelled:
    """Numbers the labels.

    Args:
        train: Examples whose target is a label.
        validation: Likewise; may be empty.
        fewest_labels: With fewer labels than this there is nothing to learn.

    Raises:
        UserError: There are too few labels, or a label of validation is in no training example.
    """
    if not train:
        raise UserError("there is no training example", "give labelled examples, about 10 for each label at least")
    labels = tuple(sorted({label_of(example) for example in train}))
    if len(labels) < fewest_labels:
        raise UserError(
            f"all {len(train)} training examples have the label {labels[0]!r}, so there is nothing to tell apart",
            "add examples of at least one other label",
        )
    number_of = {label: number for number, label in enumerate(labels)}
    for example in validation:
        if label_of(example) not in number_of:
            raise UserError(
                f"{example.place}: the label {label_of(example)!r} of a validation example is in no training example",
                "add training examples of this label, or take it out of the validation data",
            )
    return Labelled(
        labels=labels,
        texts=[example.text for example in train],
        numbers=np.array([number_of[label_of(example)] for example in train], dtype=np.int64),
        validation_texts=[example.text for example in validation],
        validation_numbers=np.array([number_of[label_of(example)] for example in validation], dtype=np.int64),
        units=tuple(example.unit for example in train),
    )


def label_of(example: Example) -> str:
    """The label of an example of a classification.

    Raises:
        UserError: Its target is none.
    """
    if not isinstance(example.target, str):
        raise UserError(f"{example.place}: this example has spans and no label", "train it as an extraction")
    return example.target


def spans_of(example: Example) -> tuple[Span, ...]:
    """The spans of an example of an extraction.

    Raises:
        UserError: Its target is none.
    """
    if isinstance(example.target, str):
        raise UserError(f"{example.place}: this example has a label and no spans", "train it as a classification")
    return example.target
