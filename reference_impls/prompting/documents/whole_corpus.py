"""All documents in one prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...corpus.documents import Document
from ...language_models.chat import ChatModel
from ...project_base.errors import UserError
from ..asking.messages import fenced, system_message
from ..asking.tokens import tokens_of
from ..prompts.prompt_file import PromptFile
from ..settings import Settings
from .reading import Documents


@dataclass(frozen=True)
class WholeCorpus:
    """A corpus as it stands in a prompt.

    Attributes:
        text: All documents, fenced, in the order of their paths.
        tokens: Of the part of the prompt that all questions share.
        counted: Whether the model's tokenizer counted them; else they are estimated.
    """

    text: str
    tokens: int
    counted: bool


def as_text(documents: Sequence[Document]) -> str:
    """All documents, each between tags with its path."""
    return fenced_all([(document.path, document.text) for document in documents])


def fenced_all(pairs: Sequence[tuple[str, str]]) -> str:
    """Texts by path, each between tags that it cannot close."""
    return "\n\n".join(fenced(text, "document", f' path="{path.replace(chr(34), chr(39))}"') for path, text in pairs)


def whole_corpus(
    documents: Documents, prompt: PromptFile, settings: Settings, model: ChatModel | None, max_new_tokens: int
) -> WholeCorpus:
    """The corpus, where it fits.

    Args:
        documents: All of them.
        prompt: The instruction that stands before them.
        settings: `window_tokens` and `most_corpus_tokens`.
        model: Counts tokens; None estimates them.
        max_new_tokens: What the answer may take of the window.

    Raises:
        UserError: It does not fit, or is larger than allowed.
    """
    text = as_text(documents.documents)
    tokens, counted = tokens_of(model, [system_message(prompt, text)])
    about = "" if counted else "about "
    told = f"instruction and {len(documents.documents)} documents have {about}{tokens:,} tokens"
    instead = "retrieval finds the passages that matter, and map_reduce reads each document by itself"
    if tokens > settings.most_corpus_tokens:
        raise UserError(
            f"{told}, more than prompting.most_corpus_tokens ({settings.most_corpus_tokens:,})",
            f"take out what no question needs, or change the approach: {instead}",
        )
    if tokens + max_new_tokens >= settings.window_tokens:
        raise UserError(
            f"{told}; with {max_new_tokens:,} for the answer that is more than the model reads "
            f"(prompting.window_tokens: {settings.window_tokens:,})",
            f"set prompting.window_tokens to what your model reads, or change the approach: {instead}",
        )
    return WholeCorpus(text, tokens, counted)
