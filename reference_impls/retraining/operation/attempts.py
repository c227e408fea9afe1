"""The last attempt to put a new version in service: after a refusal, cadences are counted from it.

Were the next attempt due at once, the same rows would be asked every day until chance says yes.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...history.base import History
from ...project_base.files import write_text
from ...registry.records import now
from .project import Champion

ATTEMPT = "attempt.json"


class Attempt(BaseModel):
    """A training by `retrain`, and when it was.

    Attributes:
        format: Name and version of this document.
        when: In UTC.
        version: That was made.
        champion: In service before; empty for none.
        moment: Of the newest row then.
        labelled: Rows by which it could be judged.
    """

    format: Literal["attempt/1"] = Field(default="attempt/1", alias="schema")
    when: str
    version: str
    champion: str
    moment: float
    labelled: int

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    def fresh(self, history: History, champion: Champion | None, judging: NDArray[np.int64]) -> int:
        """How many of the rows that may judge a new version now have got their labels since.

        Args:
            history: As it is now.
            champion: In service now.
            judging: Positions of the rows that may judge.
        """
        newer = int((history.time[judging] > self.moment).sum())
        # Where another version is in service, other rows may judge, and they cannot be counted against each other.
        same = self.champion == (champion.version if champion else "")
        return max(newer, len(judging) - self.labelled) if same else newer


def write_attempt(runs_folder: Path, version: str, champion: Champion | None, history: History, labelled: int) -> None:
    """Keeps an attempt in the place of the one before.

    Args:
        runs_folder: Folder of what commands found.
        version: That was made.
        champion: In service before.
        history: As it was.
        labelled: Rows by which it could be judged.

    Raises:
        OSError: No permission or no space; the one before stands then.
    """
    made = Attempt(
        when=now(),
        version=version,
        champion=champion.version if champion else "",
        moment=float(history.time[-1]),
        labelled=labelled,
    )
    write_text(runs_folder / ATTEMPT, made.model_dump_json(indent=2) + "\n")


def last_attempt(runs_folder: Path, history: History, champion: Champion | None) -> Attempt | None:
    """The last attempt that did not make the version in service, where it is newer than that version.

    None also where the file is damaged, or the history ends before the attempt: then it was of another one, or this is
    a look back.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        found = Attempt.model_validate_json((runs_folder / ATTEMPT).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
    if found.moment > history.time[-1]:
        return None
    if champion is not None and (champion.version == found.version or found.moment < champion.trained_at):
        return None
    return found
