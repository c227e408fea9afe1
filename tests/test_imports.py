"""Who may import whom, and what a light start leaves alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GROUND = {"errors", "values", "conditions", "holding", "strict_yaml", "files"}
KNOWING = GROUND | {"resources", "documents", "knowledge", "states", "deciding", "confidence", "notes"}
SENSITIVITY = "sensitivity"
ALLOWED = {
    **dict.fromkeys(GROUND, GROUND),
    "resources": GROUND,
    "documents": GROUND,
    "knowledge": KNOWING,
    "states": KNOWING,
    "deciding": KNOWING,
    "confidence": KNOWING,
    "notes": KNOWING,
    "derive": KNOWING,
    "evaluate": KNOWING,
    "recommend": KNOWING,
    "precedents": KNOWING,
    "flips": KNOWING,
    "sensitivity": KNOWING | {"flips"},
    "economics": KNOWING,
    "scoring": KNOWING | {SENSITIVITY},
    "ask": KNOWING | {SENSITIVITY},
    "checks": KNOWING | {SENSITIVITY},
    "report": KNOWING,
    "scaffold": KNOWING | {"report"},
    "smoke": KNOWING,
}
"""`ask` weighs questions by what they settle, `scoring` needs the confidence of each verdict, `checks` finds the edges
at which it turns, and DECISION.md is the report's sections as Markdown."""

HEAVY = ("torch", "transformers", "faiss", "sklearn", "numpy", "scipy", "pandas", "jinja2", "prompt_toolkit")


def rooms_imported(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            rooms |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: advisor imports by its full name"
            rooms |= (
                {f"{node.module}.{a.name}" for a in node.names} if node.module == "advisor" else {node.module or ""}
            )
    return rooms


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_knows_only_the_rooms_below(room: str) -> None:
    place = ROOT / "advisor" / room
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        own = {name.split(".")[1] for name in rooms_imported(path) if name.startswith("advisor.")}
        assert own - {room, "__version__"} <= ALLOWED[room], path


def test_every_room_is_guarded() -> None:
    rooms = {path.stem for path in (ROOT / "advisor").iterdir() if not path.name.startswith("_")}
    assert rooms - set(ALLOWED) == {"cli", "pipeline"}


def test_nobody_imports_the_command_line() -> None:
    for path in (ROOT / "advisor").rglob("*.py"):
        if "cli" not in path.parts and path.name != "__main__.py":
            assert not {name for name in rooms_imported(path) if name.startswith("advisor.cli")}, path


def test_advisor_and_the_reference_implementations_do_not_know_each_other() -> None:
    for path in (ROOT / "advisor").rglob("*.py"):
        assert not {name for name in rooms_imported(path) if name.startswith("reference_impls")}, path
    for path in (ROOT / "reference_impls").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] not in ("advisor", "reference_impls"), path


@pytest.mark.parametrize("words", ["import advisor.cli", "from advisor.pipeline import advise"])
def test_the_start_is_light(words: str) -> None:
    code = f"import sys; {words}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
