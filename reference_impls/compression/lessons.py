"""What a smaller network learns from: for classifiers a teacher's answers and labels, for taggers spans."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..encoders.base import Context, spans_of
from ..encoders.batches import LabelledTexts, classification_loss, tagging_loss
from ..encoders.digest import digest_of
from ..encoders.kept import freeze_unused
from ..encoders.reading import Reader
from ..encoders.search import accuracy
from ..encoders.tagger import joined_tags, span_f1
from ..encoders.tagger_tuning import TaggerAbout
from ..encoders.windows import TaggedWindows, windows_of
from ..labelled_data.base import Classifier, Example, Probabilities, Tagger
from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from ..training.base import Batch, Batches, Loss, ParameterGroup, Trained
from ..training.loop import train as train_network
from ..training.run_key import run_key
from .distillation_loss import NO_LABEL, distillation_loss
from .networks import Parts, model_of
from .settings import Settings

_JUDGED = 512
"""Examples by which layers and neurons are judged: enough to tell them apart, and some seconds."""
_BATCH = 32

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Lessons:
    """Texts, and what is known of each.

    Attributes:
        texts: The texts.
        teacher: The teacher's probabilities, float32 [n, labels].
        labels: The number of the true label of each text, or NO_LABEL: int64 [n].
    """

    texts: Sequence[str]
    teacher: Probabilities
    labels: Numbers


class LessonBatches:
    """Tokenised lessons; fits `training.base.Batches`."""

    def __init__(self, reader: Reader, lessons: Lessons) -> None:
        self._texts = LabelledTexts(reader, reader.read(lessons.texts).tokens, lessons.labels)
        self._teacher = torch.from_numpy(lessons.teacher)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each text."""
        return self._texts.lengths

    def collate(self, positions: Sequence[int]) -> Batch:
        """The texts at these positions: the network's inputs, `teacher` [n, labels] and `labels` [n]."""
        return self._texts.collate(positions) | {"teacher": self._teacher[list(positions)]}


def lessons_of(
    teacher: Classifier, train: Sequence[Example], unlabelled: Sequence[str], advance: Callable[[int], object]
) -> Lessons:
    """Asks the teacher all texts.

    Args:
        teacher: Any classifier.
        train: Labelled examples; may be empty.
        unlabelled: Texts without a label; may be empty.
        advance: Hears how many more texts are done.

    Raises:
        UserError: There is no text, or a label that the teacher does not know.
    """
    texts = [*(example.text for example in train), *unlabelled]
    if not texts:
        raise UserError("there is no text to learn from", "give training examples, or texts without labels")
    labels = np.concatenate([numbered(train, teacher.labels), np.full(len(unlabelled), NO_LABEL, dtype=np.int64)])
    return Lessons(texts, np.asarray(teacher.probabilities(texts, advance), dtype=np.float32), labels)


def numbered(examples: Sequence[Example], labels: Sequence[str]) -> Numbers:
    """The number of each example's label, int64 [n].

    Raises:
        UserError: An example has a label that the model does not know, or spans.
    """
    number_of = {label: number for number, label in enumerate(labels)}
    for example in examples:
        if not isinstance(example.target, str) or example.target not in number_of:
            raise UserError(
                f"{example.place}: the model does not know the label {example.target!r:.80}",
                "give data with the labels that the model was trained on",
            )
    return np.array([number_of[str(example.target)] for example in examples], dtype=np.int64)


def judging_batches(parts: Parts, examples: Sequence[Example], seed: int) -> tuple[list[Batch], Loss]:
    """A sample of the examples in batches of like length, and the loss of what they are labelled with."""
    chosen = np.random.default_rng(seed).permutation(len(examples))[:_JUDGED]
    batches, loss = _labelled(parts, [examples[place] for place in chosen])
    order = sorted(range(len(batches.lengths)), key=lambda place: batches.lengths[place])
    return [batches.collate(order[start : start + _BATCH]) for start in range(0, len(order), _BATCH)], loss


