"""The hybrid patterns on public data: what the second half is worth beside each half alone.

    python benchmarks/hybrid_quality.py DATA [--only router] [--wanted 0.95] [--work FOLDER] [--out FOLDER]

DATA is the folder of the data sets; by default it is $ADVISOR_DATA. The code of reference_impls/ runs as it stands,
with the settings that a project would have; what is printed is the 2 x 2 table of the pattern, and --out keeps it.
--work keeps index and models too, so that a second run goes on from them.

- router: the questions of medquad_niddk, split by document. Their kind (qtype) is the label. The kinds with at least a
  hundred questions, but for the broad `information`, are taken as having a fixed handling, which is right where the
  kind is; all others go to retrieval, which is right where the first cited document is a gold one. Whole documents are
  drawn for the intervals. The questions of this set are worded by templates, so that their kind is easier to tell than
  that of people's own words.
- tuned_retriever: the questions of medquad_niddk with their gold documents, split by document; an adapter of
  all-MiniLM-L6-v2 is trained on passages of 55 % of them with mined hard negatives, stopped by 15 % and judged on 30 %.
  All 151 documents stand in the index. Fused search is near its ceiling on this set (.969), so that dense search alone
  is judged beside it. With --work an interrupted training goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]

LEAST = 100
BROAD = "information"
MEDQUAD = "medquad_niddk"


def config(folder: Path, changes: Mapping[str, Mapping[str, object]]) -> Path:
    """A config.yaml with every key at its default but for the changes."""
    from reference_impls.hybrid.settings import ProjectSettings

    document: dict[str, dict[str, object]] = {}
    for room in ProjectSettings.model_fields:
        described: Any = yaml.safe_load((ROOT / "reference_impls" / room / "component.yaml").read_text())
        document[room] = {}
        for key, entry in described["settings"].items():
            value = entry["default"]
            document[room][key] = (
                value.replace("{package}", str(ROOT / "reference_impls")) if isinstance(value, str) else value
            )
        document[room] |= dict(changes.get(room, {}))
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def router_project(
    data: Path, folder: Path, rows: Sequence[Mapping[str, Any]], wanted: float
) -> tuple[Path, list[str], str]:
    """Writes requests, handling and config.yaml; returns the last, the kinds with a handling, and their commonest."""
    counts = Counter(str(row["qtype"]) for row in rows)
    fixed = sorted(kind for kind, count in counts.items() if count >= LEAST and kind != BROAD)
    with (folder / "requests.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("text", "label", "document"))
        writer.writerows((row["question"], row["qtype"], row["doc"]) for row in rows)
    handling = {"fixed": {kind: {"answer": f"Goes to the desk for {kind}."} for kind in fixed}, "retrieval": [BROAD]}
    (folder / "handling.yaml").write_text(yaml.safe_dump(handling), encoding="utf-8")
    file = config(
        folder,
        {
            "project_base": {"threads": 1},
            "corpus": {"folder": str(data / MEDQUAD / "docs")},
            "labelled_data": {"split": "group", "group": "document", "test_share": 0.3, "probe": "off"},
            "fine_tuning": {"examples": str(folder / "requests.csv"), "climb_to": "head"},
            "hybrid": {"pattern": "router", "handling": str(folder / "handling.yaml"), "wanted_accuracy": wanted},
        },
    )
    return file, fixed, max(fixed, key=lambda kind: counts[kind])


def router(data: Path, folder: Path, wanted: float) -> Any:
    """Sends the frequent kinds of medquad_niddk to their handling, and the rest to retrieval."""
    from reference_impls.embedding.load import load_embedder
    from reference_impls.hybrid.base import Work
    from reference_impls.hybrid.evaluation import two_by_two
    from reference_impls.hybrid.retrieval_half import open_retrieval
    from reference_impls.hybrid.router.answers import Sorter
    from reference_impls.hybrid.router.handling import read_handling
    from reference_impls.hybrid.router.judging_requests import CHEAPER, curve_on
    from reference_impls.hybrid.router.pattern import train
    from reference_impls.hybrid.settings import ProjectSettings
    from reference_impls.hybrid.tuned_half import digest_of_version, held_out_data, newest
    from reference_impls.project_base.config import load_settings
    from reference_impls.project_base.environment import apply_environment
    from reference_impls.rag.indexing import update_index
    from reference_impls.retrieval.access import Reader

    rows = [json.loads(line) for line in (data / MEDQUAD / "questions.jsonl").read_text("utf-8").splitlines()]
    file, fixed, commonest = router_project(data, folder, rows, wanted)
    settings = load_settings(file, ProjectSettings)
    apply_environment(settings.project_base)
    started = time.perf_counter()
    update_index(settings.rag_project(), load_embedder(settings.embedding))
    print(f"index: {time.perf_counter() - started:.0f} s", flush=True)
    started = time.perf_counter()
    # Equal texts stand on several documents; what may be learned of that is told and changes nothing here.
    trained = train(settings, Work(despite=(), tell=lambda line: print(f"note: {line}")))
    print("\n".join(trained.told), f"\ntrained in {time.perf_counter() - started:.0f} s", flush=True)
    version = newest(settings, trained.version, lambda _: True)
    known = read_handling(folder / "handling.yaml")
    sorter = Sorter(settings, Work(version=version.id), known)
    retrieval = open_retrieval(settings, Work())
    split = held_out_data(settings, version)
    by_text: dict[str, dict[str, Any]] = {}
    for row in rows:
        by_text.setdefault(row["question"], row)
    test = split.test
    decisions = sorter.decide([example.text for example in test])[0]
    asked: dict[str, bool] = {}
    times = []
    for example in test:
        if example.text not in asked:
            answer = retrieval.ask(example.text, Reader(frozenset()))
            first = answer.sources[0].document if answer.sources else ""
            asked[example.text] = first in by_text[example.text]["gold_docs"]
            times.append(answer.total_ms)
    by_retrieval = [float(asked[example.text]) for example in test]
    kept = [way.way == "fixed" for way in decisions]
    right = [way.label == example.target for way, example in zip(decisions, test, strict=True)]
    return two_by_two(
        "router",
        "share of requests handled rightly",
        [example.place for example in test],
        {
            "base": [float(example.target == commonest) for example in test],
            "base_retrieval": by_retrieval,
            "tuned": [float(way and good) for way, good in zip(kept, right, strict=True)],
            "tuned_retrieval": [
                float(good) if way else found for way, good, found in zip(kept, right, by_retrieval, strict=True)
            ],
        },
        systems={
            "base": f"the commonest handling ({commonest}) for all",
            "base_retrieval": "retrieval for all",
            "tuned": "the classifier alone, silent in doubt",
            "tuned_retrieval": "the router",
        },
        groups=[example.group for example in test],
        equal_suffices={"base_retrieval": CHEAPER},
        version=version.id,
        model_sha256=digest_of_version(version),
        measured={
            "kept_from_retrieval": sum(kept) / len(kept),
            "kept_rightly": sum(way and good for way, good in zip(kept, right, strict=True)) / max(1, sum(kept)),
            "kind_accuracy": sum(right) / len(right),
            "retrieval_ms_mean": sum(times) / len(times),
        },
        tables=(curve_on(sorter, test, known),),
        notes=(f"fixed: {', '.join(fixed)}", "the questions are worded by templates"),
    )


def tuned_retriever(data: Path, folder: Path, wanted: float) -> Any:
    """Tunes the embedder on medquad_niddk, and judges it on documents that it never met."""
    from reference_impls.hybrid.base import Work
    from reference_impls.hybrid.settings import ProjectSettings
    from reference_impls.hybrid.tuned_retriever.pattern import evaluate, train
    from reference_impls.project_base.config import load_settings
    from reference_impls.project_base.environment import apply_environment

    del wanted
    file = config(
        folder,
        {
            "project_base": {"threads": 1},
            "corpus": {"folder": str(data / MEDQUAD / "docs")},
            "labelled_data": {"test_share": 0.3},
            "training": {"epochs": 3.0, "patience": 1},
            "hybrid": {
                "pattern": "tuned_retriever",
                "pairs": str(data / MEDQUAD / "questions.jsonl"),
                "hard_negatives": 1,
            },
        },
    )
    settings = load_settings(file, ProjectSettings)
    apply_environment(settings.project_base)
    started = time.perf_counter()
    trained = train(settings, Work(tell=lambda line: print(f"note: {line}", flush=True)))
    print("\n".join(trained.told), f"\ntrained in {time.perf_counter() - started:.0f} s", flush=True)
    return evaluate(settings, Work(version=trained.version, tell=lambda line: print(f"note: {line}", flush=True)))


PATTERNS: dict[str, Callable[[Path, Path, float], Any]] = {"router": router, "tuned_retriever": tuned_retriever}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=Path(os.environ.get("ADVISOR_DATA", "../shared/data")))
    parser.add_argument("--only", nargs="+", choices=tuple(PATTERNS), default=list(PATTERNS))
    parser.add_argument("--wanted", type=float, default=0.95, help="router: accuracy wanted of what is kept")
    parser.add_argument("--out", type=Path, help="folder for the results as JSON")
    parser.add_argument("--work", type=Path, help="folder for index and models; a temporary one if left out")
    given = parser.parse_args()
    from reference_impls.hybrid.show import table_text

    for name in given.only:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(given.work or temporary).resolve() / name
            folder.mkdir(parents=True, exist_ok=True)
            found = PATTERNS[name](given.data.resolve(), folder, given.wanted)
        print(f"\n{table_text(found)}", flush=True)
        if given.out:
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / f"{name}.json").write_text(found.to_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
