"""Gathers a dossier from a project, and writes the page."""

from __future__ import annotations

from pathlib import Path

from advisor.documents import Dossier, Manifest, Recommendation, SmokeResult
from advisor.errors import DataError
from advisor.files import write_whole
from advisor.report.page import render_page

__all__ = ["load_dossier", "write_report"]


def load_dossier(project: Path) -> Dossier:
    """Everything that a generated project keeps of how it came about.

    Raises:
        DataError: the folder is no project of advisor, or a document in it is damaged.
    """
    kept = project / ".advisor"
    if not kept.is_dir():
        raise DataError(
            f"{project}: no project of advisor (no {kept.name}/)", "give an answers file, or a folder made by scaffold"
        )
    smoke = kept / "smoke.json"
    return Dossier(
        recommendation=Recommendation.load(kept / "recommendation.json"),
        manifest=Manifest.load(kept / "manifest.json"),
        smoke=SmokeResult.load(smoke) if smoke.exists() else None,
    )


def write_report(dossier: Dossier, out: Path) -> None:
    """Writes the page; a reader sees the old file or the new one, whole.

    Raises:
        DataError: the place cannot be written.
    """
    page = render_page(dossier)
    try:
        write_whole(out, page.encode())
    except OSError as fault:
        raise DataError(f"{out}: cannot be written: {fault.strerror}", "choose another place with --out") from None
