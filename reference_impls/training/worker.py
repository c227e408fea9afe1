"""One of the processes that share a training: `python -m <package>.training.worker FOLDER`, started by `launch`."""

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from pydantic import JsonValue

from ..project_base.errors import UserError, system_error
from ..project_base.files import write_text
from ..project_base.progress import Advance, silent
from .launch import Entry
from .workers import FAILURE, JOB, Gone, follow_launcher, is_main_process


class Speaking:
    """Says to the command how the run goes on: one JSON list a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def tell(self, line: str) -> None:
        """Something was chosen, or takes long."""
        self._say("tell", line)

    def stage(self, label: str, steps: int) -> Advance:
        """Opens a bar."""
        self._say("stage", label, steps)
        return _Bar(self._say)

    def _say(self, *message: JsonValue) -> None:
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()


class _Bar:
    def __init__(self, say: Callable[..., None]) -> None:
        self._say = say

    def __call__(self, steps: int) -> None:
        self._say("done", steps)

    def show(self, text: str) -> None:
        """Shows how things stand."""
        self._say("show", text)


def main(arguments: Sequence[str]) -> int:
    """Makes the training that the folder describes, and returns the exit code."""
    follow_launcher()
    (folder,) = map(Path, arguments)
    # What libraries print is no message.
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    described = json.loads((folder / JOB).read_text("utf-8"))
    try:
        entry: Entry = getattr(importlib.import_module(described["module"]), described["function"])
        speaking = Speaking(stream)
        if is_main_process():
            entry(described["job"], speaking.stage, speaking.tell)
        else:
            entry(described["job"], silent, _unheard)
    except UserError as error:
        return _failed(folder, error)
    except OSError as error:
        return _failed(folder, system_error(error))
    return 0


def _failed(folder: Path, error: UserError) -> int:
    told = {"message": error.message, "next_step": error.next_step, "gone": isinstance(error, Gone)}
    write_text(folder / FAILURE.format(place=os.environ["LOCAL_RANK"]), json.dumps(told))
    return 1


def _unheard(_line: str) -> None:
    """What processes tell beside the main one."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
