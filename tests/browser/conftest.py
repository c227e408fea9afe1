"""A real Chromium that reaches nothing, and pages as files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, sync_playwright

from advisor.documents import Dossier
from advisor.report.page import render_page
from reference_impls.serving.app import Service, make_app
from reference_impls.serving.settings import Settings as ServingSettings
from reference_impls.serving.tests.in_thread import running

FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
NO_BROWSER = "these tests need a real browser: install the Debian package `chromium` (apt-get install chromium)"

Show = Callable[..., Page]
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail(NO_BROWSER)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


def watched(context: BrowserContext) -> Page:
    """A page that keeps what it asks for in `requests_made` and what it complains about in `complaints`."""
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
    return page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(service, serving, path=..., width=..., scheme=...)`: a page of a real server that is ready, `watched`."""
    with ExitStack() as opened:

        def open_page(
            service: Service,
            serving: ServingSettings,
            *,
            path: str = "/",
            width: int = 1000,
            scheme: str = "light",
        ) -> Page:
            client = opened.enter_context(running(make_app(service, serving)))
            while not client.get("/health").is_success:
                pass
            context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
            opened.callback(context.close)
            page = watched(context)
            page.goto(f"{client.base_url}{path}")
            return page

        yield open_page


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """`show(dossier, width=..., scheme=..., script=...)`: the page, opened from a file, `watched`."""
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
        page = watched(context)
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
