"""Training rows of conversations that a pattern builds, and the ladder climbed on them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..fine_tuning.ladder.data import Data
from ..labelled_data.base import Example, Turn
from ..labelled_data.settings import Settings as DataSettings
from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..registry.version import Version
from .base import Trained, Work
from .patterns import PatternName
from .settings import ProjectSettings
from .tuned_half import climbed, held_out_data

_FOLDER = "rows"
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """A conversation with the response that is wanted.

    Attributes:
        turns: System and user.
        response: What the model is to write.
        group: Rows of one group stand on one side of a split; empty for none.
    """

    turns: tuple[Turn, ...]
    response: str
    group: str = ""


def climbed_on(
    settings: ProjectSettings, pattern: PatternName, rows: Sequence[Row], test: Sequence[Row], work: Work
) -> Trained:
    """Writes rows into the runs folder, and trains on them as `fine_tuning` trains on any conversations.

    Args:
        settings: Of the project.
        pattern: Names the file of the rows, by which its versions are known again.
        rows: To learn from and to validate by.
        test: Set aside; where there are none, a part of the rows is.
        work: Who watches.

    Raises:
        UserError: There are no rows, the check of them forbids training, or no rung can be tried.
        OSError: The runs folder or the registry cannot be written.
    """
    if not rows:
        raise UserError(
            f"not one training row could be built for {pattern}",
            "see that the examples name what the index holds: `check` says what is missing",
        )
    folder = Path(settings.fine_tuning.runs_folder) / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{pattern}.jsonl"
    write_text(file, _lines(rows))
    judged = folder / f"{pattern}-test.jsonl"
    if test:
        write_text(judged, _lines(test))
    else:
        judged.unlink(missing_ok=True)
    return climbed(with_rows(settings, file, judged if test else None), work)[1]


def with_rows(settings: ProjectSettings, file: Path, test: Path | None) -> ProjectSettings:
    """The settings with rows of conversations as their examples."""
    own = settings.labelled_data
    taken = ("validation_share", "test_share", "seed", "near_duplicate", "personal_data", "personal_data_regions")
    columns = {"messages": "messages", "group": "document", "split": "group"}
    data = DataSettings.model_validate({name: getattr(own, name) for name in taken} | columns)
    given = settings.fine_tuning.model_copy(
        update={"task": "generation", "examples": str(file), "test": str(test) if test else ""}
    )
    return settings.model_copy(update={"labelled_data": data, "fine_tuning": given})


def rows_of(settings: ProjectSettings, pattern: PatternName, version: Version) -> Data:
    """The rows that were built for a version: `known` to learn from and to stop by, `test` set aside.

    Raises:
        UserError: They are gone, or those that stand there are of another training.
    """
    folder = Path(settings.fine_tuning.runs_folder) / _FOLDER
    judged = folder / f"{pattern}-test.jsonl"
    given = with_rows(settings, folder / f"{pattern}.jsonl", judged if judged.exists() else None)
    return held_out_data(given, version)


def asked_in(rows: Sequence[Example]) -> list[str]:
    """The question of each row that is a conversation about passages; see `language_models.prompting`."""
    return [found[1] for row in rows if (found := _QUESTION.search(row.text))]


def _lines(rows: Sequence[Row]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        messages = [{"role": turn.role, "content": turn.text} for turn in row.turns]
        messages.append({"role": "assistant", "content": row.response})
        # A row without a group is a group of its own.
        told = {"messages": messages, "document": row.group or f"row {number}"}
        lines.append(json.dumps(told, ensure_ascii=False))
    return "\n".join(lines) + "\n"
