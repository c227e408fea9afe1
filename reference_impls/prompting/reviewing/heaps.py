"""What people say of outputs: one line of JSON each, at the end of a file, so that nothing said is ever lost."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from ...project_base.event_log import add_event, read_events
from ..measuring.trial import Row, Trial

SCHEMA: Final = "review/1"

Verdict = Literal["did_not_know", "behaved_wrongly", "good", "item_is_wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Verdicts:
    """The verdicts on one result.

    A verdict counts as long as the item has the same output: another output has to be looked at again.

    Args:
        trial: The result.
        file: Where they are kept; it is made with the first one.
    """

    def __init__(self, trial: Trial, file: Path) -> None:
        self.trial = trial
        self._file = file
        self._outputs = {row.id: _digest(row) for row in trial.rows}
        self._said: dict[str, Verdict] = {}
        for event in read_events(file, SCHEMA):
            name, verdict = str(event.get("id")), event.get("verdict")
            if event.get("output_sha256") != self._outputs.get(name):
                continue
            if verdict in VERDICTS:
                self._said[name] = verdict
            elif verdict is None:
                self._said.pop(name, None)

    def of(self, name: str) -> Verdict | None:
        """What was said of an item."""
        return self._said.get(name)

    def say(self, name: str, verdict: Verdict | None) -> None:
        """Adds a verdict, flushed to disk; None takes the former one back.

        Raises:
            OSError: It cannot be written.
        """
        event = {
            "schema": SCHEMA,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "id": name,
            "output_sha256": self._outputs[name],
            "verdict": verdict,
        }
        add_event(self._file, event)
        if verdict is None:
            self._said.pop(name, None)
        else:
            self._said[name] = verdict

    def open_rows(self) -> list[Row]:
        """Outputs that a person still has to look at: failures, and where nothing else judges, all of them."""
        return [row for row in self.trial.rows if row.right is not True and self.of(row.id) is None]

    def count(self) -> Mapping[Verdict, int]:
        """How many outputs have each verdict."""
        said = list(self._said.values())
        return {verdict: said.count(verdict) for verdict in VERDICTS}


def is_good(row: Row, said: Verdict | None) -> bool | None:
    """Whether an output is good: by measure, or by what was said of it; None where neither tells."""
    if row.right or said == "good":
        return True
    return None if row.right is None and said is None else False


def _digest(row: Row) -> str:
    return hashlib.sha256(f"{row.item_sha256} {row.output}".encode("utf-8", "surrogatepass")).hexdigest()
