"""The log of what a closed model said, with what it should have said: what a helper is judged by."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ...project_base.documents import read_records


class Said(BaseModel):
    """One line of the log.

    Attributes:
        id: Unique in the file.
        question: What was asked.
        said: What the closed model said; one sentence or several.
        wanted: What it should have said; the same where nothing was wrong.
        fault: The kind of the fault in the words of the house; empty where nothing was wrong.
        documents: Paths of documents in the corpus that it was given; empty has the index searched for the question.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    said: str = Field(min_length=1)
    wanted: str = Field(min_length=1)
    fault: str = ""
    documents: tuple[str, ...] = ()


def read_log(path: Path) -> list[Said]:
    """Reads a log: JSON lines.

    Raises:
        UserError: The file is missing or empty, or lines in it are wrong; up to ten of them are named.
    """
    return read_records(
        path,
        Said,
        "log",
        "set hybrid.said to the path of a .jsonl file",
        "each line is a JSON object with id, question, said, wanted and, where they are known, fault and documents",
    )
