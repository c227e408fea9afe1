"""The chart of a replay is one file, harmless whatever stands in the data, and says what the replay says."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from ..chart.drawing import Bar, Line, bars_svg, lines_svg
from ..chart.page import replay_page
from ..chart.scales import apart, number, ticks
from .replays import NASTY, chosen, replayed


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(drawing: str) -> ElementTree.Element:
    """What was drawn here, so that nothing foreign is parsed."""
    return ElementTree.fromstring(drawing)  # noqa: S314


@pytest.fixture
def page() -> str:
    return replay_page(replayed(), chosen(), f"{NASTY}.csv")


def test_the_page_needs_nothing_and_runs_nothing(page: str) -> None:
    tags = Tags(page)
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image"}
    for tag, attributes in tags.found:
        assert not {name for name in attributes if name.startswith("on") or name in {"src", "href", "style"}}, tag
    assert "url(" not in page
    assert "http" not in page.replace('http-equiv="', "")
    assert "default-src 'none'" in page


def test_texts_of_the_data_are_escaped(page: str) -> None:
    assert NASTY not in page
    assert "<b>" not in page
    assert NASTY in "".join(Tags(page).text)


def test_the_drawings_are_well_formed_and_stay_in_their_frame(page: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page)
    assert len(drawings) == 4
    for drawing in drawings:
        root = parsed(drawing)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        width, height = map(float, (root.get("viewBox") or "").split()[2:])
        assert root.find(".//text") is not None
        for element in root.iter("rect"):
            assert 0 <= float(element.get("x") or -1) + float(element.get("width") or -1) <= width
        for element in root.iter("path"):
            numbers = [float(each) for each in re.findall(r"-?\d+\.\d", element.get("d") or "")]
            assert all(0 <= x <= width and 0 <= y <= height for x, y in zip(numbers[::2], numbers[1::2], strict=True))


def test_both_light_and_dark_are_styled(page: str) -> None:
    style = page[page.index("<style>") : page.index("</style>")]
    light, dark = style.split("@media (prefers-color-scheme:dark)")[0], style.split("prefers-color-scheme:dark")[1]
    for name in ("--back", "--ink", "--chosen", "--never", "--best", "--other"):
        assert f"{name}:" in light
        assert f"{name}:" in dark.split("}}")[0]


def test_the_table_tells_every_policy_and_the_choice_stands_out(page: str) -> None:
    told = replayed()
    for each in told.policies:
        assert each.name in "".join(Tags(page).text)
    rows = [attributes.get("class") for tag, attributes in Tags(page).found if tag == "tr"]
    assert rows.count("chosen") == 1
    assert rows.count("never") == 1
    assert "Do not retrain" not in page
    assert "Do not retrain" in replay_page(told, chosen("never"), "x.csv")


def test_windows_without_labels_leave_a_gap() -> None:
    drawn = lines_svg("t", [Line("a", "chosen", [0.1, None, 0.3, 0.4], [2])], ["1", "2", "3", "4"], "accuracy")
    path = next(each.get("d") for each in parsed(drawn).iter("path") if "lead" not in each.attrib.values())
    assert path is not None
    assert path.count("M") == 2
    assert drawn.count("<circle") == 2, "a lone point, and the window that was trained before"


def test_a_drawing_of_almost_nothing_is_a_drawing() -> None:
    for drawn in (
        lines_svg("t", [Line("a", "other", [None])], ["1"], "mae"),
        lines_svg("t", [Line("a", "never", [2.0, 2.0])], ["1", "2"], "mae"),
        bars_svg("t", [Bar("a", "never", 0.0, "0")]),
        bars_svg("t", []),
    ):
        parsed(drawn)


def test_a_bar_shows_its_interval() -> None:
    root = parsed(bars_svg("t", [Bar("a", "never", 2.0, "2", (1.0, 4.0)), Bar("b", "chosen", 3.0, "3")]))
    (spread,) = root.iter("path")
    ends = [float(each) for each in re.findall(r"[ML](\d+\.\d)", spread.get("d") or "")]
    bars = [float(each.get("width") or 0) for each in root.iter("rect")]
    assert ends[1] - ends[0] == pytest.approx(1.5 * bars[0], abs=0.3)
    assert bars[1] == pytest.approx(1.5 * bars[0], abs=0.3)


def test_axes_name_round_numbers() -> None:
    assert ticks(0.61, 0.93) == [0.6, 0.7, 0.8, 0.9, 1.0]
    assert ticks(0, 58.2)[-1] >= 58.2
    assert ticks(3, 3)[0] < 3 < ticks(3, 3)[-1]
    assert [number(each) for each in (0, 0.12345, 58.2, 12345.6, 1e-7)] == ["0", "0.1235", "58.2", "12,346", "1.00e-07"]


def test_labels_keep_their_distance_and_their_order() -> None:
    placed = apart([100.0, 101.0, 20.0, 99.0], 15.0, 0.0, 200.0)
    by_height = sorted(placed)
    assert all(after - before >= 15 - 1e-9 for before, after in pairwise(by_height))
    assert placed[2] == 20.0
    assert placed[3] < placed[0] < placed[1]
    low = apart([199.0, 200.0], 15.0, 0.0, 200.0)
    assert max(low) <= 200.0