def recover(
    parts: Parts,
    whole: Parts,
    train: Sequence[Example],
    validation: Sequence[Example],
    context: Context,
    settings: Settings,
    run: Run,
) -> Trained:
    """Trains what pruning left, in place: a classifier on the whole one's answers too, a tagger on the spans alone."""
    teacher = model_of(whole)
    if isinstance(teacher, Tagger):
        batches, loss = _labelled(parts, train)
        told = digest_of([[example.text, _spans_told(example)] for example in train])
    else:
        lessons = lessons_of(teacher, train, (), run.progress("asking the whole model", len(train)))
        batches, loss, told = taught(parts, lessons, settings)
    return teach(parts, batches, loss, told, validation, settings.recovery_epochs, context, settings, run)


def taught(student: Parts, lessons: Lessons, settings: Settings) -> tuple[Batches, Loss, str]:
    """What a student of a teacher is trained on, by which loss, and a digest of it."""
    told = digest_of([list(lessons.texts), lessons.labels.tolist(), _sha256(lessons.teacher)])
    loss = distillation_loss(settings.temperature, settings.hard_labels)
    return LessonBatches(student.reader, lessons), loss, told


def teach(
    student: Parts,
    batches: Batches,
    loss: Loss,
    told: str,
    validation: Sequence[Example],
    epochs: float,
    context: Context,
    settings: Settings,
    run: Run,
    groups: Sequence[ParameterGroup] = (),
) -> Trained:
    """Trains a network in place; at the end it holds the weights that were best on validation.

    Args:
        student: Its network is trained as a whole.
        batches: What it learns from.
        loss: By which loss.
        told: A digest of what it learns from.
        validation: Labelled examples that decide when to stop; without any it trains to the end.
        epochs: Most passes.
        context: How networks are trained.
        settings: Learning rate.
        run: Where checkpoints are, the seed, and who watches.
        groups: Weights with a rate of their own.

    Raises:
        UserError: As `training.loop.train`.
    """
    if context.training.shared:
        run.tell("a model is made smaller in one process: training.processes counts for the rungs of the ladder")
    # What is taught by another model's answers has no description that other processes could make it from.
    training = context.training.alone().model_copy(update={"epochs": epochs, "learning_rate": settings.learning_rate})
    student.network.requires_grad_(True)
    freeze_unused(student.network.encoder)
    weights = sorted(student.network.state_dict().items())
    trained = train_network(
        student.network,
        batches,
        loss,
        _validate(student, validation) if validation else None,
        training,
        run,
        key=run_key(
            lessons=told,
            student=digest_of([[name, _sha256(weight.detach().cpu().numpy())] for name, weight in weights]),
            validation=digest_of([[example.text, _spans_told(example)] for example in validation]),
            settings=settings.model_dump(mode="json"),
            training=training.deciding(),
            seed=run.seed,
            epochs=run.epochs,
        ),
        groups=groups,
    )
    student.network.to("cpu").requires_grad_(False).eval()
    return trained


def _labelled(parts: Parts, examples: Sequence[Example]) -> tuple[Batches, Loss]:
    texts, about = [example.text for example in examples], parts.about
    if isinstance(about, TaggerAbout):
        windows = windows_of(parts.reader, texts, about.overlap)
        tags = joined_tags(windows.words, [spans_of(example) for example in examples], about.labels)
        return TaggedWindows(parts.reader, windows, tags), tagging_loss(None, 0.0)
    tokens = parts.reader.read(texts).tokens
    return LabelledTexts(parts.reader, tokens, numbered(examples, about.labels)), classification_loss(None, 0.0)


def _validate(student: Parts, validation: Sequence[Example]) -> Callable[[], float]:
    model, texts = model_of(student), [example.text for example in validation]
    if isinstance(model, Tagger):
        wanted = [spans_of(example) for example in validation]
        return lambda: span_f1(wanted, model.spans(texts))
    numbers = numbered(validation, model.labels)
    return lambda: accuracy(model.probabilities(texts), numbers)


def _spans_told(example: Example) -> object:
    target = example.target
    return target if isinstance(target, str) else [[span.start, span.end, span.label] for span in target]


def _sha256(array: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
