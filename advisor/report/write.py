"""Gathers a dossier from a project, and writes the page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from advisor.documents import Dossier, Manifest, Recommendation, SmokeResult
from advisor.errors import DataError
from advisor.files import digest_of, write_whole
from advisor.report.page import render_page

__all__ = ["check_report_place", "load_dossier", "write_report"]

_PAGE = b"<!doctype html>"


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
    manifest = Manifest.load(kept / "manifest.json")
    smoke = SmokeResult.load(kept / "smoke.json") if (kept / "smoke.json").exists() else None
    changed = smoke is not None and smoke.of != digest_of(project, [record.path for record in manifest.files])
    return Dossier(
        recommendation=Recommendation.load(kept / "recommendation.json"),
        manifest=manifest,
        smoke=None if changed else smoke,
        changed_since_smoke=changed,
    )


def check_report_place(out: Path) -> None:
    """Says early what would stop a report from being written there.

    Raises:
        DataError: the folder does not exist, or something stands there that is no web page, such as an answers file.
    """
    if not out.absolute().parent.is_dir():
        raise DataError(f"{out}: the folder {out.parent} does not exist", "make it, or choose another place with --out")
    if out.is_dir():
        raise DataError(f"{out}: a folder stands there", f"name a file, such as {out / 'report.html'}")
    if out.exists() and not out.is_file():
        raise DataError(f"{out}: no plain file", "name a file, such as report.html")
    if out.is_file() and out.stat().st_size > 0:
        with out.open("rb") as stream:
            if stream.read(len(_PAGE)).lower() != _PAGE:
                raise DataError(f"{out}: a file that is no report stands there", "choose another place with --out")


def write_report(dossier: Dossier, out: Path) -> None:
    """Writes the page; a reader sees the old file or the new one, whole.

    Raises:
        DataError: the place cannot be written.
    """
    check_report_place(out)
    page = render_page(dossier, date.today())
    try:
        write_whole(out, page.encode())
    except OSError as fault:
        raise DataError(f"{out}: cannot be written: {fault.strerror}", "choose another place with --out") from None
