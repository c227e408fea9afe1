"""The log of what a closed model said, with what it should have said: what a helper is judged by."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...project_base.errors import UserError

_SHOWN = 10


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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error
    except OSError as error:
        raise UserError(
            f"the log {path} cannot be read: {error.strerror}", "set hybrid.said to the path of a .jsonl file"
        ) from error
    found: dict[str, Said] = {}
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            said = Said.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            problems.append(f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
            continue
        if said.id in found:
            problems.append(f"{path}:{number}: the id {said.id} is used twice")
        found[said.id] = said
    if not found and not problems:
        problems.append(f"{path} holds nothing")
    if problems:
        more = f"\n       and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise UserError(
            "\n       ".join(problems[:_SHOWN]) + more,
            "each line is a JSON object with id, question, said, wanted and, where they are known, fault and documents",
        )
    return list(found.values())
