"""Predicts as the command does, slowly and with many marks, so that a test can kill it between two of them."""

import sys
import time
from collections.abc import Sequence

from ...labelled_data.base import Example
from ...project_base.cli import RoomCommands
from ..answering import unfinished
from ..answering.answering import Answer, Answering


def slowly(self: Answering, examples: Sequence[Example], advance: object) -> list[Answer]:
    time.sleep(0.04)
    return _answers(self, examples, advance)  # type: ignore[arg-type]  # an Advance


if __name__ == "__main__":
    _answers = Answering.answers
    Answering.answers = slowly  # type: ignore[assignment,method-assign]  # only slower
    unfinished.EVERY_SECONDS = 0.0
    RoomCommands("main", "fine_tuning")(sys.argv[1:])
