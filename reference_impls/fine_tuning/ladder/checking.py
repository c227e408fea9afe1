"""The check of the data before any training: made once for the same data, and obeyed unless it is overruled."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...labelled_data.check import check_examples
from ...labelled_data.lengths import CountTokens
from ...labelled_data.report import DataReport, Finding, FindingName
from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.progress import Progress, silent
from ...project_base.rooms import command_line
from ..settings import ProjectSettings
from .data import Data
from .digests import code_digest, data_digest, digest_of

SCHEMA: Final = "checked/1"
CHECK = "check.json"

_FAULTS = 3

Tell = Callable[[str], object]


class Checked(BaseModel):
    """A check and what it was made of; contents of check.json.

    Attributes:
        schema_id: `schema` in JSON.
        key: Digest of rows, settings and code; where it is the same, the data is not checked again.
        report: What was found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_id: str = Field(default=SCHEMA, alias="schema", pattern=f"^{SCHEMA}$")
    key: str
    report: DataReport


def check_data(data: Data, progress: Progress = silent, tell: Tell = lambda _: None) -> DataReport:
    """What the check says of the project's data; a check of the same data, settings and code is taken as it stands.

    Args:
        data: As it was read and split.
        progress: Opens bars.
        tell: Hears what takes long.

    Raises:
        UserError: A library is missing.
        OSError: The runs folder cannot be written.
    """
    file = Path(data.settings.fine_tuning.runs_folder) / CHECK
    key = _key(data)
    with suppress(OSError, ValidationError):
        # One that is damaged, or of an older form, is made again.
        known = Checked.model_validate_json(file.read_bytes())
        if known.key == key:
            return known.report
    tell(f"checking {len(data.read.examples):,} examples")
    count_tokens, limit = _tokenizer(data.settings)
    report = check_examples(
        data.read,
        data.settings.fine_tuning.task,
        data.settings.labelled_data,
        data.read_test,
        data.groups,
        data.split,
        count_tokens,
        limit,
        progress,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, Checked(key=key, report=report).model_dump_json(by_alias=True, indent=1) + "\n")
    return report


def overruled(report: DataReport, despite: Sequence[str]) -> tuple[str, ...]:
    """The findings that forbid training and were overruled, as `name: what was found`.

    Args:
        report: What the check said.
        despite: Names of findings.

    Raises:
        UserError: A finding forbids training and is not overruled, or there is no finding of a name.
    """
    names = get_args(FindingName)
    for name in despite:
        if name not in names:
            raise UserError(
                f"--despite {name}: there is no such finding; there are {', '.join(names)}", "correct the command"
            )
    standing = [finding for finding in report.blocking if finding.name not in despite]
    if standing:
        raise refusal(report, standing)
    return tuple(f"{finding.name}: {finding.text}" for finding in report.blocking)


def refusal(report: DataReport, findings: Sequence[Finding]) -> UserError:
    """Why training is refused, and how to go on.

    Args:
        report: What the check said.
        findings: Those that forbid it.
    """
    lines = [f"{finding.text} ({finding.name})" for finding in findings]
    if any(finding.name == "bad_rows" for finding in findings):
        lines += report.faults[:_FAULTS]
    told = "\n       ".join(lines)
    ways = "; ".join(finding.next_step for finding in findings)
    flags = " ".join(f"--despite {finding.name}" for finding in findings)
    return UserError(
        f"training is refused: {told}",
        f"{ways}. All about it: {command_line('check')}. To train all the same, and have the result say so: {flags}",
    )


def _key(data: Data) -> str:
    tests = data.read_test.examples if data.read_test else ()
    faults = [str(fault) for fault in (*data.read.faults, *(data.read_test.faults if data.read_test else ()))]
    given = data.settings
    return digest_of(
        {
            "task": given.fine_tuning.task,
            "rows": data_digest({"examples": data.read.examples, "test": tests}),
            "faults": digest_of(json.loads(json.dumps(faults))),
            "settings": given.labelled_data.model_dump(mode="json"),
            "model": [given.embedding.model, given.encoders.most_tokens],
            "code": code_digest(),
        }
    )


def _tokenizer(settings: ProjectSettings) -> tuple[CountTokens | None, int | None]:
    """Counts tokens of the text encoder; nothing where there is none, which training says clearer than the check."""
    if settings.fine_tuning.task == "generation":
        return None, None
    from ...encoders.loading import load_tokenizer  # noqa: PLC0415 -- heavy
    from ...encoders.reading import Reader, clipped  # noqa: PLC0415 -- heavy
    from ...encoders.source import find_source  # noqa: PLC0415 -- heavy

    try:
        source = find_source(settings.embedding)
        limit = min(settings.encoders.most_tokens, source.most_tokens)
        reader = Reader(load_tokenizer(source), limit, source.prompt)
    except UserError:
        return None, None

    def count(texts: Sequence[str]) -> list[int]:
        shown = [source.prompt + clipped(text, limit) for text in texts]
        return [len(tokens) for tokens in reader.tokenized(shown)["input_ids"]]

    return count, limit
