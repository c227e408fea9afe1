"""A real Chromium that reaches nothing, and pages as files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from advisor.documents import Dossier
from advisor.report.page import render_page

FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
NO_BROWSER = "these tests need a real browser: install the Debian package `chromium` (apt-get install chromium)"

Show = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail(NO_BROWSER)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """`show(dossier, width=..., scheme=..., script=...)`: the page, opened from a file.

    What it asked for and complained about is kept in `page.requests_made` and `page.complaints`.
    """
    contexts = []

    def open_page(dossier: Dossier, *, width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
        file = tmp_path / "report.html"
        file.write_text(render_page(dossier), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        asked_for: list[str] = []
        complaints: list[str] = []
        page.requests_made = asked_for  # type: ignore[attr-defined]
        page.complaints = complaints  # type: ignore[attr-defined]

        def on_request(request: Request) -> None:
            asked_for.append(request.url)

        def on_console(message: ConsoleMessage) -> None:
            complaints.append(message.text)

        def on_fault(fault: Error) -> None:
            complaints.append(str(fault))

        page.on("request", on_request)
        page.on("console", on_console)
        page.on("pageerror", on_fault)
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
