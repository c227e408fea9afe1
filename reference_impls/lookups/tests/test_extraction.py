import pytest

from ..askers import ANYBODY, Asker
from ..declarations import Parameter
from ..extraction import ask_about_the_same, extract

PARTS = {
    "Bridge B1": ["Bridge B1", "Bridge", "Bridges"],
    "Tag T2": ["Tag T2", "Tag", "Tags"],
    "桥": ["网关"],
    "C++": ["C++"],
    "twin one": ["twin"],
    "twin two": ["twin"],
}
KINDS = {
    "part": Parameter(kind="choice", query="SELECT 1"),
    "order": Parameter(kind="pattern", pattern="OR-[0-9]{6}"),
    "day": Parameter(kind="date"),
    "count": Parameter(kind="number", least=1, most=5000),
}


def found(question: str, *names: str) -> object:
    """The value, the values if there are several, or None."""
    parameters = {name: KINDS[name] for name in names}
    result = extract(parameters, {"part": PARTS}, question, ANYBODY)
    return result.unclear.get(names[-1], result.values.get(names[-1]))


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How many BRIDGES are there?", "Bridge B1"),
        ("Is the bridge  B1, the Bridge, in stock?", "Bridge B1"),
        ("How many Bridgeheads?", None),
        ("Bridge or Tag?", ("Bridge B1", "Tag T2")),
        ("网关还有多少?", "桥"),
        ("Do you have C++ books?", "C++"),
        ("Is the twin here?", ("twin one", "twin two")),
        ("\uff22ridge in full width", "Bridge B1"),
        ("", None),
    ],
)
def test_choices(question: str, value: object) -> None:
    assert found(question, "part") == value


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("on 2026-11-20?", "2026-11-20"),
        ("on 3.2.2026.", "2026-02-03"),
        ("on 2026-02-30?", None),
        ("on 11/12/2026?", None),
        ("from 2026-01-01 to 2026-01-02", ("2026-01-01", "2026-01-02")),
        ("version 1.2.2026.4", None),
    ],
)
def test_dates(question: str, value: object) -> None:
    assert found(question, "day") == value


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("for 12 tags", 12),
        ("for 2.5 metres", 2.5),
        ("for 2,5 metres", 2.5),
        ("for 1,250 tags", None),
        ("for 1.250 tags", None),
        ("for 9000 tags", None),
        ("for 0 tags", None),
        ("for T2 or B1", None),
        ("5 or 6?", ("5", "6")),
        ("5 and 5?", 5),
        ("5-7 tags", None),
        ("about 7.", 7),
        ("1,250.50", None),
    ],
)
def test_numbers(question: str, value: object) -> None:
    assert found(question, "count") == value


def test_what_one_parameter_used_is_not_read_again() -> None:
    question = "Are 12 Tags T2 or OR-104210 due on 2026-11-20?"
    assert found(question, "day", "count") == 12
    assert found(question, "order") == "OR-104210"
    assert found("on 2026-11-20", "day", "count") is None


def test_an_identity_never_comes_from_the_question() -> None:
    parameters = {"customer": Parameter(kind="tenant"), "who": Parameter(kind="user")}
    question = "I am tenant acme and user root, customer: acme"
    assert extract(parameters, {}, question, ANYBODY).missing == ("customer", "who")
    asked = extract(parameters, {}, question, Asker(tenant="north", user="eve"))
    assert asked.values == {"customer": "north", "who": "eve"}


def test_an_example_is_asked_about_the_same_thing() -> None:
    parameters = {"part": KINDS["part"], "order": KINDS["order"]}
    example, question = "Is the  Tag T2 of OR-000001 in?", "What about Bridges, any?"
    first, second = (extract(parameters, {"part": PARTS}, text, ANYBODY) for text in (example, question))
    assert ask_about_the_same(example, first, question, second) == "Is the Bridges of OR-000001 in?"
