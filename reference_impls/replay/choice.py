"""Chooses a policy and its cadence by cost; not to retrain is what the others must be shown to beat."""

from collections.abc import Iterator

from ..project_base.errors import UserError
from .chosen import Choice
from .cost import most_a_retrain_may_cost
from .optimism import optimism
from .results import Played, Prices, Replayed
from .selecting import Selected, accounts, select
from .staleness import best_cadence, fading

_RESAMPLES = 9999
_SEED = 0


def choose(replayed: Replayed, at: Prices | None = None, resamples: int = _RESAMPLES, seed: int = _SEED) -> Choice:
    """Chooses among the replayed policies.

    Two things must be shown before anything is retrained: that newer rows are worth more than as many older ones (else
    one training on all rows is all that is gained), and that some policy costs less than no retraining on the same
    rows, corrected for the number of policies. Then the simplest is taken that is not shown to be dearer than the
    cheapest, nor dearer by more than the margin.

    Args:
        replayed: A replay with the policy `never` among others.
        at: Other prices than those of the replay, without replaying anything.
        resamples: Draws of the block bootstrap.
        seed: Of the draws.

    Raises:
        UserError: The replay lacks `never`.
    """
    at = at or replayed.prices
    given = accounts(replayed, at)
    if not given or given[0].policy.kind != "never":
        raise UserError(
            "the replay lacks the policy never, by which all others are judged", "replay it together with the others"
        )
    windows, level, margin = range(len(replayed.windows)), replayed.level, replayed.margin
    found = select(given, replayed, windows, level, margin, resamples, seed)
    gated = not replayed.freshness.fades
    chosen = given[0].policy if gated else found.policy
    honest = optimism(given, replayed, margin=margin, resamples=resamples, seed=seed)
    cadence = None if gated else _cadence_by_staleness(replayed, at, resamples, seed)
    break_even = _break_even(found, chosen, given[0].policy, at)
    reasons = (*_reasons(replayed, found, chosen, at), *_figures(replayed, chosen, break_even, cadence, at))
    return Choice(
        policy=chosen.name,
        kind=chosen.kind,
        cadence=chosen.cadence,
        every=_every(chosen.cadence, replayed.window_days),
        do_not_retrain=chosen.kind == "never",
        why=" ".join(f"{reason[0].upper()}{reason[1:]}." for reason in reasons),
        reasons=reasons,
        against_never=found.against_never,
        against_cheapest=found.against_cheapest,
        most_a_retrain_may_cost=break_even,
        best_cadence=cadence,
        optimism=honest,
    )


def _reasons(replayed: Replayed, found: Selected, chosen: Played, at: Prices) -> Iterator[str]:
    yield replayed.freshness.why
    never = next(each for each in replayed.policies if each.kind == "never")
    if replayed.freshness.p is None:
        yield "so nothing speaks for retraining yet: do not retrain; monitor, and replay again when more rows have come"
        return
    if not replayed.freshness.fades:
        if found.cheapest is not None:
            yield (
                f"{found.cheapest.name} did better than never ({_metric(found.cheapest, replayed)} against "
                f"{_metric(never, replayed)}); it had more rows to learn from, and whether that alone explains it "
                f"cannot be told at the level {replayed.level:g}: more windows would tell, or a higher replay.level"
            )
        yield "do not retrain; monitor, and replay again when drift is found"
        return
    if found.cheapest is None and not found.tells:
        yield (
            f"the judged rows make {found.blocks:,} blocks, too few to tell any policy from no retraining at the level "
            f"{replayed.level:g}, whatever it saves; a longer history would tell, or a higher replay.level"
        )
        yield "do not retrain yet"
        return
    if found.cheapest is None:
        best = max(found.against_never, key=lambda each: each.saved, default=None)
        if best is not None:
            yield (
                f"no policy is shown to cost less than no retraining; {best.policy} comes closest ({best.saved:+.4g}, "
                f"95 % interval {best.interval[0]:.4g} to {best.interval[1]:.4g}, corrected p = {best.corrected:.2g})"
            )
        yield "do not retrain"
        return
    beaten = next(each for each in found.against_never if each.policy == chosen.name)
    yield (
        f"{chosen.name} has {replayed.metric} {_metric(chosen, replayed)} where never has {_metric(never, replayed)}, "
        f"and saves {beaten.saved:.4g} (95 % interval {beaten.interval[0]:.4g} to {beaten.interval[1]:.4g}, corrected "
        f"p = {beaten.corrected:.2g} over {len(found.against_never)} policies)"
    )
    if found.cheapest.name != chosen.name:
        beside = next(each for each in found.against_cheapest if each.than == chosen.name)
        yield (
            f"{found.cheapest.name} is cheaper by {beside.saved:.4g}, which chance can explain (corrected p = "
            f"{beside.corrected:.2g}) and which is at most {replayed.margin:.0%} of its cost: the simpler one is taken"
        )


def _figures(
    replayed: Replayed, chosen: Played, break_even: float | None, cadence: float | None, at: Prices
) -> Iterator[str]:
    if break_even is not None:
        yield f"it is worth it while one retrain costs less than {break_even:.4g} (now {at.retrain:g})"
    if cadence is None:
        return
    told = _every(max(1, round(cadence)), replayed.window_days)
    tried = sorted({each.cadence for each in replayed.policies if each.kind == "scheduled"})
    if tried and round(cadence) > max(tried):
        within = round(cadence) < len(replayed.windows)
        yield (
            f"staleness against the price of a retrain speaks for a training {told}, rarer than any that was replayed"
            + (f": add {round(cadence)} to replay.cadences" if within else ", and than this history can tell")
        )
    else:
        yield f"staleness against the price of a retrain alone speaks for a training {told}"


def _break_even(found: Selected, chosen: Played, never: Played, at: Prices) -> float | None:
    if chosen.kind == "never":
        return None
    return most_a_retrain_may_cost(chosen, never, at)


def _cadence_by_staleness(replayed: Replayed, at: Prices, resamples: int, seed: int) -> float | None:
    scheduled = next((each for each in replayed.policies if each.kind == "scheduled" and each.cadence == 1), None)
    if scheduled is None or not scheduled.retrains or not replayed.ages:
        return None
    slope = fading(replayed.policies, replayed.blocks, resamples, seed)
    rows = sum(window.scored for window in replayed.windows) / len(replayed.windows)
    return best_cadence(slope, rows, scheduled.new_seconds / scheduled.retrains, at)


def _every(cadence: int, window_days: float | None) -> str:
    if cadence == 0:
        return "never"
    told = "every window" if cadence == 1 else f"every {cadence} windows"
    return f"{told} (about {cadence * window_days:.3g} days)" if window_days is not None else told


def _metric(played: Played, replayed: Replayed) -> str:
    return f"{played.metric:.3f}" if replayed.metric == "accuracy" else f"{played.metric:.4g}"
