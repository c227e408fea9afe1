"""Policies of retraining, replayed on public data that drifts, and on the same rows shuffled, which cannot.

    python benchmarks/replay_quality.py DATA [--only gas bike] [--seeds 3] [--false-alarms 0] [--kind auto]

DATA is the folder of the data sets; by default it is $ADVISOR_DATA.

- gas: gas_sensor_drift, six classes by 128 sensors; each batch is a window. Floor: a mean accuracy of .771 over the
  seven batches after the first one.
- bike: bike_sharing by the hour, without yr (it stands for time), casual and registered (they add up to the target) and
  instant (the number of the row), in windows of about 2,172 rows (whole days). Floor: a mean absolute error of 58.2
  over the seven windows after the first one.
- the same rows dealt to the same moments at random, with the seeds 0, 1, ...: what is chosen there must be "do not
  retrain". --false-alarms N repeats only the test that decides this on N shuffles of each set, and counts how often it
  sees newer rows worth more than older ones, at its level of .01.

The kind of model is chosen on the first window alone. The chosen policy's figures are those of the rows that it was
chosen on; what the earlier half of the windows chooses is shown on the later half beside them.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

from reference_impls.drift.settings import Settings as DriftSettings
from reference_impls.history.base import History, shuffled
from reference_impls.history.reading import read_history
from reference_impls.history.settings import Settings as HistorySettings
from reference_impls.history.windows import Window, cut
from reference_impls.predictors.settings import Settings as PredictorSettings
from reference_impls.replay.choice import choose
from reference_impls.replay.replay import freshness_of, replay
from reference_impls.replay.settings import Settings
from reference_impls.replay.table import replay_table

FLOORS = {"gas": 0.771, "bike": 58.2}


def load(name: str, data: Path) -> tuple[History, tuple[Window, ...]]:
    if name == "gas":
        path = data / "gas_sensor_drift"
        settings = HistorySettings(target="column 1", ignore="column 2", header="no", task="classification")
    else:
        path = data / "bike_sharing" / "hour.csv"
        settings = HistorySettings(
            target="cnt", ignore="yr, casual, registered, instant", time="dteday", window="2172", task="regression"
        )
    history = read_history(path, settings)
    return history, cut(history, settings)


def main() -> None:
    options = argparse.ArgumentParser(description="The chosen policy beside the floors, and the control without drift.")
    options.add_argument("data", nargs="?", type=Path, default=os.environ.get("ADVISOR_DATA"))
    options.add_argument("--only", nargs="*", choices=list(FLOORS), default=list(FLOORS))
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--false-alarms", type=int, default=0)
    options.add_argument("--kind", default="auto", choices=["auto", "linear", "incremental", "forest", "boosting"])
    options.add_argument("--processes", type=int, default=0)
    chosen = options.parse_args()
    if chosen.data is None:
        options.error("say where the data sets are, or set ADVISOR_DATA")
    predictors = PredictorSettings.model_validate({"kind": chosen.kind})
    failed = []
    for name in chosen.only:
        history, windows = load(name, Path(chosen.data))
        replayed = replay(
            history, windows, Settings(), predictors, DriftSettings(), processes=chosen.processes or None, tell=print
        )
        choice = choose(replayed)
        print(f"\n{name}\n{replay_table(replayed, choice)}")
        reached, floor = replayed.played(choice.policy).mean_of_windows, FLOORS[name]
        enough = reached >= floor if replayed.metric == "accuracy" else reached <= floor
        print(
            f"\n{name}: {choice.policy} has a mean {replayed.metric} of {reached:.4g} over "
            f"{len(replayed.windows)} windows; floor {floor:g}: {'reached' if enough else 'MISSED'}; "
            f"{replayed.seconds:.0f} s on {replayed.processes} processes"
        )
        failed += [] if enough else [name]
        for seed in range(chosen.seeds):
            dealt = shuffled(history, seed)
            found = choose(
                replay(
                    dealt,
                    windows,
                    Settings(),
                    predictors,
                    DriftSettings(),
                    processes=chosen.processes or None,
                )
            )
            told = "do not retrain" if found.do_not_retrain else f"RETRAIN: {found.policy}"
            print(f"{name}, shuffled with seed {seed}: {told}; {found.reasons[0]}")
            failed += [] if found.do_not_retrain else [f"{name}, seed {seed}"]
        if chosen.false_alarms:
            kind = replayed.model
            tests = [
                freshness_of(
                    shuffled(history, 1000 + seed),
                    windows,
                    Settings(),
                    PredictorSettings.model_validate({"kind": kind}),
                )
                for seed in range(chosen.false_alarms)
            ]
            share = float(np.mean([test.fades for test in tests]))
            print(f"{name}: {share:.0%} false alarms over {chosen.false_alarms} shuffles at a level of .01 ({kind})")
            failed += [f"{name}, false alarms"] if share > 0.05 else []
    if failed:
        raise SystemExit(f"missed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
