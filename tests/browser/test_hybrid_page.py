"""The page to ask a hybrid in, in a real browser, before a real server; replies of every way are prepared."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reference_impls.hybrid.base import Reply
from reference_impls.hybrid.http_api import make_service
from reference_impls.hybrid.tests.projects import settings as settings_in
from reference_impls.project_base.errors import QuestionError, UserError
from reference_impls.rag.answer import Source
from reference_impls.retrieval.access import NO_FILTERS, NOBODY, Filters, Reader

from .conftest import Visit
from .served_pages import check_it_reads_on_a_phone, check_it_stays_with_its_server

pytestmark = pytest.mark.browser

TRAP = "<img src=x onerror=\"document.title='taken'\">"


class Prepared:
    """A hybrid that takes the way that a question names."""

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        if question == "fixed":
            return Reply(
                question=question, text=TRAP, way="fixed", why="a delivery with .97", label="delivery", total_ms=3
            )
        if question == "repaired":
            source = Source(number=1, document="a.md", heading="Prices", text=TRAP, start=0, end=len(TRAP))
            told = ("the sum was 41, it is 40",)
            return Reply(question=question, text="40 [1]", way="tuned", sources=(source,), repaired=told, total_ms=9)
        if question == "refused":
            return Reply(
                question=question, text="I do not know.", refused=True, reason="nothing near", way="none", total_ms=1
            )
        if question == "mine":
            raise QuestionError("the question says too little", "ask in a whole sentence")
        raise UserError("/srv/secret/index is gone", "build it again")


def open_page(visit: Visit, folder: Path, width: int = 1000, scheme: str = "light") -> Page:
    settings = settings_in(folder)
    return visit(make_service(settings, Prepared), settings.serving, width=width, scheme=scheme)


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def test_every_way_is_named_and_nothing_of_the_last_reply_stays(visit: Visit, tmp_path: Path) -> None:
    page = open_page(visit, tmp_path)
    ask(page, "repaired")
    expect(page.locator("#answer")).to_have_text("40 [1]")
    expect(page.locator("#way")).to_have_text("Way: tuned")
    expect(page.get_by_role("note", name="Repaired")).to_contain_text("the sum was 41, it is 40")
    expect(page.get_by_role("listitem").filter(has_text="[1] a.md").locator("blockquote")).to_have_text(TRAP)
    ask(page, "fixed")
    expect(page.locator("#answer")).to_have_text(TRAP)
    expect(page.locator("#way")).to_have_text("Way: fixed. a delivery with .97")
    expect(page.get_by_role("note", name="Repaired")).to_be_hidden()
    expect(page.locator("#evidence")).to_be_hidden()
    assert page.locator("#repaired li, #sources li").count() == 0
    ask(page, "refused")
    expect(page.locator("#reason")).to_have_text("Refused: nothing near")
    assert page.locator("img").count() == 0
    assert page.title() == "Ask"
    check_it_stays_with_its_server(page)


def test_a_refusal_says_what_to_do_and_keeps_paths_to_itself(visit: Visit, tmp_path: Path) -> None:
    page = open_page(visit, tmp_path)
    ask(page, "mine")
    expect(page.get_by_role("alert")).to_contain_text("the question says too little. Next: ask in a whole sentence")
    ask(page, "broken")
    expect(page.get_by_role("alert")).not_to_contain_text("too little")
    expect(page.get_by_role("alert")).to_contain_text("Next: ")
    assert "secret" not in page.content()
    expect(page.locator("#result")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_on_a_phone_in_both_schemes(visit: Visit, tmp_path: Path, scheme: str) -> None:
    page = open_page(visit, tmp_path, width=320, scheme=scheme)
    ask(page, "repaired")
    expect(page.locator("#result")).to_be_visible()
    check_it_reads_on_a_phone(page, scheme)
