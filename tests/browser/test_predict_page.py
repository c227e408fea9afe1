"""The page to try a text in, in a real browser, before a real server and a real model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reference_impls.fine_tuning.answering.http_api import make_service
from reference_impls.fine_tuning.answering.live import LiveModel
from reference_impls.fine_tuning.tests.asked import add_version, settings_in

from .conftest import Visit
from .served_pages import check_it_reads_on_a_phone, check_it_stays_with_its_server

pytestmark = pytest.mark.browser

TRAP = "<img src=x onerror=\"document.title='taken'\">"

Open = Callable[..., Page]


@pytest.fixture
def open_page(visit: Visit, tmp_path: Path) -> Open:
    """`open_page(width=..., scheme=...)`."""

    def start(*, width: int = 1000, scheme: str = "light") -> Page:
        settings = settings_in(tmp_path)
        return visit(make_service(settings, lambda: LiveModel(settings)), settings.serving, width=width, scheme=scheme)

    return start


def predict(page: Page, text: str) -> None:
    page.get_by_label("Your text").fill(text)
    page.get_by_label("Your text").press("Enter")


def test_a_text_gets_its_label_with_the_others_behind_it(open_page: Open, tmp_path: Path) -> None:
    version = add_version(tmp_path, score=0.9, scored_by="20 validation examples")
    page = open_page()
    expect(page.locator("#model")).to_contain_text(version)
    expect(page.locator("#model")).to_contain_text("0.900")
    predict(page, "a plum")
    expect(page.locator("#answer")).to_contain_text("fruit")
    expect(page.get_by_role("listitem")).to_have_count(2)
    expect(page.locator("#abstained")).to_be_hidden()
    predict(page, TRAP)
    expect(page.get_by_role("status")).to_contain_text("Answered by")
    assert page.locator("img").count() == 0
    assert page.title() == "Try a text"
    check_it_stays_with_its_server(page)


def test_a_failure_is_an_alert(open_page: Open, tmp_path: Path) -> None:
    add_version(tmp_path)
    page = open_page()
    page.route("**/predict", lambda route: route.abort())
    predict(page, "a plum")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(page.locator("#result")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_on_a_phone_in_both_schemes(open_page: Open, tmp_path: Path, scheme: str) -> None:
    add_version(tmp_path)
    page = open_page(width=320, scheme=scheme)
    predict(page, "a plum")
    expect(page.locator("#result")).to_be_visible()
    check_it_reads_on_a_phone(page, scheme)
    assert page.complaints == []  # type: ignore[attr-defined]
