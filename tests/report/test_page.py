from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import get_args

import pytest

from advisor import resources
from advisor.documents import Dossier
from advisor.report.blocks import Block, Source
from advisor.report.page import render_page
from tests.report import dossiers as given

POISON = "</script><img src=x onerror=alert(1)>\"'{{ 7 * 7 }}{% raw %}{# gone #}</style></title>&amp;"
VOID = {"meta", "rect", "br", "link", "img"}


class Tags(HTMLParser):
    """Every element with its attributes; complains about what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


DOSSIERS = {
    "full": given.full(),
    "failed": Dossier(
        recommendation=given.recommendation(), manifest=given.manifest(), smoke=given.smoke(passed=False)
    ),
    "undecided": Dossier(recommendation=given.undecided()),
    "vetoed": Dossier(recommendation=given.vetoed()),
}


@pytest.fixture(params=DOSSIERS, ids=str)
def tags(request: pytest.FixtureRequest) -> Tags:
    return Tags(render_page(DOSSIERS[request.param]))


def test_the_page_is_whole_and_has_landmarks(tags: Tags) -> None:
    assert tags.open == []
    assert tags.all("html") == [{"lang": "en"}]
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(tags.all(landmark)) == 1


def test_headings_go_down_one_level_at_a_time(tags: Tags) -> None:
    levels = [int(tag[1]) for tag, _ in tags.found if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(tags: Tags) -> None:
    ids = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = [href[1:] for a in tags.all("a") if (href := a["href"] or "").startswith("#")]
    wanted += [label for _, attributes in tags.found if (label := attributes.get("aria-labelledby"))]
    assert set(wanted) <= set(ids)


def test_pictures_have_a_text_and_tables_have_headers(tags: Tags) -> None:
    assert all(svg.get("aria-label") or svg.get("aria-hidden") == "true" for svg in tags.all("svg"))
    assert len(tags.all("caption")) == len(tags.all("table"))
    assert all(th.get("scope") in {"row", "col"} for th in tags.all("th"))


def test_nothing_comes_from_outside(tags: Tags) -> None:
    names = {tag for tag, _ in tags.found}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio"})
    for tag, attributes in tags.found:
        assert not any(name.startswith("on") or name in {"style", "src", "srcset"} for name in attributes)
        assert "href" not in attributes or tag == "a"
    for link in tags.all("a"):
        href = link["href"] or ""
        if not href.startswith("#"):
            assert href.startswith(("http://", "https://"))
            assert "noopener" in (link["rel"] or "")


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    page = render_page(given.full())
    style = page[page.index("<style>") + 7 : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (m["content"] or "" for m in Tags(page).all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "url(" not in style
    assert "@import" not in style


def test_equal_dossiers_give_equal_bytes() -> None:
    again = Dossier.model_validate_json(given.full().model_dump_json())
    assert render_page(again) == render_page(given.full())


@pytest.mark.parametrize("name", DOSSIERS)
def test_no_text_can_become_markup_or_template(name: str) -> None:
    clean = DOSSIERS[name]
    plain = clean.model_dump(mode="json")
    poisoned = Dossier.model_validate_json(json.dumps(given.poisoned(plain, POISON)))
    page = Tags(render_page(poisoned))
    assert [tag for tag, _ in page.found] == [tag for tag, _ in Tags(render_page(clean)).found]
    assert page.open == []
    assert page.all("img") == page.all("script") == []
    assert not any(attribute.startswith("on") for _, attributes in page.found for attribute in attributes)
    said = "".join(page.texts)
    assert "{{ 7 * 7 }}{% raw %}{# gone #}" in said
    assert "onerror=alert(1)" in said
    assert "&amp;" in said


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        " https://x",
        "",
    ],
)
def test_a_link_that_does_not_lead_to_the_web_is_not_followed(link: str) -> None:
    assert Source("t", "read", link).href is None
    source = given.PAPER.model_copy(update={"link": link})
    advice = given.recommendation(chosen=None, reasons=(given.reason(sources=(source,)),))
    page = render_page(Dossier(recommendation=advice))
    assert all((a["href"] or "").startswith("#") for a in Tags(page).all("a"))


def test_every_kind_of_block_has_its_template() -> None:
    folder = resources.folder("templates") / "report" / "blocks"
    kinds = {kind.__name__.lower() for kind in get_args(Block)}
    assert {path.name.removesuffix(".html.jinja") for path in folder.iterdir()} == kinds
