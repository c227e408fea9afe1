"""Whether it is time to train again: decided by the policy, from what has come since the last training. Pure."""

from dataclasses import dataclass

from ...replay.base import Policy

BY_ALARM = "drift_triggered"


@dataclass(frozen=True)
class Waiting:
    """What has come since the version in service learnt its newest row.

    Attributes:
        windows: Time since its training, or since the last attempt to replace it, in windows of the history.
        labelled: Labelled rows that it has not learnt from and by which a new version may be judged.
        drift: What `monitor` finds now; None where nobody looked.
        looked: What it says where that is no drift.
        champion: Whether there is a version in service at all.
        tried: The version of the last attempt, where that was since and is not in service; empty for none.
        fresh: How many of the labelled rows have got their labels since that attempt.
    """

    windows: float
    labelled: int
    drift: bool | None
    champion: bool
    looked: str = ""
    tried: str = ""
    fresh: int = 0


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
    if not waiting.champion and not waiting.tried:
        return Due(True, "no version is in service yet")
    since = f"{waiting.tried} was tried" if waiting.tried else "it was trained"
    told = ""
    if policy.kind == "never" and waiting.champion:
        told = "the policy is never to retrain"
    elif waiting.windows < policy.cadence:
        told = f"{waiting.windows:.1f} of {policy.cadence} windows have passed since {since}"
    elif waiting.labelled < fewest:
        told = f"{waiting.labelled:,} new rows have a label, and {fewest:,} are needed to judge a new model"
    elif waiting.tried and waiting.fresh < fewest:
        told = f"{waiting.fresh:,} labels have come since {since}, and {fewest:,} are needed to try again"
    elif policy.kind == BY_ALARM and waiting.champion and not waiting.drift:
        told = f"no drift is found in the newest rows{f' ({waiting.looked})' if waiting.looked else ''}"
    if told:
        return Due(False, told)
    if not waiting.champion:
        return Due(True, f"no version is in service yet, and {waiting.fresh:,} labels have come since {since}")
    if policy.kind == BY_ALARM:
        return Due(True, "the newest rows have drifted")
    return Due(True, f"{waiting.windows:.1f} windows have passed since {since} (every {policy.cadence})")
