"""Opens a model and answers with it: honest probabilities, and silence where it is too unsure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from ...labelled_data.base import Advance, Classifier, Example, Model, Probabilities, Span, Tagger, Task, Writer
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.model_folder import ModelFolder, open_model
from ...registry.registry import Registry
from ...registry.version import model_digest
from ..ladder.models import open_model_of
from ..settings import ProjectSettings
from .answering_rules import ANSWERING, Rules, keep_rules, read_rules, rules_as_made

__all__ = [
    "ANSWERING",
    "Answer",
    "Answering",
    "Rules",
    "Tell",
    "find_model",
    "keep_rules",
    "open_answering",
    "read_rules",
]

Tell = Callable[[str], object]


@dataclass(frozen=True)
class Answer:
    """What a model says of one text.

    Attributes:
        label: Of a classification: the likeliest label, also where the model abstains.
        confidence: Its calibrated probability; None for other tasks.
        abstained: Whether the model is too unsure to answer.
        ranked: All labels with their calibrated probabilities, likeliest first.
        spans: Of an extraction.
        text: Of a generation.
    """

    label: str = ""
    confidence: float | None = None
    abstained: bool = False
    ranked: tuple[tuple[str, float], ...] = ()
    spans: tuple[Span, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Answering:
    """A model that is ready to answer.

    Attributes:
        name: The version, or the path of a folder outside of the registry.
        folder: Its files.
        task: What it does.
        model: Of the task's kind.
        rules: How its probabilities are read.
        notes: What whoever uses it should know, one sentence each.
    """

    name: str
    folder: ModelFolder
    task: Task
    model: Model
    rules: Rules
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can answer; empty for generation."""
        return () if self.task == "generation" else cast("Classifier | Tagger", self.model).labels

    def probabilities(self, texts: Sequence[str], advance: Advance = lambda _: None) -> Probabilities:
        """Calibrated probabilities of a classifier: float32 [n, labels], rows sum to 1."""
        return self.rules.calibrated(cast("Classifier", self.model).probabilities(texts, advance))

    def answers(self, examples: Sequence[Example], advance: Advance = lambda _: None) -> list[Answer]:
        """Answers one text after another.

        Args:
            examples: Their text is read, for generation their turns; their targets are not.
            advance: Hears how many more are done.
        """
        if not examples:
            return []
        texts = [example.text for example in examples]
        if self.task == "classification":
            return [self._answer(row) for row in self.probabilities(texts, advance)]
        if self.task == "extraction":
            return [Answer(spans=tuple(spans)) for spans in cast("Tagger", self.model).spans(texts, advance)]
        written = cast("Writer", self.model).write([example.turns for example in examples], advance)
        return [Answer(text=text) for text in written]

    def _answer(self, row: Probabilities) -> Answer:
        order = np.argsort(-row, kind="stable").tolist()
        ranked = tuple((self.labels[place], float(row[place])) for place in order)
        label, confidence = ranked[0]
        return Answer(label, confidence, self.rules.abstains(confidence), ranked)


def open_answering(settings: ProjectSettings, wanted: str = "", tell: Tell = lambda _: None) -> Answering:
    """Opens a model.

    Args:
        settings: Of the project.
        wanted: Id or number of a version, or the path of a model's folder; empty for the version in service.
        tell: Hears the notes too.

    Raises:
        UserError: There is no such model, none is in service, it is damaged, or it was made for another task.
    """
    folder, name = find_model(settings, wanted)
    task = task_of(folder, name, settings)
    rules, notes = rules_of(folder, name, settings)
    for note in notes:
        tell(note)
    return Answering(name, folder, task, open_model_of(folder, settings), rules, notes)


def find_model(settings: ProjectSettings, wanted: str = "") -> tuple[ModelFolder, str]:
    """The folder of a model, all of its files compared with their hashes, and what messages call it.

    Raises:
        UserError: As `open_answering`.
    """
    registry = Registry(Path(settings.registry.folder))
    if not wanted:
        champion = registry.champion()
        if champion is None:
            raise UserError(
                f"no version of {registry.folder} is in service yet",
                f"name one, or put one in service: {command_line('promote VERSION')}; {command_line('models')} lists "
                "them",
            )
        return champion, champion.path.name
    if Path(wanted).name != wanted or (Path(wanted) / "model.json").is_file():
        return open_model(Path(wanted)), wanted
    version = registry.find(wanted)
    return registry.open(version.id), version.id


def task_of(folder: ModelFolder, name: str, settings: ProjectSettings) -> Task:
    """The task of a model, which must be the one of the project.

    Raises:
        UserError: It was made for another one.
    """
    wanted = settings.fine_tuning.task
    made_for = folder.about.get("task", wanted)
    if made_for != wanted:
        raise UserError(
            f"{name} was made for {made_for}, and fine_tuning.task is {wanted}",
            "set fine_tuning.task to what the model was made for, or take another version",
        )
    return wanted


def rules_of(folder: ModelFolder, name: str, settings: ProjectSettings) -> tuple[Rules, tuple[str, ...]]:
    """How a model's probabilities are read, and what should be known about that.

    Raises:
        UserError: answering.json is damaged.
    """
    wanted = settings.fine_tuning.abstain_accuracy
    digest = model_digest(folder.path)
    kept = read_rules(folder.path)
    again = command_line(f"evaluate {name}")
    if settings.fine_tuning.task != "classification":
        return Rules(model_sha256=digest), ()
    if kept is None or kept.model_sha256 != digest:
        kept = rules_as_made(folder, digest)
    if kept is None:
        told = f"{name} came without a calibration: its probabilities are as the model gives them"
        return Rules(model_sha256=digest), (f"{told}, and it answers everything ({again})",)
    if kept.wanted_accuracy != wanted:
        return kept, (
            f"fine_tuning.abstain_accuracy is {wanted:g}, and the threshold of {name} was chosen for "
            f"{kept.wanted_accuracy:g}: evaluate it again ({again})",
        )
    if kept.threshold is None:
        return kept, (f"no threshold promises {wanted:g} right answers, so {name} abstains from all of them",)
    return kept, ()
