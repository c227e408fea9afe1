"""Climbs the ladder: the cheapest rung is kept until a dearer one is shown to be better on the same examples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...evaluation.bootstrap import Interval
from ...evaluation.paired import Difference
from ...labelled_data.base import Task
from ...labelled_data.noise import Suspect
from ...project_base.errors import UserError
from ...project_base.files import write_text
from .doubts import doubts_of
from .durations import duration
from .estimating import estimated_seconds
from .results import Metric, RungResult
from .rungs import LADDERS, Rung, why_not
from .scoring import difference
from .trying import Climb, finished, try_rung

SCHEMA: Final = "ladder/1"
LADDER = "ladder.json"
_SUSPECTS = 20

Outcome = Literal["kept", "beaten", "not better", "left out", "failed"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Step(_Frozen):
    """One rung of a climb.

    Attributes:
        rung: Its name.
        does: What is trained.
        outcome: `kept` in the end; `beaten` by a dearer one; `not better` than a cheaper one; `left out` before it was
            tried; `failed` while it was.
        why: Of the last two; else empty.
        score: On the validation examples; None where it was not tried.
        interval: Its 95 % interval.
        seconds: Of training and judging.
        estimated_seconds: What was announced before.
        trained_parameters: How many numbers were trained; None where that is not known.
        against: The rung that was kept until then; empty for the first.
        difference: This rung minus that one, on the same examples.
    """

    rung: str
    does: str
    outcome: Outcome
    why: str = ""
    score: float | None = None
    interval: Interval | None = None
    seconds: float | None = None
    estimated_seconds: float | None = None
    trained_parameters: float | None = None
    against: str = ""
    difference: Difference | None = None


class Ladder(_Frozen):
    """A climb; contents of ladder.json.

    Attributes:
        schema_id: `schema` in JSON.
        task: Of the project.
        metric: What decides.
        judged: Examples by which rungs were judged.
        trained_on: Examples that each was trained on, in the mean.
        folds: 1 where a part of the data was set aside; else each example was judged by a model not trained on it.
        data: Digest of the data and its split.
        kept: The rung to keep.
        version: Its model in the registry; empty before it is trained.
        despite: Findings that were overruled.
        suspected: How many labels the kept rung holds for wrong.
        suspects: The likeliest of them.
        steps: The rungs, cheapest first.
    """

    schema_id: Literal["ladder/1"] = Field(default=SCHEMA, alias="schema")
    task: Task
    metric: Metric
    judged: int
    trained_on: int
    folds: int
    data: str
    kept: str
    version: str = ""
    despite: tuple[str, ...] = ()
    suspected: int = 0
    suspects: tuple[Suspect, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    def to_json(self) -> str:
        """The content of ladder.json."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def climb_ladder(climb: Climb) -> tuple[Ladder, RungResult]:
    """Tries the rungs that data, settings and time allow, cheapest first.

    A dearer rung takes the place of the kept one only if the paired comparison on the same validation examples says
    `better`: one that cannot be told apart loses to the cheaper. A rung that fails is left behind, with what it said.

    Returns:
        What was found, and the result of the kept rung.

    Raises:
        UserError: Not one rung could be tried.
        OSError: The runs folder cannot be written.
    """
    steps: list[Step] = []
    results: dict[str, RungResult] = {}
    kept: RungResult | None = None
    failures: list[UserError] = []
    for rung in LADDERS[climb.settings.fine_tuning.task]:
        step, result = _step(climb, rung, kept, failures)
        steps.append(step)
        if result is None:
            continue
        results[rung.name] = result
        if kept is None or (step.difference is not None and step.difference.verdict == "better"):
            kept = result
    if kept is None:
        reasons = "; ".join(dict.fromkeys(step.why for step in steps))
        raise UserError(
            f"no rung could be tried: {reasons}",
            failures[0].next_step if failures else "mend what the first of these names",
        )
    doubts = doubts_of(climb, kept)
    ladder = Ladder(
        task=climb.settings.fine_tuning.task,
        metric=climb.data.metric,
        judged=len(kept.outcomes),
        trained_on=kept.trained_on,
        folds=kept.folds,
        data=climb.data.digest,
        kept=kept.rung,
        despite=climb.data.despite,
        suspected=len(doubts),
        suspects=doubts[:_SUSPECTS],
        steps=tuple(_decided(step, kept.rung) for step in steps),
    )
    return ladder, kept


def write_ladder(climb: Climb, ladder: Ladder) -> Path:
    """Writes ladder.json into the runs folder.

    Raises:
        OSError: No permission or no space; a former file stands then.
    """
    file = Path(climb.settings.fine_tuning.runs_folder) / LADDER
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, ladder.to_json())
    return file


def _step(
    climb: Climb, rung: Rung, kept: RungResult | None, failures: list[UserError]
) -> tuple[Step, RungResult | None]:
    settings = climb.settings.fine_tuning
    why = why_not(rung, settings, climb.data.known)
    if not why and kept and settings.enough and kept.score >= settings.enough:
        why = f"{kept.rung} reaches {kept.score:.3f}, and fine_tuning.enough is {settings.enough:g}"
    if why:
        return Step(rung=rung.name, does=rung.does, outcome="left out", why=why), None
    try:
        result, why, estimated = finished(climb, rung), "", None
        if result is None and rung.passes:
            estimated = estimated_seconds(climb, rung)
            if estimated > settings.most_minutes * 60:
                why = f"about {duration(estimated)}, more than fine_tuning.most_minutes: {settings.most_minutes:g}"
                return Step(
                    rung=rung.name, does=rung.does, outcome="left out", why=why, estimated_seconds=estimated
                ), None
            climb.tell(f"{rung.name}: {duration(estimated)} at most, by a trial on a few examples")
        result = result or try_rung(climb, rung, estimated)
    except UserError as error:
        failures.append(error)
        climb.tell(f"{rung.name} failed: {error.message}; next: {error.next_step}")
        return Step(rung=rung.name, does=rung.does, outcome="failed", why=error.message), None
    found = difference(climb.data.metric, result.outcomes, kept.outcomes) if kept else None
    return _of_result(rung, result, found, kept.rung if kept else ""), result


def _of_result(rung: Rung, result: RungResult, found: Difference | None, against: str) -> Step:
    return Step(
        rung=rung.name,
        does=rung.does,
        outcome="not better",
        score=result.score,
        interval=result.interval,
        seconds=result.seconds,
        estimated_seconds=result.estimated_seconds,
        trained_parameters=_trained(result.measured),
        against=against,
        difference=found,
    )


def _trained(measured: Mapping[str, float]) -> float | None:
    return measured.get("trained_parameters", measured.get("parameters"))


def _decided(step: Step, kept: str) -> Step:
    if step.score is None:
        return step
    if step.rung == kept:
        return step.model_copy(update={"outcome": "kept"})
    beat = step.difference is None or step.difference.verdict == "better"
    return step.model_copy(update={"outcome": "beaten" if beat else "not better"})
