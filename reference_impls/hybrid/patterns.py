"""The table of patterns: which there are, what each is, and how each is dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from ..project_base.rooms import room_module

if TYPE_CHECKING:
    from .base import Pattern

PatternName = Literal[
    "router", "tuned_retriever", "tuned_inside_rag", "rag_then_writer", "retrieved_context_tuning", "tuned_helper"
]
CellName = Literal["base", "base_retrieval", "tuned", "tuned_retrieval"]


@dataclass(frozen=True)
class PatternWords:
    """A pattern in words.

    Attributes:
        title: As the advice names it.
        does: What it does, in one sentence.
        tuned_part: What is tuned.
        dropping: How to go on with one half alone; one paragraph.
        halves_first: The cells that the hybrid is compared with, the halves alone before the untuned, unretrieving one.
    """

    title: str
    does: str
    tuned_part: str
    dropping: str
    halves_first: tuple[CellName, ...] = ("base_retrieval", "tuned", "base")


PATTERNS: Final[Mapping[PatternName, PatternWords]] = {
    "router": PatternWords(
        title="Router between a tuned model and RAG",
        does="A tuned classifier sends repeated requests to their fixed handling, and all others to retrieval.",
        tuned_part="a classifier of requests",
        dropping="Without the router every request goes to retrieval: `drop --keep rag` writes the settings for that, "
        "and the file of fixed answers can become a document of the corpus. Without retrieval the classifier sorts "
        "requests and a person answers what it is unsure of: `drop --keep fine_tuning`.",
    ),
    "tuned_retriever": PatternWords(
        title="RAG with a tuned retriever",
        does="The embedder learns from pairs of questions and right passages, and answers come as before.",
        tuned_part="an embedder for search",
        dropping="Without the tuned retriever the index is built with the untuned embedder again: `drop --keep rag` "
        "writes the settings for that, then `index --rebuild`. The pairs stay, since they judge the next ready model. "
        "The tuned embedder alone answers nothing.",
    ),
    "tuned_inside_rag": PatternWords(
        title="Tuned model inside RAG",
        does="Retrieval fetches the facts, and a model tuned on your task answers from them.",
        tuned_part="the model that answers",
        dropping="Without the tuned model the untuned one answers from the same passages: `drop --keep rag` writes the "
        "settings for that. Without retrieval the tuned model answers from memory alone: `drop --keep fine_tuning`, "
        "and only where no fact is asked for.",
    ),
    "rag_then_writer": PatternWords(
        title="RAG, then a tuned writer",
        does="Retrieval states the facts with their sources, and a tuned writer words them in the house style.",
        tuned_part="the writer",
        dropping="Without the writer the stated facts are the answer: `drop --keep rag` writes the settings for that. "
        "Without retrieval the writer rewords texts that somebody else has checked: `drop --keep fine_tuning`.",
    ),
    "retrieved_context_tuning": PatternWords(
        title="Tuning on retrieved context",
        does="The model that answers is trained on questions with the passages that search returns, distractors too.",
        tuned_part="the model that answers",
        dropping="Without the tuning the untuned model answers from the same passages: `drop --keep rag` writes the "
        "settings for that; a reranker and fewer passages are tried first. Without retrieval nothing is left that was "
        "trained for: `drop --keep fine_tuning` keeps the model, and it is not advised.",
    ),
    "tuned_helper": PatternWords(
        title="Tuned helper beside a closed model",
        does="A closed model answers from the passages, and a small tuned model checks what it says and mends it.",
        tuned_part="a classifier of the sentences that a closed model writes",
        dropping="Without the helper the closed model's answers go out as they are: `drop --keep rag` writes the "
        "settings for that, and the marked examples test every new version of the closed model. Without retrieval the "
        "helper marks texts that others write: `drop --keep fine_tuning`.",
    ),
}


def load_pattern(name: PatternName) -> "Pattern":
    """The functions of a pattern, with all that they import."""
    return cast("Pattern", room_module("hybrid", f"{name}.pattern"))
