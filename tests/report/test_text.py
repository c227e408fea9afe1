from __future__ import annotations

import pytest

from advisor.documents import Dossier
from advisor.report import build_sections, render_text
from advisor.report.blocks import Bar, Bars, Headline, Meter, Paragraph, Section, Table
from advisor.report.characters import cells, printable, wrap
from advisor.report.wording import figure, percent
from tests.report import dossiers as given

STEERING = "\x1b[2J\x07\u202eevil\u2066\x00"


def section(*blocks: object) -> tuple[Section, ...]:
    return (Section(id="x", title="X", blocks=blocks),)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("brief", [True, False])
def test_no_line_is_wider_than_asked(width: int, brief: bool) -> None:
    for dossier in (given.full(), Dossier(recommendation=given.undecided()), Dossier(recommendation=given.vetoed())):
        lines = render_text(build_sections(dossier, brief=brief), width).splitlines()
        assert max(map(cells, lines)) <= width


def test_lines_end_without_spaces() -> None:
    assert all(line == line.rstrip() for line in render_text(build_sections(given.full())).splitlines())


def test_a_brief_report_fits_on_a_screen() -> None:
    assert len(render_text(build_sections(given.full(), brief=True)).splitlines()) <= 45


def test_colour_comes_only_when_asked_for() -> None:
    sections = build_sections(given.full())
    plain = render_text(sections)
    coloured = render_text(sections, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    for code in ("0", "1", "2", "31", "36", "1"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain


def test_texts_cannot_steer_the_terminal() -> None:
    said = given.full().model_dump_json().replace("documents", "documents\\u001b[2J\\u202e")
    dossier = Dossier.model_validate_json(said)
    assert "\x1b" in dossier.recommendation.reasons[0].says
    shown = render_text(build_sections(dossier))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_table_and_a_bar_read_without_a_picture() -> None:
    bars = Bars(caption="Points", bars=(Bar("RAG", 4.0, "4.0"), Bar("Prompting", -2.0, "-2.0", "ruled out")))
    table = Table(caption="Checks", columns=("Check", "Says"), rows=(("one", "short"), ("two", "long " * 30)))
    shown = render_text(section(bars, table))
    rag, prompting = (line for line in shown.splitlines() if "0" in line)
    assert rag.split()[0] == "RAG"
    assert rag.endswith("4.0")
    assert prompting.endswith("ruled out")
    assert "says: long long" in shown


def test_a_meter_is_filled_as_far_as_its_value() -> None:
    def filled(value: float) -> int:
        return render_text(section(Meter("Confidence", value, "x"))).count("\N{BOX DRAWINGS HEAVY HORIZONTAL}")

    assert [filled(value) for value in (0.0, 0.5, 1.0)] == [0, 12, 24]


def test_the_headline_takes_the_place_of_a_title() -> None:
    assert render_text(section(Headline("Do this", "Because."))) == "Do this\n\nBecause.\n"
    assert render_text(section(Paragraph("Text."))) == "X\n  Text.\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (STEERING, "[2J evil"),
        ("two\n lines\tand  more ", "two lines and more"),
        ("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c"),
        ("half \ud800 pair", "half pair"),
        ("", ""),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_wide_and_endless_words_keep_to_the_width() -> None:
    for text in ("\u65e5\u672c\u8a9e" * 20, "x" * 200, "a " * 90, "https://example.org/" + "y" * 99):
        lines = wrap(text, 30)
        assert max(map(cells, lines)) <= 30
        assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0%"), (0.004, "<1%"), (0.126, "13%"), (0.996, ">99%"), (1.0, "100%")]
)
def test_what_is_not_nothing_never_reads_as_nothing(share: float, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(2.0, "2"), (100.0, "100"), (1.25, "1.25"), (-0.001, "0"), (-1.5, "\N{MINUS SIGN}1.5")]
)
def test_figures_read_without_needless_digits(value: float, shown: str) -> None:
    assert figure(value) == shown
