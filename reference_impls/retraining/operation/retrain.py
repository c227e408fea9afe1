"""Retrains where it is due: one run at a time, and a version reaches service only through the gate."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...registry.lock import only_one
from ...registry.registry import RefusedError
from ...replay.base import Policy
from ..gate import gate_of
from .attempts import last_attempt, write_attempt
from .challenging import Challenger, challenge
from .due import Due, Waiting, due, look_for_drift
from .journal import add_event
from .judging import rows_that_judge
from .monitoring import Monitored, monitor, write_monitored
from .project import Champion, Project
from .since import windows_since
from .watching import first_after

LOCK = ".retraining.lock"
Decision = Literal["not due", "promoted", "refused"]


@dataclass(frozen=True)
class Retrained:
    """What came of a look whether to retrain.

    Attributes:
        decision: What was done.
        why: Why a training was due or not, or why the new version was refused.
        policy: The policy that decided.
        before: The version in service before; empty for none.
        challenger: The new version, where one was made.
    """

    decision: Decision
    why: str
    policy: Policy
    before: str
    challenger: Challenger | None = None

    @property
    def version(self) -> str:
        """The version in service now; empty for none."""
        return self.challenger.version if self.challenger and self.decision == "promoted" else self.before

    def figures(self) -> dict[str, object]:
        """What goes into the metrics."""
        told: dict[str, object] = {
            "decision": self.decision,
            "why": self.why,
            "policy": self.policy.name,
            "in_service": self.version or None,
            "before": self.before or None,
        }
        return told | (self.challenger.figures() if self.challenger else {})


@contextmanager
def alone(project: Project, wait_seconds: float = 0.0) -> Iterator[None]:
    """Keeps a second training out; the lock of a killed process is freed by the system.

    Raises:
        BusyError: Another process trains.
    """
    project.runs.mkdir(parents=True, exist_ok=True)
    with only_one(project.runs / LOCK, "training a model of this project", wait_seconds, project.tell):
        yield


def waiting_for(project: Project, champion: Champion | None) -> Waiting:
    """What has come since the version in service learnt its newest row; nobody has looked for drift."""
    history = project.history
    if champion is not None:
        first_after(history, champion)
    judging = rows_that_judge(project, champion.learned_until if champion else -np.inf)
    attempt = last_attempt(project.runs, history, champion)
    moments = [champion.trained_at] if champion else []
    moments += [attempt.moment] if attempt else []
    return Waiting(
        windows=windows_since(history, max(moments), project.length) if moments else 0.0,
        labelled=len(judging),
        drift=None,
        champion=champion is not None,
        tried=attempt.version if attempt else "",
        fresh=attempt.fresh(history, champion, judging) if attempt else 0,
    )


def decide(project: Project, policy: Policy, champion: Champion | None) -> tuple[Due, Monitored | None]:
    """Whether a training is due, and what was found of drift where that decided."""
    waiting = waiting_for(project, champion)
    found = None
    if champion is not None and look_for_drift(policy, waiting):
        found = monitor(project, champion, labels=project.settings.replay.trigger == "rows_and_errors")
        write_monitored(project, found)
        add_event(project.metrics, "monitor", found.figures())
        waiting = replace(waiting, drift=found.verdict == "drift", looked=f"{found.verdict}: {found.why.rstrip('.')}")
    return due(policy, waiting, project.settings.retraining.fewest_judged), found


def retrain(
    project: Project,
    *,
    forced: bool = False,
    wait_seconds: float = 0.0,
    tell: Callable[[str], object] = lambda _: None,
) -> Retrained:
    """Trains, judges and promotes where the policy says that it is time.

    Args:
        project: Settings, history and registry.
        forced: Trains whatever the policy says.
        wait_seconds: How long to wait for another training.
        tell: Hears, before a training begins, why it is due.

    Raises:
        BusyError: Another process trains.
        UserError: No policy is chosen, the data is wrong, or too few rows can judge.
        OSError: Registry or runs folder cannot be written; the version in service stays.
    """
    with alone(project, wait_seconds):
        policy, champion = project.policy, project.champion()
        before = champion.version if champion else ""
        # What is in service says which columns there are; `train` takes new ones.
        project.columns = champion.columns if champion else None
        if forced:
            answer = Due(True, "it was asked for")
        else:
            answer, _ = decide(project, policy, champion)
        if not answer.due:
            found = Retrained("not due", answer.why, policy, before)
        else:
            tell(f"training: {answer.why}")
            found = _train(project, policy, champion, answer)
        add_event(project.metrics, "retrain", found.figures())
    return found


def _train(project: Project, policy: Policy, champion: Champion | None, answer: Due) -> Retrained:
    judging = len(rows_that_judge(project, champion.learned_until if champion else -np.inf))
    made = challenge(project, policy, champion)
    # Kept before the gate is asked: a run that is killed there has looked at the rows as well.
    write_attempt(project.runs, made.version, champion, project.history, judging)
    before = champion.version if champion else ""
    settings = project.settings.retraining
    try:
        project.registry.promote(
            made.version,
            f"retrain ({policy.name}): {answer.why}",
            gate=gate_of(project.runs, settings.promote_when),
        )
    except RefusedError as refusal:
        why = refusal.message.partition(" is not put in service: ")[2] or refusal.message
        return Retrained("refused", why, policy, before, made)
    return Retrained("promoted", answer.why, policy, before, made)
