"""Projects for the tests, with a config.yaml as it is generated."""

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from click.testing import CliRunner, Result

from ...project_base.cli import RoomCommands
from ...project_base.tests.generated import PACKAGE, write_config
from ..settings import ProjectSettings

SAMPLE = PACKAGE / "fine_tuning" / "sample"


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default; `room__key` changes one."""
    return write_config(folder, ProjectSettings.model_fields, changes)


def run(folder: Path, *arguments: str, **changes: object) -> Result:
    """Runs a command in a project of this folder, as the terminal would."""
    commands = RoomCommands("main", "fine_tuning")
    return CliRunner().invoke(commands, [*arguments, "--config", str(config(folder, **changes))])


def write_csv(file: Path, rows: Iterable[Sequence[str]], columns: Sequence[str] = ("text", "label")) -> Path:
    """Writes a table."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return file


FRUIT = ("apple", "pear", "plum", "cherry", "grape", "melon", "peach", "lemon")
TOOLS = ("hammer", "saw", "drill", "wrench", "pliers", "chisel", "file", "screwdriver")


def small(folder: Path, rows: int = 120) -> Path:
    """A data file of two labels that word counts can tell apart; no two texts are nearly the same."""
    made = []
    for number in range(rows):
        words = TOOLS if number % 2 else FRUIT
        one, two = words[number % len(words)], words[(number * 3 + number // 8) % len(words)]
        made.append((f"{one} {nonsense(number)} {two}", "tool" if number % 2 else "fruit"))
    return write_csv(folder / "small.csv", made)


def nonsense(number: int) -> str:
    """Three invented words, others for each number."""
    syllables = [f"{first}{second}" for first in "bdfgklmnprstvz" for second in "aeiou"]
    picked = random.Random(number).choices(syllables, k=9)
    return " ".join("".join(picked[start : start + 3]) for start in (0, 3, 6))


def quick(encoder: Path, **changes: object) -> dict[str, object]:
    """Settings with which every rung of an encoder is trained in a second."""
    values: dict[str, object] = {
        "embedding__model": str(encoder),
        "embedding__device": "cpu",
        "embedding__backend": "torch",
        "training__epochs": 2.0,
        "training__batch_size": 16,
        "training__precision": "float32",
        "training__device": "cpu",
        "encoders__most_tokens": 32,
        "encoders__lora_rank": 4,
        "encoders__inverse_penalties": "10",
        "labelled_data__probe": "off",
    }
    return values | changes
