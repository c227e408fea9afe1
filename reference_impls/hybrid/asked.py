"""Looks at the file of questions before anything is judged by it: misspelt keys, and documents that the index lacks."""

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..corpus.reading import list_files
from ..evaluation.questions import Question, read_questions
from ..project_base.errors import UserError
from ..rag.evaluate import gold_paths
from ..retrieval.manifest import Manifest
from .base import Finding
from .settings import ProjectSettings

_KEYS: Final = (*Question.model_fields, "answer", "doc")
_SHORT: Final = {"answer": "answers", "doc": "gold_docs"}
_OTHER_NAMES: Final = {"document": "doc", "documents": "gold_docs", "source": "doc", "sources": "gold_docs"}
_NEAR: Final = 0.75
"""From which likeness on a key is taken for a misspelt one; others are the owner's own, and are left alone."""
_PAIRS: Final = {"tuned_retriever", "retrieved_context_tuning"}
_NAMED: Final = 3


def check_questions(settings: ProjectSettings, manifest: Manifest) -> list[Finding]:
    """What keeps the questions that judge from judging, or makes them judge something else.

    Args:
        settings: Of the project.
        manifest: Of its index.
    """
    pairs = settings.hybrid.pattern in _PAIRS
    name, file = ("hybrid.pairs", settings.hybrid.pairs) if pairs else ("rag.questions", settings.rag.questions)
    try:
        questions = read_questions(Path(file))
    except UserError as error:
        return [Finding(error.message, error.next_step, blocking=True)]
    found = [*_misspelt(Path(file)), *_without_reference(Path(file), questions)]
    paths = [document.path for document in manifest.documents]
    asked = [each for each in questions if each.answerable and each.gold_docs]
    lacking = [each for each in asked if not gold_paths(each, paths)]
    if lacking:
        named = ", ".join(f"{each.id} ({', '.join(each.gold_docs)})" for each in lacking[:_NAMED])
        found.append(
            Finding(
                f"{file}: {len(lacking)} of {len(asked)} questions name documents that the index lacks: {named}"
                + _more(len(lacking))
                + _meant(lacking[0], paths),
                f"correct doc or gold_docs in {name}, or index what they name",
                blocking=len(lacking) == len(asked),
            )
        )
    return found


def check_corpus(settings: ProjectSettings) -> list[Finding]:
    """Whether there is any document to search in; an index of documents that are gone would go on answering."""
    folder = settings.corpus.folder
    try:
        empty = not list_files(Path(folder))
    except UserError as error:
        return [Finding(error.message, error.next_step, blocking=True)]
    if not empty:
        return []
    return [
        Finding(
            f"the document folder {folder} holds no file: retrieval has nothing to answer from",
            "put documents into it, or set corpus.folder to the folder that has them",
            blocking=True,
        )
    ]


def _misspelt(file: Path) -> Iterator[Finding]:
    """Keys that are not read, and nearly are those of a question, where the right one is missing in their line."""
    told: set[str] = set()
    # Only line feeds end a record, as where it is read.
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").split("\n"), start=1):
        keys = list(json.loads(line)) if line.strip() else []
        there = {_SHORT.get(key, key) for key in keys}
        for key in keys:
            meant = "" if key in _KEYS or key in told else _meant_key(key)
            if meant and _SHORT.get(meant, meant) not in there:
                told.add(key)
                yield Finding(
                    f"{file}:{number}: {key} is no key of a question and is not read; did you mean {meant}?",
                    f"the keys are {', '.join(_KEYS)}",
                )


def _meant_key(key: str) -> str:
    near = difflib.get_close_matches(key.lower(), _KEYS, 1, _NEAR)
    return near[0] if near else _OTHER_NAMES.get(key.lower(), "")


def _without_reference(file: Path, questions: list[Question]) -> Iterator[Finding]:
    empty = [each.id for each in questions if each.answerable and not each.answers and not each.gold_docs]
    if empty:
        yield Finding(
            f"{file}: {len(empty)} of {len(questions)} questions have neither an answer nor a document, so that no "
            f"answer to them can be right: {', '.join(empty[:_NAMED])}{_more(len(empty))}",
            'write answers into them, or mark what the documents do not answer with "answerable": false',
            blocking=len(empty) == len(questions),
        )


def _meant(question: Question, paths: list[str]) -> str:
    near = difflib.get_close_matches(question.gold_docs[0], [*paths, *(Path(path).name for path in paths)], 1)
    return f"; did you mean {near[0]}?" if near else ""


def _more(count: int) -> str:
    return f" and {count - _NAMED} more" if count > _NAMED else ""
