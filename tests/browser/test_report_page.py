from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from advisor.documents import Dossier
from tests.report import dossiers as given

pytestmark = pytest.mark.browser

Show = Callable[..., Page]

DOSSIERS = {
    "full": given.full(),
    "failed": Dossier(
        recommendation=given.recommendation(), manifest=given.manifest(), smoke=given.smoke(passed=False)
    ),
    "undecided": Dossier(recommendation=given.undecided()),
    "vetoed": Dossier(recommendation=given.vetoed()),
}
LONG = "Donaudampfschifffahrtsgesellschaftskapitaen" * 4

# Every text that is seen, with its colour and the first background behind it that is not transparent.
COLOURS = """() => {
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.getClientRects().length) continue;
    let behind = element;
    while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
    const style = getComputedStyle(element);
    seen.push([node.data.trim(), style.color, getComputedStyle(behind || document.body).backgroundColor]);
  }
  return seen;
}"""


@pytest.fixture(params=DOSSIERS)
def dossier(request: pytest.FixtureRequest) -> Dossier:
    return DOSSIERS[request.param]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def wider_than_the_window(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
          .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.skip, thead'))
          .map(one => one.outerHTML.slice(0, 120))"""
    )
    return found


def test_it_asks_for_nothing_and_complains_about_nothing(show: Show, dossier: Dossier) -> None:
    page = show(dossier)
    assert len(page.requests_made) == 1  # type: ignore[attr-defined]
    assert page.complaints == []  # type: ignore[attr-defined]
    # The style is applied, so the policy lets it through.
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"


@pytest.mark.parametrize("width", [320, 390, 700, 1000, 1280])
def test_nothing_is_wider_than_the_window(show: Show, dossier: Dossier, width: int) -> None:
    page = show(dossier, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert wider_than_the_window(page) == []


def test_words_without_end_do_not_widen_a_phone(show: Show) -> None:
    plain = given.full().model_dump(mode="json")
    page = show(Dossier.model_validate_json(json.dumps(given.poisoned(plain, LONG))), width=390)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(show: Show, dossier: Dossier, scheme: str) -> None:
    page = show(dossier, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    seen = page.evaluate(COLOURS)
    assert len(seen) > 30
    assert [one for one in seen if contrast(one[1], one[2]) < 4.5] == []


def test_dark_mode_turns_the_page_dark(show: Show) -> None:
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    light = show(given.full(), scheme="light").evaluate(colours)
    dark = show(given.full(), scheme="dark").evaluate(colours)
    assert luminance(light[0]) > 0.8
    assert luminance(dark[0]) < 0.1
    assert luminance(light[1]) < luminance(dark[1])


def test_it_reads_without_scripts(show: Show) -> None:
    page = show(given.full(), script=False)
    assert page.locator("h1").inner_text() == "RAG: fused retrieval with reranking"
    source = page.get_by_text("Retrieval beat further training").first
    assert not source.is_visible()
    page.locator("summary", has_text="2 sources").first.click()
    assert source.is_visible()


def test_paper_shows_what_the_screen_folds(show: Show) -> None:
    page = show(given.full())
    table = page.locator("#facts table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    folded = page.locator("details > :not(summary)")
    assert folded.count() > 5
    assert folded.evaluate_all("all => all.every(one => one.checkVisibility())")
    assert page.pdf().startswith(b"%PDF")


def test_the_keyboard_reaches_the_verdict_and_every_fold(show: Show) -> None:
    page = show(given.full())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#verdict"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') !== null")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_texts_of_others_stay_texts(show: Show) -> None:
    trap = "</script><img src=x onerror=\"document.title='taken'\">{{ 7 * 7 }}"
    plain = given.full().model_dump(mode="json")
    page = show(Dossier.model_validate_json(json.dumps(given.poisoned(plain, trap))))
    assert page.locator("img").count() == 0
    assert page.title().endswith("{{ 7 * 7 }}")
    assert page.title() != "taken"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_screen_reader_hears_landmarks_and_figures(show: Show) -> None:
    page = show(given.full())
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("navigation", name="Contents").count() == 1
    assert page.get_by_role("img", name="Confidence: high, 0.88").count() == 1
    assert page.get_by_role("row", name=re.compile(r"^Fine-tuning ruled out .*1\.5$")).count() == 1
    assert page.get_by_role("region", name="Why").count() == 1
