"""Reads a question file: JSON lines with the question, its answers and the documents that hold them."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..project_base.documents import read_records

_FIELDS = "id, question, answers or answer, doc or gold_docs, paragraph, answerable"


class Question(BaseModel):
    """One line of a question file; other keys are ignored.

    Attributes:
        id: Unique in the file.
        question: The text that is asked.
        answers: Accepted answers; any one of them counts.
        gold_docs: Names of the documents that answer it.
        paragraph: Number of the block in the one gold document, from 0, when the place is known that well.
        answerable: False for a question that must be refused.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    id: str
    question: str = Field(min_length=1)
    answers: tuple[str, ...] = ()
    gold_docs: tuple[str, ...] = ()
    paragraph: int | None = Field(default=None, ge=0)
    answerable: bool = True

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for short, long in (("answer", "answers"), ("doc", "gold_docs")):
            if short in data and long not in data and data[short] is not None:
                data[long] = (data[short],)
        for name in ("answers", "gold_docs"):
            if isinstance(data.get(name), list):
                data[name] = tuple(data[name])
        return data


def read_questions(path: Path) -> list[Question]:
    """Reads a question file.

    Raises:
        UserError: The file is missing or empty, or lines in it are wrong; up to ten of them are named.
    """
    form = f"each line is a JSON object with {_FIELDS}"
    return read_records(path, Question, "question file", "give the path of a .jsonl file", form)
