"""Opens what a project's settings name: prompt, items, documents, and what answers."""

import hashlib
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from ...corpus.chunking import chunk_document
from ...embedding.base import Embedder
from ...embedding.load import load_embedder
from ...language_models.chat import ChatModel
from ...language_models.choose import make_chat_model
from ...project_base.errors import UserError
from ..asking.answered import Answerer
from ..asking.journal import Journal
from ..asking.paying import PayingModel
from ..asking.prompted import PromptedModel
from ..asking.shots import Shots
from ..asking.stand_in import NearestExample, QuotedSentences
from ..documents.field_stand_in import FieldsInText
from ..documents.reading import Documents, read_documents
from ..documents.whole_corpus import WholeCorpus, whole_corpus
from ..items.base import Item
from ..items.reading import read_items
from ..prompts.prompt_file import PromptFile, read_prompt
from ..settings import ProjectSettings


class Opened:
    """A project with its prompt; what takes long is opened when it is first needed.

    Args:
        settings: Of the project.
        prompt_path: Another prompt than the one of the settings; None takes that.
        embedder: Loads the embedder; None loads that of the settings.

    Raises:
        UserError: The prompt cannot be read, or does not fit the method.
    """

    def __init__(
        self,
        settings: ProjectSettings,
        prompt_path: Path | None = None,
        embedder: Callable[[], Embedder] | None = None,
    ) -> None:
        self.settings = settings
        self.own = settings.prompting
        self.prompt = read_prompt(prompt_path or Path(self.own.prompt))
        self.runs_folder = Path(self.own.runs_folder)
        self._load = embedder or (lambda: load_embedder(settings.embedding))
        self._embedder: Embedder | None = None
        _check_fit(self.prompt, self.own.method)

    def embedder(self) -> Embedder:
        """The embedder, loaded once."""
        if self._embedder is None:
            self._embedder = self._load()
        return self._embedder

    @cached_property
    def items(self) -> list[Item]:
        """The evaluation set."""
        return read_items(Path(self.own.items))

    @cached_property
    def examples(self) -> list[Item]:
        """The worked examples that are complete; none for other methods than few_shot."""
        if self.own.method != "few_shot" or not self.own.examples:
            return []
        return [example for example in read_items(Path(self.own.examples)) if example.complete]

    @cached_property
    def documents(self) -> Documents | None:
        """The documents; None for few_shot."""
        return None if self.own.method == "few_shot" else read_documents(self.settings.corpus)

    @cached_property
    def chat_model(self) -> ChatModel | None:
        """The model; None where a stand-in answers."""
        return make_chat_model(self.settings.language_models)

    @cached_property
    def corpus(self) -> WholeCorpus | None:
        """The whole corpus in one text, where the method sends it.

        Raises:
            UserError: It does not fit.
        """
        if self.own.method != "whole_corpus" or self.documents is None:
            return None
        most = self.settings.language_models.max_new_tokens
        return whole_corpus(self.documents, self.prompt, self.own, self.chat_model, most)

    @cached_property
    def shots(self) -> Shots:
        """The worked examples, chosen as set."""
        return Shots(self.examples, self.own.shots, self.own.choose_shots, self.embedder)

    @cached_property
    def reduce_prompt(self) -> PromptFile | None:
        """The prompt that words the result of map_reduce."""
        return read_prompt(Path(self.own.reduce_prompt)) if self.own.reduce_prompt else None

    def paying(self, journal: Journal | None) -> PayingModel | None:
        """The model behind a journal; None where a stand-in answers."""
        if self.chat_model is None:
            return None
        return PayingModel(self.chat_model, self.settings.language_models, journal)

    def answerer(self, paying: PayingModel | None) -> Answerer:
        """What answers: the prompted model, or the stand-in of the method.

        Raises:
            UserError: The corpus does not fit.
        """
        corpus = self.corpus
        models = self.settings.language_models
        if paying is not None:
            name = models.model if models.generator == "local" else f"{models.model} at {models.base_url}"
            # A local model is one, however many ask it.
            own = self.own.model_copy(update={"concurrent": 1}) if models.generator == "local" else self.own
            return PromptedModel(
                self.prompt,
                paying,
                name,
                own,
                self.shots,
                corpus.text if corpus else "",
                "document" if self.own.method == "map_reduce" else "input",
                models.max_new_tokens,
            )
        if self.own.method == "map_reduce":
            return FieldsInText(self.prompt.declaration)
        if self.own.method == "whole_corpus" and self.documents is not None:
            chunks = [
                chunk
                for document in self.documents.documents
                for chunk in chunk_document(document, self.settings.corpus)
            ]
            return QuotedSentences(chunks, self.embedder, models.answer_sentences)
        return NearestExample(self.shots)

    def key(self) -> str:
        """Of all that decides the outputs, in hexadecimal."""
        models = self.settings.language_models
        told = {
            "prompt": self.prompt.sha256,
            "reduce": self.reduce_prompt.sha256 if self.reduce_prompt else "",
            "model": [models.generator, models.model, models.base_url, models.temperature, models.max_new_tokens],
            "method": [self.own.method, self.own.shots, self.own.choose_shots, self.own.response_format],
            "repair": self.own.repair,
            "question": self.own.question,
            "examples": [example.sha256 for example in self.examples],
            "documents": self.documents.sha256 if self.documents else "",
            "items": items_digest(self.items),
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _check_fit(prompt: PromptFile, method: str) -> None:
    declared = prompt.declaration
    if method == "map_reduce" and declared.shape != "fields":
        raise UserError(
            f"{prompt.path} declares output: {declared.shape}, and map_reduce adds up fields",
            "declare output: fields in its head, with quotes: true, or set prompting.prompt to such a file",
        )
    if declared.quotes and method != "map_reduce":
        raise UserError(
            f"{prompt.path} asks for quotes, which are checked against the documents of map_reduce alone",
            "leave quotes out of its head, or set prompting.method to map_reduce",
        )


def items_digest(items: list[Item]) -> str:
    """Of all items together, whatever their order."""
    return hashlib.sha256("".join(sorted(item.sha256 for item in items)).encode()).hexdigest()
