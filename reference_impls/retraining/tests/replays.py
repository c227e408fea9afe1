"""A small replay by hand, for what shows one."""

from ...replay.base import PolicyKind
from ...replay.chosen import Choice, Optimism
from ...replay.results import Blocks, Cost, Freshness, Played, Prices, Replayed, WindowPlayed, WindowScore

NASTY = '<b onclick="alert(1)">&\'"</b></svg><script>'
METRICS = {
    "never": (0.8, 0.5, None, 0.4),
    "scheduled every window": (0.8, 0.6, None, 0.8),
    "warm start": (0.8, 0.7, 0.7, 0.85),
}
KINDS: dict[str, PolicyKind] = {
    "never": "never",
    "scheduled every window": "scheduled",
    "warm start": "warm_start",
}


def replayed() -> Replayed:
    """Three policies over four windows, one of which has no labels for two of them; a name that means harm."""
    windows = tuple(
        WindowPlayed(number=place + 2, name=f"{place} {NASTY}", rows=50, scored=40, labelled=50 * place)
        for place in range(4)
    )
    return Replayed(
        task="classification",
        metric="accuracy",
        model="linear",
        first_rows=50,
        data_sha256="ab" * 32,
        windows=windows,
        window_days=30.0,
        policies=tuple(_played(name, values) for name, values in METRICS.items()),
        blocks=Blocks(
            length=10,
            why="fixed",
            rows=(10,) * 16,
            windows=tuple(place // 4 for place in range(16)),
            blocks=tuple(range(16)),
            earlier=tuple(range(8)),
        ),
        prices=Prices(error=1.0, label=0.1, retrain=2.0, compute_hour=0.0),
        level=0.01,
        margin=0.02,
        freshness=_too_short(),
        freshness_earlier=_too_short(),
        ages=(),
        notes=("a note",),
        seconds=1.5,
        processes=1,
    )


def _too_short() -> Freshness:
    why = f"too short {NASTY}"
    return Freshness(blocks=0, rows=0, gain=None, p=None, by_distance=(), level=0.005, fades=False, why=why)


def _played(name: str, values: tuple[float | None, ...]) -> Played:
    given = [value for value in values if value is not None]
    mean = sum(given) / len(given)
    retrains = 0 if name == "never" else 3
    return Played(
        name=name,
        kind=KINDS[name],
        cadence=0 if name == "never" else 1,
        window=0,
        half_life=0.0,
        budget=0.0,
        by_window=tuple(
            WindowScore(metric=value, interval=None, age=1.0, retrained=place > 0 and name != "never")
            for place, value in enumerate(values)
        ),
        metric=mean,
        interval=(mean - 0.05, mean + 0.05),
        mean_of_windows=mean,
        macro_f1=mean,
        labels=200,
        new_labels=150,
        retrains=retrains,
        seconds=2.0,
        new_seconds=1.0,
        staleness=1.5,
        staleness_days=45.0,
        cost=Cost(errors=160 * (1 - mean), labels=15.0, retrains=2.0 * retrains, compute=0.0),
        losses=(1.0,) * 16,
    )


def chosen(policy: str = "scheduled every window") -> Choice:
    """A choice of one of them."""
    kind = KINDS[policy]
    return Choice(
        policy=policy,
        kind=kind,
        cadence=0 if kind == "never" else 1,
        every="" if kind == "never" else "every window (about 30 days)",
        do_not_retrain=kind == "never",
        why=f"it costs less {NASTY}",
        reasons=("it costs less",),
        against_never=(),
        against_cheapest=(),
        most_a_retrain_may_cost=None,
        best_cadence=None,
        optimism=Optimism(
            chosen_before=None,
            earlier=0,
            later_metric=None,
            later_never=None,
            later_best=None,
            later_windows=0,
            bootstrap=0.0,
            why="cannot be told",
        ),
    )
