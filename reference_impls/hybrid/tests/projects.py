"""Projects for the tests, with a config.yaml as it is generated."""

import csv
from pathlib import Path

from click.testing import CliRunner, Result

from ...project_base.cli import RoomCommands
from ...project_base.config import load_settings
from ...project_base.tests.generated import PACKAGE, write_config
from ..settings import ProjectSettings

SAMPLE = PACKAGE / "hybrid" / "sample"


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default; `room__key` changes one."""
    return write_config(folder, ProjectSettings.model_fields, changes)


def settings(folder: Path, **changes: object) -> ProjectSettings:
    """The same, read."""
    return load_settings(config(folder, **changes), ProjectSettings)


def run(file: Path, *arguments: str) -> Result:
    """Runs a command with a config.yaml, as the terminal would."""
    return CliRunner().invoke(RoomCommands("main", "hybrid"), [*arguments, "--config", str(file)])


_PARCELS = ("parcel", "box", "shipment", "courier", "delivery", "package")
_BILLS = ("invoice", "receipt", "bill", "payment", "amount", "tax")
_FACTS = ("warranty", "battery", "probe", "humidity", "radio", "firmware")
_SYLLABLES = [f"{first}{second}" for first in "bdfgklmnprstvz" for second in "aeiou"]

HANDLING = """\
fixed:
  delivery:
    answer: The parcel is on its way.
  invoice:
    answer: Invoices stand in the console.
    documents: [pricing.md]
retrieval: [question]
"""


def small_requests(folder: Path, rows: int = 180) -> None:
    """Requests of three labels that word counts can tell apart, their handling, and questions to the documents."""
    with (folder / "requests.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("text", "label"))
        for number in range(rows):
            label, words = (("delivery", _PARCELS), ("invoice", _BILLS), ("question", _FACTS))[number % 3]
            one, two = words[number % 6], words[(number // 6 + 1) % 6]
            writer.writerow((f"{one} {_nonsense(number)} {two}", label))
    (folder / "handling.yaml").write_text(HANDLING, encoding="utf-8")
    asked = (SAMPLE.parents[1] / "rag" / "sample" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "questions.jsonl").write_text("\n".join([*asked[:8], *asked[-4:]]) + "\n", encoding="utf-8")


def _nonsense(number: int) -> str:
    """Three invented words, others for each number below 10,000."""
    picked = [_SYLLABLES[number * step % len(_SYLLABLES)] for step in (1, 3, 9, 11, 17, 27, 29, 33, 37)]
    return " ".join("".join(picked[start : start + 3]) for start in (0, 3, 6))
