"""What the test data said of one version of the model: one frozen document for each, which everything later reads."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ...evaluation.abstaining import Threshold
from ...evaluation.bootstrap import Interval
from ...evaluation.calibration import Calibration
from ...evaluation.classification import ClassificationScores
from ...evaluation.paired import Difference
from ...evaluation.regression import Outcome as Change
from ...evaluation.regression import Regression
from ...evaluation.spans import SpanScores
from ...labelled_data.base import Task
from ..ladder.results import Metric, Outcome, Sample
from .forgetting import Forgetting

SCHEMA: Final = "evaluation-of-model/1"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Measure(_Frozen):
    """One figure with its 95 % interval."""

    name: str
    value: float
    interval: Interval


class ProbabilityScores(_Frozen):
    """How honest the probabilities are on the test data, before and after the temperature.

    Attributes:
        temperature: Above 1 the model was too sure of itself.
        fitted_on: How many validation examples chose it.
        rests_on: In words: whose probabilities these were.
        before: At temperature 1.
        after: At that temperature.
    """

    temperature: float
    fitted_on: int
    rests_on: str
    before: Calibration
    after: Calibration


class Abstaining(_Frozen):
    """What the threshold that validation chose comes to on the test data.

    Attributes:
        wanted: The accuracy of answers that the settings ask for.
        chosen: The threshold; None where no threshold can promise that accuracy.
        answered: How many test rows are answered.
        coverage: The share of these, with its interval.
        accuracy: Share of the answered rows that are right, with its interval; None where none is answered.
    """

    wanted: float
    chosen: Threshold | None
    answered: int
    coverage: Measure
    accuracy: Measure | None


class Floor(_Frozen):
    """The model beside something cheap that was trained on the same data.

    Attributes:
        rung: Which.
        score: Of the cheap one, on the same test rows.
        interval: Its 95 % interval.
        difference: The model minus the cheap one.
    """

    rung: str
    score: float
    interval: Interval
    difference: Difference


class ChangedRow(_Frozen):
    """A row that one of two models has right.

    Attributes:
        id: Its place in the data file.
        text: Shortened.
        expected: What is right, in words.
        before: What the former model says.
        now: What this one says.
    """

    id: str
    text: str
    expected: str
    before: str
    now: str


class Cases(_Frozen):
    """Rows that must stay right.

    Attributes:
        file: Their file.
        rows: How many there are.
        right: How many this version has right.
        broken: Those that the former version has right and this one has wrong: each counts as a regression.
        still_wrong: Those that neither has right; where there is no former version, all that are wrong.
    """

    file: str
    rows: int
    right: int
    broken: tuple[ChangedRow, ...] = ()
    still_wrong: tuple[ChangedRow, ...] = ()


class Beside(_Frozen):
    """This version beside another one, on the same test rows.

    Attributes:
        version: The other one.
        model_sha256: sha256 of its model.json.
        in_service: Whether it was the one in service.
        same_data: Whether both were made of the same data and split.
        rows: How many test rows both were judged by.
        left_out: Test rows that the other one was trained on, and that were left out therefore.
        seen_known: Whether it is known what the other one was trained on.
        vanished: Texts that taught the other one and no longer stand in the data: test rows that are nearly the same as
            one of them cannot be told, and are not left out.
        regression: What changed.
        newly_wrong: Rows that only the other one has right.
        newly_right: Rows that only this one has right.
    """

    version: str
    model_sha256: str
    in_service: bool
    same_data: bool
    rows: int
    left_out: int
    seen_known: bool
    vanished: int = 0
    regression: Regression
    newly_wrong: tuple[ChangedRow, ...]
    newly_right: tuple[ChangedRow, ...]


class ModelEvaluation(_Frozen):
    """All that the test data said of a version.

    Attributes:
        schema_id: `schema` in JSON; names this form of the file.
        version: Its id.
        model_sha256: sha256 of its model.json, and so of all its files.
        when: UTC.
        task: Of the project.
        rung: Name of the rung that it was made by; its kind where it was made otherwise.
        kind: Format of its files.
        base: The language model that it builds on; empty for none.
        data_name: Name of the file with the examples.
        data: Digest of training and validation data, the same as of the version.
        test_data: Digest of the test rows.
        trained_on: Examples that it was trained on.
        rows: Test rows.
        looks: How many versions the same test data has judged, this one among them. With each look that leads to
            another choice its figures flatter more.
        labels: What it can answer; empty for generation.
        metric: What `score` is.
        score: In [0, 1].
        interval: Its 95 % interval.
        measures: All figures over the whole test data, `score` among them.
        classes: Of a classification: each label and what is taken for what.
        spans: Of an extraction: each label.
        probabilities: Of a classification; None where validation probabilities are missing, see `notes`.
        abstaining: Where the settings ask for it.
        floors: Cheap models on the same rows.
        against: Beside another version; None where there is none.
        cases: The rows that must stay right, where the settings name some.
        outcome: Of `against` and `cases` together; None where there is no other version.
        forgetting: What became of general skills.
        despite: Findings of `check` that were overruled.
        notes: What else has to be known, one sentence each.
        seed: Of split and training; None where that is not known.
        settings: The settings that took part in the training, by room.
        made_with: Version of each library that took part in the training.
        samples: Of a generation: a few responses to test rows.
        outcomes: One for each test row, in the order of the data.
    """

    schema_id: Literal["evaluation-of-model/1"] = Field(default=SCHEMA, alias="schema")
    version: str
    model_sha256: str
    when: str
    task: Task
    rung: str
    kind: str
    base: str = ""
    data_name: str
    data: str
    test_data: str
    trained_on: int
    rows: Annotated[int, Field(ge=1)]
    looks: Annotated[int, Field(ge=1)] = 1
    labels: tuple[str, ...] = ()
    metric: Metric
    score: float
    interval: Interval
    measures: tuple[Measure, ...]
    classes: ClassificationScores | None = None
    spans: SpanScores | None = None
    probabilities: ProbabilityScores | None = None
    abstaining: Abstaining | None = None
    floors: tuple[Floor, ...] = ()
    against: Beside | None = None
    cases: Cases | None = None
    outcome: Change | None = None
    forgetting: Forgetting
    despite: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int | None = None
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    made_with: Mapping[str, str] = Field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    outcomes: tuple[Outcome, ...]

    def to_json(self) -> str:
        """The content of an evaluation file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"
