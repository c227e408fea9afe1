"""How a model's probabilities are read: which temperature, and below what it abstains.

It stands in model.json as it was when the model was made. `evaluate` writes it anew into answering.json beside that,
for the accuracy that is wanted by then: it goes where the version goes, and names the model.json that it belongs to.
"""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...evaluation.calibration import at_temperature
from ...labelled_data.base import Probabilities
from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from ...registry.model_folder import ModelFolder
from ...registry.version import model_digest

SCHEMA: Final = "answering/1"
ANSWERING = "answering.json"


class Rules(BaseModel):
    """How a classifier's probabilities are read; contents of answering.json.

    Attributes:
        schema_id: `schema` in JSON.
        model_sha256: sha256 of the model.json that this belongs to.
        temperature: Its probabilities are taken at this temperature; 1 leaves them as they are.
        wanted_accuracy: `fine_tuning.abstain_accuracy` when this was chosen; 0 answers everything.
        threshold: The least probability that is answered. None where no threshold can promise that accuracy: then
            nothing is answered.
        rests_on: In words, what both were chosen by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    schema_id: Literal["answering/1"] = Field(default=SCHEMA, alias="schema")
    model_sha256: str
    temperature: float = Field(default=1.0, gt=0)
    wanted_accuracy: float = Field(default=0.0, ge=0, lt=1)
    threshold: float | None = Field(default=0.0, ge=0, le=1)
    rests_on: str = ""

    def calibrated(self, probabilities: Probabilities) -> Probabilities:
        """Probabilities at the temperature: float32 [n, labels]; the likeliest label stays."""
        return probabilities if self.temperature == 1 else at_temperature(probabilities, self.temperature)

    def abstains(self, confidence: float) -> bool:
        """Whether a label of this calibrated probability is not answered."""
        return self.threshold is None or confidence < self.threshold


def rules_as_made(folder: ModelFolder, digest: str) -> Rules | None:
    """The rules that the model was made with; None where it says nothing of them."""
    told = folder.about.get("calibration")
    if not isinstance(told, dict):
        return None
    wanted, threshold = told.get("wanted_accuracy", 0.0), told.get("threshold")
    least = threshold.get("threshold") if isinstance(threshold, dict) else None
    try:
        return Rules(
            model_sha256=digest,
            temperature=told.get("temperature", 1.0),
            wanted_accuracy=wanted,
            threshold=least if wanted else 0.0,
            rests_on=f"{told.get('calibrated_on')} examples of training and validation",
        )
    except ValueError as error:
        raise UserError(
            f"{folder.path / 'model.json'} holds a calibration that this project did not write",
            "take another version of the model, or train it again",
        ) from error


def read_rules(folder: Path) -> Rules | None:
    """The rules in the folder of a model; None where there are none.

    Raises:
        UserError: The file is damaged or cannot be read.
    """
    file = folder / ANSWERING
    try:
        return Rules.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(
            f"{file} is damaged or cannot be read", f"make it again: {command_line(f'evaluate {folder.name}')}"
        ) from error


def keep_rules(folder: Path, rules: Rules) -> Rules:
    """Writes the rules into the folder of a model, bound to its model.json.

    Raises:
        OSError: No permission or no space; a former file stands then.
    """
    bound = rules.model_copy(update={"model_sha256": model_digest(folder)})
    write_text(folder / ANSWERING, bound.model_dump_json(by_alias=True, indent=2) + "\n")
    return bound
