"""Every pattern that can be built: its smoke run timed, and the README's table of all patterns.

    python benchmarks/patterns.py smoke [PATTERN ...]    # scaffolds each, smoke-tests it, writes smoke_seconds.json
    python benchmarks/patterns.py table                  # prints the table

Timed is `advisor smoke` as a whole, in an installed environment, one pattern after another; run it where nothing else
runs. `smoke_seconds.json` is written by this script alone. `measured.yaml` says in words what was measured beside the
sample data, and what a pattern needs of its user.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from advisor.files import write_whole
from advisor.knowledge import Knowledge, load_knowledge

ROOT = Path(__file__).parent.parent
SECONDS = ROOT / "benchmarks" / "smoke_seconds.json"
MEASURED = ROOT / "benchmarks" / "measured.yaml"
EXAMPLES = {
    "prompting": ROOT / "examples" / "message-desk.yaml",
    "rag": ROOT / "examples" / "help-desk.yaml",
    "fine_tuning": ROOT / "examples" / "ticket-routing.yaml",
    "retraining": ROOT / "examples" / "visit-forecast.yaml",
    "continued_pretraining": ROOT / "examples" / "visit-forecast.yaml",
    "hybrid": ROOT / "examples" / "support-router.yaml",
}
"""For each component, answers that a project of it is scaffolded from."""


def time_smoke_run(pattern: str, component: str) -> float:
    """Seconds of `advisor smoke` on a new project of this pattern; a failure ends the program with what was said."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name, "desk")
        _advisor("scaffold", str(EXAMPLES[component]), str(project), "--pattern", pattern)
        started = time.perf_counter()
        _advisor("smoke", str(project))
        return time.perf_counter() - started


def _advisor(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"advisor {' '.join(words)} failed:\n{done.stderr}")


def smoke(wanted: Sequence[str]) -> None:
    """Times the smoke runs of these patterns, or of all, and keeps each as soon as it is known."""
    built = {each.id: each.component for each in load_knowledge().patterns.values() if each.component}
    unknown = sorted(set(wanted) - built.keys())
    if unknown:
        sys.exit(f"no pattern that can be built: {', '.join(unknown)}; there are: {', '.join(built)}")
    for pattern in wanted or built:
        seconds = time_smoke_run(pattern, built[pattern])
        print(f"{pattern:<28}{seconds:8.1f} s", flush=True)
        known = {**_seconds(), pattern: round(seconds, 1)}
        content = json.dumps({each: known[each] for each in built if each in known}, indent=2) + "\n"
        write_whole(SECONDS, content.encode())


def table(knowledge: Knowledge) -> str:
    """The README's table, in the order of the rules."""
    seconds = _seconds()
    measured = yaml.safe_load(MEASURED.read_text(encoding="utf-8"))
    lines = ["| pattern | smoke run | measured on public data | you bring |", "| --- | ---: | --- | --- |"]
    for approach, spec in knowledge.approaches.items():
        lines.append(f"| **{spec.title}** (`{approach}`) | | | |")
        for pattern in spec.patterns:
            told = measured.get(pattern.id, {})
            ran = f"{seconds[pattern.id]:.0f} s" if pattern.component else "advice only"
            cells = (f"{pattern.title} (`{pattern.id}`)", ran, told.get("measured", ""), told.get("bring", ""))
            lines.append(f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|")
    return "\n".join(lines) + "\n"


def _seconds() -> dict[str, float]:
    found: dict[str, float] = json.loads(SECONDS.read_text(encoding="utf-8")) if SECONDS.exists() else {}
    return found


def main() -> None:
    """Times, or prints the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = options.add_subparsers(dest="command", required=True)
    commands.add_parser("smoke").add_argument("pattern", nargs="*")
    commands.add_parser("table")
    chosen = options.parse_args()
    if chosen.command == "smoke":
        smoke(chosen.pattern)
    else:
        print(table(load_knowledge()), end="")


if __name__ == "__main__":
    main()
