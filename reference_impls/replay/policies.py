"""The policies that a replay compares, as the settings list them."""

from .base import Policy, PolicyKind
from .settings import Settings, numbers


def standard_policies(settings: Settings, only: PolicyKind | None = None) -> tuple[Policy, ...]:
    """The policies of the settings, simplest first; `never` is always among them, since all others are judged by it.

    Args:
        settings: Of the replay.
        only: Keeps one kind beside `never`; None keeps all.
    """
    found = [Policy("never", "never", cadence=0)]
    if settings.recalibration:
        found.append(Policy("recalibration", "recalibration"))
    cadences = [int(number) for number in numbers(settings.cadences)]
    found += [Policy(f"scheduled every {_windows(cadence)}", "scheduled", cadence) for cadence in cadences]
    for number in numbers(settings.sliding_windows):
        found.append(Policy(f"sliding window of {int(number)}", "sliding_window", 1, window=int(number)))
    for number in numbers(settings.half_lives):
        found.append(Policy(f"recency, half-life {number:g}", "recency_weighted", 1, half_life=number))
    if settings.incremental:
        found.append(Policy("incremental", "incremental"))
    if settings.warm_start:
        found.append(Policy("warm start", "warm_start"))
    if settings.drift_triggered:
        found.append(Policy("drift-triggered", "drift_triggered"))
    for number in numbers(settings.label_budgets):
        found.append(Policy(f"active learning {100 * number:.3g} %", "active_learning", 1, budget=number))
    kept = [policy for policy in found if only is None or policy.kind in {"never", only}]
    return tuple(sorted(kept, key=lambda policy: policy.complexity))


def trains_at(policy: Policy, index: int) -> bool:
    """Whether a policy trains, updates or looks before a replayed window; `index` 0 has the first model."""
    return index == 0 or (policy.cadence > 0 and index % policy.cadence == 0)


def _windows(count: int) -> str:
    return "window" if count == 1 else f"{count} windows"
