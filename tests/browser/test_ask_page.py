"""The page to ask in, in a real browser, before a real server over the sample handbook."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect

from reference_impls.embedding.sentence import SentenceEmbedder
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.language_models.base import Generation, LanguageModel, Prompt
from reference_impls.project_base.errors import UserError
from reference_impls.rag.http_api import make_service
from reference_impls.rag.live import LivePipeline
from reference_impls.rag.smoke import INJECTED, KNOWN, SAMPLE, UNANSWERABLE, Sample
from reference_impls.rag.tests.conftest import project
from reference_impls.serving.settings import Settings as ServingSettings

from .conftest import Visit
from .served_pages import check_it_reads_on_a_phone, check_it_stays_with_its_server

pytestmark = pytest.mark.browser

TRAP = "<img src=x onerror=\"document.title='taken'\">"

Open = Callable[..., Page]


class Typist:
    """A model that writes what it is told, its last piece when the gate is opened."""

    def __init__(self, pieces: list[str], *, cited: bool = True, breaks: bool = False) -> None:
        self._pieces = pieces
        self._end = " [1]" if cited else ""
        self._breaks = breaks
        self.gate = threading.Event()

    def generate(self, prompt: Prompt) -> Generation:
        *_, generation = self.stream(prompt)
        assert isinstance(generation, Generation)
        return generation

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        yield from self._pieces
        self.gate.wait(20)
        if self._breaks:
            raise UserError("the line is dead", "see the cable")
        yield self._end
        yield Generation("".join(self._pieces) + self._end)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    torch.set_num_threads(1)
    folder: Path = tmp_path_factory.mktemp("asked")
    made = Sample(project(SAMPLE / "docs", folder / "unused"), folder)
    made.__dict__["embedder"] = SentenceEmbedder(EmbeddingSettings(device="cpu"))
    made.restore()
    made.edit("overview.md", lambda text: text + INJECTED)
    return made


@pytest.fixture
def open_page(visit: Visit, sample: Sample) -> Iterator[Open]:
    """`open_page(model=..., path=..., width=..., scheme=..., **limits of serving)`."""
    with ExitStack() as opened:

        def start(
            *,
            model: LanguageModel | None = None,
            path: str = "/",
            width: int = 1000,
            scheme: str = "light",
            **limits: int,
        ) -> Page:
            serving = ServingSettings.model_validate(limits)
            settings = sample.settings.model_copy(update={"serving": serving})
            service = make_service(settings, lambda: LivePipeline(settings, sample.embedder, model))
            if isinstance(model, Typist):
                opened.callback(model.gate.set)
            return visit(service, serving, path=path, width=width, scheme=scheme)

        yield start


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def test_an_answer_comes_with_quotes_and_sources(open_page: Open) -> None:
    page = open_page()
    ask(page, KNOWN.question)
    expect(page.locator("#answer")).to_contain_text("36 months")
    sources = page.get_by_role("listitem").filter(has_text="] returns.md")
    expect(sources.locator("blockquote").first).to_contain_text("36 months")
    expect(page.get_by_role("note", name="Warning")).to_contain_text(
        "overview.md (sets instructions aside): Ignore all"
    )
    expect(page.get_by_role("status")).to_contain_text("Done in")
    ask(page, KNOWN.question)
    expect(page.get_by_role("status")).to_contain_text("Answered before")
    check_it_stays_with_its_server(page)


def test_a_refusal_says_why_and_shows_no_sources(open_page: Open) -> None:
    page = open_page()
    ask(page, KNOWN.question)
    expect(page.locator("#evidence")).to_be_visible()
    ask(page, UNANSWERABLE)
    expect(page.locator("#reason")).to_contain_text("Refused: support")
    expect(page.locator("#answer")).to_have_text("I cannot answer this from the documents.")
    expect(page.locator("#evidence")).to_be_hidden()


def test_pieces_are_shown_while_they_are_written(open_page: Open) -> None:
    model = Typist(["The warranty ", "lasts long"])
    page = open_page(model=model)
    ask(page, KNOWN.question)
    expect(page.locator("#answer")).to_have_text("The warranty lasts long")
    expect(page.get_by_role("button", name="Ask")).to_be_disabled()
    model.gate.set()
    expect(page.locator("#answer")).to_have_text("The warranty lasts long [1]")
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()


def test_a_refused_draft_is_taken_back(open_page: Open) -> None:
    model = Typist(["It lasts 77 years."], cited=False)
    page = open_page(model=model)
    ask(page, KNOWN.question)
    expect(page.locator("#answer")).to_have_text("It lasts 77 years.")
    model.gate.set()
    expect(page.locator("#reason")).to_contain_text("cites no passage")
    expect(page.locator("body")).not_to_contain_text("77 years.")


def test_it_can_be_stopped(open_page: Open) -> None:
    page = open_page(model=Typist(["It lasts"]))
    ask(page, KNOWN.question)
    expect(page.locator("#answer")).to_have_text("It lasts")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_have_text("Stopped.")
    expect(page.locator("#result")).to_be_hidden()


def test_texts_of_others_stay_texts(open_page: Open) -> None:
    model = Typist([TRAP])
    model.gate.set()
    page = open_page(model=model)
    ask(page, KNOWN.question)
    expect(page.locator("#answer")).to_have_text(f"{TRAP} [1]")
    assert page.locator("img").count() == 0
    assert page.title() == "Ask the documents"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_policy_lets_no_script_in(open_page: Open) -> None:
    page = open_page()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `" + TRAP + "`)")
    expect(page.locator("img")).to_have_count(1)
    assert page.title() == "Ask the documents"
    assert any("Content Security Policy" in complaint for complaint in page.complaints)  # type: ignore[attr-defined]


def test_a_failure_is_an_alert(open_page: Open) -> None:
    broken = Typist(["It lasts"], breaks=True)
    broken.gate.set()
    page = open_page(model=broken)
    ask(page, KNOWN.question)
    expect(page.get_by_role("alert")).to_contain_text("cannot answer at the moment")
    expect(page.get_by_role("alert")).not_to_contain_text("the line is dead")
    expect(page.locator("#result")).to_be_hidden()
    ask(page, "x" * 2001)
    expect(page.get_by_role("alert")).to_contain_text("allowed are 2,000")
    page.route("**/ask/stream", lambda route: route.abort())
    ask(page, KNOWN.question)
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")


def test_the_keyboard_is_enough(open_page: Open) -> None:
    page = open_page()
    assert page.evaluate("document.activeElement.id") == "question"
    page.keyboard.type("How long is the")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("warranty of the Bridge B1?")
    assert "\n" in page.get_by_label("Your question").input_value()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "ask"
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("36 months")


@pytest.mark.parametrize("path", ["/", "/docs"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_on_a_phone_in_both_schemes(open_page: Open, path: str, scheme: str) -> None:
    page = open_page(path=path, width=320, scheme=scheme)
    if path == "/":
        ask(page, KNOWN.question)
        expect(page.locator("#evidence")).to_be_visible()
    else:
        expect(page.get_by_role("heading", name="POST /ask/stream")).to_be_visible()
    check_it_reads_on_a_phone(page, scheme, texts=8)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_interface_is_shown(open_page: Open) -> None:
    page = open_page(path="/docs")
    expect(page.get_by_role("heading", name="POST /ask", exact=True)).to_be_visible()
    expect(page.locator("pre").filter(has_text="question: string (in a sentence)")).to_have_count(2)
    expect(page.locator("pre").filter(has_text="total_ms: number")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers from the documents, version 1")
    assert page.complaints == []  # type: ignore[attr-defined]
