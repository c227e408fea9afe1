"""A tuned causal model of the registry as the model that answers from passages, and its untuned base likewise."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

from ..generators.bases import find_base, find_base_again
from ..generators.kinds import open_base
from ..generators.writer import CausalWriter
from ..labelled_data.base import Turn
from ..language_models.base import Generation, Prompt
from ..language_models.prompting import conversation, read_generation
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder, open_model
from ..registry.registry import Registry
from ..registry.version import Version
from .base import Finding
from .patterns import PatternName
from .settings import ProjectSettings
from .tuned_half import InUse

_NO_TASK = (
    "the tuned part of this pattern writes, and fine_tuning.task is {task}",
    "set fine_tuning.task to generation, and fine_tuning.examples as config.yaml explains",
)


class TunedGenerator:
    """Answers from passages with a causal model; several threads may ask, one after the other is answered.

    Args:
        current: The model to answer with, asked before each answer, so that a promotion counts from the next one on.
    """

    def __init__(self, current: Callable[[], CausalWriter]) -> None:
        self._current = current
        self._turn = threading.Lock()

    def generate(self, prompt: Prompt) -> Generation:
        """Answers from the passages; the last ones are left out where the model's window is too small for all.

        Raises:
            UserError: Not even the best passage fits, or the chat template refuses the conversation.
        """
        with self._turn:
            writer = self._current()
            used, turns = fitting(prompt, writer)
            return read_generation(writer.write([turns])[0], used)

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """Answers like `generate`; the whole text is one piece."""
        generation = self.generate(prompt)
        if generation.text:
            yield generation.text
        yield generation

    def complete(self, instruction: str, text: str) -> str:
        """What the model writes about a text.

        Raises:
            UserError: The chat template refuses the conversation.
        """
        with self._turn:
            return self._current().write([(Turn("system", instruction), Turn("user", text))])[0]


def turns_of(prompt: Prompt) -> tuple[Turn, ...]:
    """The conversation that a model answers, the very one in training and in service."""
    return tuple(
        Turn("system" if each["role"] == "system" else "user", each["content"]) for each in conversation(prompt)
    )


def fitting(prompt: Prompt, writer: CausalWriter) -> tuple[Prompt, tuple[Turn, ...]]:
    """The prompt with as many of its first passages as fit, and its conversation.

    Raises:
        UserError: Not even the first passage fits.
    """
    room = writer.window - min(writer.settings.max_new_tokens, writer.window // 2)
    for count in range(len(prompt.passages), 0, -1):
        shorter = Prompt(prompt.question, prompt.passages[:count], prompt.question_vector)
        turns = turns_of(shorter)
        if len(writer.chat.prompt(turns)) <= room:
            return shorter, turns
    raise UserError(
        f"question and best passage do not fit into the {writer.window} tokens of the model beside "
        f"{writer.settings.max_new_tokens} new ones",
        "lower generators.max_new_tokens or corpus.chunk_words, or choose a model with a longer window",
    )


class LiveWriter:
    """The writing model that is meant: a named version, or the one in service.

    Args:
        settings: Of the project.
        version: Id or number; empty follows the version in service.

    Raises:
        UserError: See `tuned_half.InUse`; or the version does not write.
    """

    def __init__(self, settings: ProjectSettings, version: str = "") -> None:
        check_task(settings)
        self._version = InUse(settings, version)

    @property
    def version(self) -> str:
        """Its id."""
        return self._version.current().name

    def current(self) -> CausalWriter:
        """The model, with the version of this moment."""
        return cast("CausalWriter", self._version.current().model)


def untuned_writer(settings: ProjectSettings, version: Version) -> CausalWriter:
    """The base model of a version, as it was before.

    Raises:
        UserError: It is gone or another one now.
    """
    return open_base(model_of(version).about, settings.generators)


def model_of(version: Version) -> ModelFolder:
    """The model folder of a version."""
    return open_model(version.path, "size")


def made_for(pattern: PatternName) -> Callable[[Version], bool]:
    """Tells the versions that a pattern made, by the name of the rows that they were trained on."""
    return lambda version: version.about.get("data_name") == f"{pattern}.jsonl"


def check_task(settings: ProjectSettings) -> None:
    """Makes sure that the tuned half writes.

    Raises:
        UserError: It sorts or marks.
    """
    if settings.fine_tuning.task != "generation":
        told, next_step = _NO_TASK
        raise UserError(told.format(task=settings.fine_tuning.task), next_step)


def check_model(settings: ProjectSettings, made: Callable[[Version], bool]) -> list[Finding]:
    """Whether the base model is there, and is that of the newest version of a pattern and of the one in service."""
    findings = []
    try:
        check_task(settings)
        if settings.generators.model == "stand_in":
            findings.append(
                Finding(
                    "generators.model is stand_in, which is tiny and untrained: it shows that every step works, and "
                    "writes nothing of use",
                    "set generators.model to the hub name or the folder of a causal language model",
                )
            )
        else:
            find_base(settings.generators, (), settings.labelled_data.seed)
        registry = Registry(Path(settings.registry.folder))
        event = registry.in_service()
        wanted = {event.version} if event else set()
        versions = [version for version in registry.versions() if not version.damage]
        wanted |= {version.id for version in [each for each in versions if made(each)][-1:]}
        for version in versions:
            if version.id in wanted and (about := model_of(version).about).get("base"):
                find_base_again(about, settings.generators)
    except UserError as error:
        findings.append(Finding(error.message, error.next_step, blocking=True))
    return findings


def notices(writers: Sequence[CausalWriter]) -> tuple[str, ...]:
    """What has to be said with everything that models write, each once."""
    return tuple(dict.fromkeys(writer.notice for writer in writers if writer.notice))
