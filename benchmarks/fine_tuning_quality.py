"""The fine-tuning project on public data: what its ladder keeps, and what that is worth on the test data.

    python benchmarks/fine_tuning_quality.py DATA [--only banking77 few sms_spam p3_t0_open] [--climb-to lora]

DATA is the folder of the data sets; by default it is $ADVISOR_DATA. A project is generated from
examples/ticket-routing.yaml and pointed at each set by its configuration alone; what is printed comes from the
project's own `ladder` and `evaluate`.

- banking77: the ladder on all of train.csv; the choice is made on a validation part of it, test.csv is read once.
- few: ten rows a label of train.csv, drawn with the seeds 0, 1, ...; all of test.csv; the mean over the draws.
- sms_spam: the first 80 % of the file to learn from, the rest to test; within the first part, the last rows validate.
- p3_t0_open: instructions for a language model. There is none without a download, so that a tiny stand-in is tuned,
  which shows that the loss falls and says nothing of quality.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SETS = ("banking77", "few", "sms_spam", "p3_t0_open")


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with exit code {done.returncode}")
    return done.stdout


class Project:
    """A generated project with settings of its own."""

    def __init__(self, folder: Path, pattern: str, settings: Mapping[str, Mapping[str, object]]) -> None:
        self.folder = folder / "tuned"
        answers = ROOT / "examples" / "ticket-routing.yaml"
        run(folder, "advisor", "scaffold", str(answers), str(self.folder), "--pattern", pattern)
        for section, keys in settings.items():
            for key, value in keys.items():
                self.set(section, key, value)

    def set(self, section: str, key: str, value: object) -> None:
        """Changes one value of config.yaml, as its owner would by hand."""
        path = self.folder / "config.yaml"
        written = json.dumps(value)
        pattern = rf"(?ms)(^{section}:\n(?:(?!^\S).)*?^  {key}: )[^\n]*"
        text, count = re.subn(pattern, lambda found: found[1] + written, path.read_text(), count=1)
        if count != 1:
            raise SystemExit(f"{section}.{key} does not stand in {path}")
        path.write_text(text)

    def ladder(self) -> Any:
        return json.loads(run(self.folder, "tuned", "ladder", "--format", "json"))

    def evaluate(self) -> Any:
        return json.loads(run(self.folder, "tuned", "evaluate", "--format", "json"))


def show(name: str, climbed: Any, judged: Any, seconds: float) -> None:
    print(f"\n{name}: kept {climbed['kept']}, {seconds:.0f} s for ladder and evaluation")
    for step in climbed["steps"]:
        if step["score"] is None:
            print(f"  {step['rung']:<12} {step['outcome']}: {step['why']}")
            continue
        low, high = step["interval"]
        line = f"  {step['rung']:<12} {climbed['metric']} {step['score']:.4f} ({low:.3f}-{high:.3f})"
        if step["difference"]:
            least, most = step["difference"]["interval"]
            line += f", {step['difference']['difference']:+.4f} ({least:+.4f} to {most:+.4f}) on {step['against']}"
        print(f"{line}, {step['seconds']:.0f} s: {step['outcome']}")
    for measure in judged["measures"]:
        low, high = measure["interval"]
        print(f"  test: {measure['name']} {measure['value']:.4f} ({low:.4f}-{high:.4f})")


def banking77(data: Path, folder: Path, climb_to: str) -> None:
    settings: dict[str, dict[str, object]] = {
        "fine_tuning": {
            "examples": str(data / "banking77" / "train.csv"),
            "test": str(data / "banking77" / "test.csv"),
            "climb_to": climb_to,
        }
    }
    project = Project(folder, "lora_encoder", settings)
    if climb_to != "lora":
        project.set("fine_tuning", "climb_to", climb_to)
    started = time.perf_counter()
    climbed = project.ladder()
    show("banking77, all rows", climbed, project.evaluate(), time.perf_counter() - started)


def few(data: Path, folder: Path, climb_to: str, draws: int) -> None:
    with (data / "banking77" / "train.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(stream)]
    settings: dict[str, dict[str, object]] = {
        "fine_tuning": {"test": str(data / "banking77" / "test.csv"), "climb_to": climb_to}
    }
    project = Project(folder, "lora_encoder", settings)
    found = []
    for draw in range(draws):
        random = np.random.default_rng(draw)
        by_label: dict[str, list[str]] = {}
        for place in random.permutation(len(rows)):
            text, label = rows[place]
            if len(by_label.setdefault(label, [])) < 10:
                by_label[label].append(text)
        file = folder / f"draw-{draw}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("text", "category"))
            writer.writerows((text, label) for label, texts in by_label.items() for text in texts)
        project.set("fine_tuning", "examples", str(file))
        started = time.perf_counter()
        climbed, judged = project.ladder(), project.evaluate()
        show(f"banking77, 10 rows a label, draw {draw}", climbed, judged, time.perf_counter() - started)
        found.append({each["name"]: each["value"] for each in judged["measures"]}["accuracy"])
    print(f"\nmean accuracy of {draws} draws: {np.mean(found):.4f}, standard deviation {np.std(found, ddof=1):.4f}")


def sms_spam(data: Path, folder: Path, climb_to: str) -> None:
    lines = (data / "sms_spam" / "SMSSpamCollection").read_text(encoding="utf-8").splitlines(keepends=True)
    cut = int(len(lines) * 0.8)
    (folder / "train.tsv").write_text("".join(lines[:cut]), encoding="utf-8")
    (folder / "test.tsv").write_text("".join(lines[cut:]), encoding="utf-8")
    settings: dict[str, dict[str, object]] = {
        "fine_tuning": {
            "examples": str(folder / "train.tsv"),
            "test": str(folder / "test.tsv"),
            "metric": "macro_f1",
            "climb_to": climb_to,
        },
        # The messages are published with their telephone numbers, and come in the order in which they were collected.
        "labelled_data": {"header": "no", "names": "label, text", "personal_data": "allow", "split": "order"},
    }
    project = Project(folder, "lora_encoder", settings)
    started = time.perf_counter()
    climbed = project.ladder()
    show("sms_spam, by time", climbed, project.evaluate(), time.perf_counter() - started)


def p3_t0_open(data: Path, folder: Path) -> None:
    settings: dict[str, dict[str, object]] = {
        "fine_tuning": {
            "examples": str(data / "p3_t0_open" / "train.jsonl"),
            "test": str(data / "p3_t0_open" / "test.jsonl"),
        },
        "labelled_data": {"personal_data": "allow", "bad_rows": "skip"},
        "training": {"epochs": 1.0},
    }
    project = Project(folder, "lora_causal", settings)
    started = time.perf_counter()
    climbed = project.ladder()
    show("p3_t0_open, stand-in", climbed, project.evaluate(), time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path(os.environ.get("ADVISOR_DATA", ".")))
    parser.add_argument("--only", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--climb-to", choices=["head", "lora", "full"], default="lora")
    parser.add_argument("--draws", type=int, default=5)
    given = parser.parse_args()
    data = given.data.resolve()
    for name in given.only:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            if name == "banking77":
                banking77(data, folder, given.climb_to)
            elif name == "few":
                few(data, folder, given.climb_to, given.draws)
            elif name == "sms_spam":
                sms_spam(data, folder, given.climb_to)
            else:
                p3_t0_open(data, folder)


if __name__ == "__main__":
    main()
