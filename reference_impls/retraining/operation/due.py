"""Whether it is time to train again: decided by the policy, from what has come since the last training. Pure."""

from dataclasses import dataclass

from ...replay.base import Policy

BY_ALARM = "drift_triggered"


@dataclass(frozen=True)
class Waiting:
    """What has come since the version in service learnt its newest row.

    Attributes:
        windows: Time since its training, in windows of the history.
        labelled: Labelled rows that it has not learnt from.
        drift: What `monitor` finds now; None where nobody looked.
        champion: Whether there is a version in service at all.
    """

    windows: float
    labelled: int
    drift: bool | None
    champion: bool


@dataclass(frozen=True)
class Due:
    """The answer, and the reason in one sentence."""

    due: bool
    why: str


def look_for_drift(policy: Policy, waiting: Waiting) -> bool:
    """Whether the answer depends on `waiting.drift`, which takes a while to find."""
    return policy.kind == BY_ALARM and waiting.champion and waiting.windows >= policy.cadence


def due(policy: Policy, waiting: Waiting, fewest: int) -> Due:
    """Whether a policy asks for a training now.

    Args:
        policy: The policy.
        waiting: What has come.
        fewest: Fewest new labelled rows by which a new model can be judged.
    """
    if not waiting.champion:
        return Due(True, "no version is in service yet")
    told = ""
    if policy.kind == "never":
        told = "the policy is never to retrain"
    elif waiting.windows < policy.cadence:
        told = f"{waiting.windows:.1f} of {policy.cadence} windows have passed since it was trained"
    elif waiting.labelled < fewest:
        told = f"{waiting.labelled:,} new rows have a label, and {fewest:,} are needed to judge a new model"
    elif policy.kind == BY_ALARM and not waiting.drift:
        told = "no drift is found in the newest rows"
    if told:
        return Due(False, told)
    if policy.kind == BY_ALARM:
        return Due(True, "the newest rows have drifted")
    return Due(True, f"{waiting.windows:.1f} windows have passed since it was trained (every {policy.cadence})")
