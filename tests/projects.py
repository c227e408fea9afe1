"""Projects for tests: planned in memory, and changed by their configuration only."""

from __future__ import annotations

import re
from pathlib import Path

from advisor.documents import Recommendation
from advisor.knowledge import Knowledge
from advisor.scaffold.plan import ProjectPlan, plan_project

__all__ = ["CACHES", "configure", "plan", "tree"]

CACHES = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}


def plan(
    recommendation: Recommendation, knowledge: Knowledge, pattern: str = "plain_rag", package: str = "demo"
) -> ProjectPlan:
    return plan_project(recommendation, knowledge.patterns[pattern], knowledge, package)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes, links not followed, caches left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and CACHES.isdisjoint(path.parts)
    }


def configure(project: Path, **settings: str) -> None:
    """Sets keys of config.yaml by hand, as its owner would: `configure(project, chunk_by="paragraph")`."""
    path = project / "config.yaml"
    text = path.read_text()
    for key, value in settings.items():
        text, count = re.subn(rf"(?m)^  {key}: .*$", lambda _, k=key, v=value: f"  {k}: {v}", text)  # type: ignore[misc]
        assert count == 1, f"{key} stands {count} times in {path}"
    path.write_text(text)
