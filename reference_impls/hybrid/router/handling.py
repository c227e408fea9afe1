"""What is done with the requests of each label: a fixed answer, or retrieval."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ...project_base.config import parse_document
from ...project_base.errors import UserError

_LARGEST = 1_000_000

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fixed(_Frozen):
    """What all requests of a label get.

    Attributes:
        answer: The text.
        documents: Paths of documents in the corpus that say the same; retrieval that answers from one of them is right.
    """

    answer: Words = Field(description="the text that all requests of the label get")
    documents: tuple[Words, ...] = Field(default=(), description="documents of the corpus that say the same")


class Handling(_Frozen):
    """The file that `hybrid.handling` names.

    Attributes:
        fixed: By label.
        retrieval: Labels whose requests need the documents.
    """

    fixed: dict[Words, Fixed] = Field(description="by label: the answer that all of its requests get")
    retrieval: tuple[Words, ...] = Field(default=(), description="labels whose requests need the documents")


def read_handling(path: Path) -> Handling:
    """Reads the file.

    Raises:
        UserError: It is missing, not YAML, of another form, names no fixed answer, or a label twice.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"{path} is larger than {_LARGEST:,} bytes", "keep long answers in documents")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error
    except OSError as error:
        raise UserError(
            f"the file of fixed answers {path} cannot be read: {error.strerror}",
            "set hybrid.handling to a YAML file with the parts fixed and retrieval",
        ) from error
    found = parse_document(text, path, Handling)
    twice = sorted(found.fixed.keys() & set(found.retrieval))
    if twice:
        raise UserError(
            f"{path}: {', '.join(twice)} stand both under fixed and under retrieval", "keep each label in one of them"
        )
    if not found.fixed:
        raise UserError(
            f"{path}: no label has a fixed answer, so that a router would send everything to retrieval",
            "write an answer for the most frequent label under fixed, or use retrieval alone",
        )
    return found
