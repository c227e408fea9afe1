"""The page to try a prompt in, in a real browser, before a real server and an endpoint on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reference_impls.prompting.proof.endpoint import running
from reference_impls.prompting.running import Runner
from reference_impls.prompting.service import make_service
from reference_impls.prompting.tests.projects import open_project

from .conftest import Visit
from .served_pages import check_it_reads_on_a_phone, check_it_stays_with_its_server

pytestmark = pytest.mark.browser

TRAP = "<img src=x onerror=\"document.title='taken'\">"


def open_page(visit: Visit, folder: Path, base_url: str = "", width: int = 1000, scheme: str = "light") -> Page:
    opened = open_project(folder, "few_shot", base_url, language_models__retries=0)
    service = make_service(opened.settings, lambda: Runner(opened))
    return visit(service, opened.settings.serving, width=width, scheme=scheme)


def send(page: Page, text: str) -> None:
    page.get_by_label("Your input").fill(text)
    page.get_by_label("Your input").press("Enter")


def test_an_output_is_shown_as_text_with_what_is_wrong_with_it(visit: Visit, tmp_path: Path) -> None:
    with running(lambda messages: TRAP if "a trap" in str(messages) else "loss") as server:
        page = open_page(visit, tmp_path, server.base_url)
        expect(page.locator("#prompt")).to_have_text("Prompt route_message@1")
        send(page, "My key is gone.")
        expect(page.locator("#answer")).to_have_text("loss")
        expect(page.locator("#problems")).to_be_hidden()
        expect(page.locator("#note")).to_be_hidden()
        expect(page.get_by_role("status")).to_contain_text("tokens read")
        send(page, "a trap")
        expect(page.locator("#answer")).to_have_text(TRAP)
        expect(page.locator("#problems")).to_contain_text("Not as declared")
    assert page.locator("img").count() == 0
    assert page.title() == "Try the prompt"
    check_it_stays_with_its_server(page)


def test_stop_and_a_dead_endpoint_leave_a_page_to_go_on_with(visit: Visit, tmp_path: Path) -> None:
    with running(lambda _messages: "loss") as server:
        page = open_page(visit, tmp_path, server.base_url)
        server.seconds = 2
        send(page, "My key is gone.")
        expect(page.get_by_role("status")).to_contain_text("Waiting for the output")
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_role("status")).to_have_text("Stopped.")
        expect(page.locator("#result")).to_be_hidden()
        expect(page.get_by_role("button", name="Stop")).to_be_disabled()
    send(page, "My key is gone.")
    expect(page.get_by_role("alert")).to_contain_text("Next: ")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_on_a_phone_in_both_schemes(visit: Visit, tmp_path: Path, scheme: str) -> None:
    page = open_page(visit, tmp_path, width=320, scheme=scheme)
    send(page, "My key is gone. " + "x" * 200)
    expect(page.get_by_role("note")).to_contain_text("a stand-in answered")
    check_it_reads_on_a_phone(page, scheme)
