"""How things stand: what is in service, how old it is, whether a training is due, and what was found last."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from .due import due
from .journal import last_events
from .project import Champion, Project, in_days
from .retrain import waiting_for
from .since import windows_since


class Status(BaseModel):
    """How things stand.

    Attributes:
        format: Name and version of this document.
        version: In service; None for none.
        since: When it was put there, in UTC.
        kind: Of its model.
        learned_until: The moment of the newest row that it learnt from, as people are told.
        metric: What it was judged by.
        score: On rows that it had not learnt from then; higher is better.
        age: Windows from then to the newest row.
        age_told: The same in words.
        rows: Of the history.
        newest: The moment of its newest row.
        waiting: Labelled rows that the version has not learnt from.
        policy: What decides; None where none is chosen yet.
        due: Whether a training is due, as far as can be told without looking for drift.
        why: Why, or what is missing.
        previous: The version that rollback returns to.
        last: The latest event of each name, from the metrics.
    """

    format: Literal["status/1"] = Field(default="status/1", alias="schema")
    version: str | None
    since: str | None
    kind: str | None
    learned_until: str | None
    metric: str | None
    score: float | None
    age: float | None
    age_told: str | None
    rows: int
    newest: str
    waiting: int
    policy: str | None
    due: bool | None
    why: str
    previous: str | None
    last: dict[str, dict[str, object]]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    def to_json(self) -> str:
        """The document as JSON."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False)


def status_of(project: Project) -> Status:
    """How things stand; nothing is trained, and drift is not looked for.

    Raises:
        UserError: The history cannot be read, or the version in service is damaged.
    """
    champion = project.champion()
    event = project.registry.in_service()
    waiting = waiting_for(project, champion)
    after = champion.learned_until if champion else float("-inf")
    age = windows_since(project.history, champion.learned_until, project.length) if champion else None
    policy, answer, why = None, None, ""
    try:
        chosen = project.policy
        policy = chosen.name
        found = due(chosen, waiting, project.settings.retraining.fewest_judged)
        answer, why = found.due, found.why
        if chosen.kind == "drift_triggered" and champion and "no drift" in why:
            answer, why = None, f"whether it is due depends on drift: {command_line('monitor')}"
    except UserError as error:
        why = f"{error.message} ({error.next_step})"
    return Status(
        version=champion.version if champion else None,
        since=event.when if event else None,
        kind=champion.predictor.kind if champion else None,
        learned_until=project.history.name_of(champion.learned_until) if champion else None,
        metric=_text(champion, "metric"),
        score=_number(champion, "score"),
        age=age,
        age_told=in_days(age, project.length) if age is not None else None,
        rows=len(project.history),
        newest=project.history.name_of(float(project.history.time[-1])),
        waiting=int((project.history.time[project.labelled] > after).sum()),
        policy=policy,
        due=answer,
        why=why,
        previous=project.registry.previous() if event else None,
        last=last_events(Path(project.settings.retraining.metrics_file)),
    )


def status_lines(found: Status) -> list[str]:
    """The same for people."""
    lines = []
    if found.version is None:
        lines.append("in service    nothing yet")
    else:
        lines.append(f"in service    {found.version} ({found.kind}), since {found.since}")
        lines.append(f"judged        {found.metric} {abs(found.score or 0.0):.4g} on rows that it had not learnt from")
        lines.append(f"learnt until  {found.learned_until}; {found.age_told} ago, by the newest row")
        lines.append(
            f"way back      rollback returns to {found.previous}" if found.previous else "way back      none yet"
        )
    lines.append(
        f"history       {found.rows:,} rows up to {found.newest}; {found.waiting:,} with a label are not learnt yet"
    )
    lines.append(f"policy        {found.policy or 'not chosen yet'}")
    told = {True: "yes", False: "no", None: "unknown"}[found.due]
    lines.append(f"due           {told}: {found.why}")
    for name in ("monitor", "retrain"):
        if name in found.last:
            event = found.last[name]
            what = event.get("verdict") or event.get("decision")
            lines.append(f"last {name:<9}{what}, {event.get('when')}")
    return lines


def _text(champion: Champion | None, key: str) -> str | None:
    value = champion.about.get(key) if champion else None
    return value if isinstance(value, str) else None


def _number(champion: Champion | None, key: str) -> float | None:
    value = champion.about.get(key) if champion else None
    return float(value) if isinstance(value, int | float) else None
