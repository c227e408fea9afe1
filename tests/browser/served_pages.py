"""What every page of a service has to keep to."""

from __future__ import annotations

from playwright.sync_api import Page

from .test_report_page import COLOURS, contrast, luminance, wider_than_the_window


def check_it_stays_with_its_server(page: Page) -> None:
    """Nothing was complained about, and nothing was asked of any other place."""
    assert page.complaints == []  # type: ignore[attr-defined]
    origin = page.evaluate("location.origin")
    assert all(url.startswith((origin, "data:")) for url in page.requests_made)  # type: ignore[attr-defined]


def check_it_reads_on_a_phone(page: Page, scheme: str, texts: int = 6) -> None:
    """Nothing is wider than the window of 320 pixels, and every text has the contrast that WCAG 2 asks of AA.

    Args:
        page: The page, 320 pixels wide.
        scheme: `light` or `dark`.
        texts: It shows more texts than so many.
    """
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert wider_than_the_window(page) == []
    seen = page.evaluate(COLOURS)
    assert len(seen) > texts
    assert [one for one in seen if contrast(one[1], one[2]) < 4.5] == []
    ground = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert ground > 0.8 if scheme == "light" else ground < 0.1
