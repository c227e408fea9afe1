import pytest

from ...labelled_data.base import Example, Span, Task
from ...project_base.errors import UserError
from ..ladder.rungs import LADDERS, rung_of, why_not
from ..settings import Settings


def labelled(**counts: int) -> list[Example]:
    return [Example("t", label, "p") for label, count in counts.items() for _ in range(count)]


def reason(rung: str, examples: list[Example], task: Task = "classification", climb_to: str = "full") -> str:
    settings = Settings.model_validate({"examples": "x", "task": task, "climb_to": climb_to})
    return why_not(rung_of(task, rung), settings, examples)


@pytest.mark.parametrize("task", LADDERS)
def test_each_ladder_begins_with_a_floor_that_is_always_tried(task: Task) -> None:
    first = LADDERS[task][0]
    assert not why_not(first, Settings(examples="x", task=task, climb_to="head"), [])
    assert len({rung.name for rung in LADDERS[task]}) == len(LADDERS[task])


def test_tuning_waits_for_labels() -> None:
    assert "199 labelled texts, and it is worth trying from 200 on" in reason("lora", labelled(a=100, b=99))
    assert not reason("lora", labelled(a=100, b=100))
    many = dict.fromkeys("cdefghijklm", 20)
    assert "7 of the label 'b'" in reason("lora", labelled(b=7, **many))
    # A label that hardly occurs holds nobody back.
    assert not reason("lora", labelled(a=100, b=100, c=3))
    assert "from 1,000 on" in reason("full", labelled(a=500, b=499))
    assert not reason("head", labelled(a=2, b=2))


def test_the_top_of_the_ladder_is_set() -> None:
    many = labelled(a=1000, b=1000)
    assert reason("lora", many, climb_to="head") == "fine_tuning.climb_to is head"
    assert reason("full", many, climb_to="lora") == "fine_tuning.climb_to is lora"
    assert not reason("full", many, climb_to="full")


def test_spans_and_responses_are_counted_as_labels() -> None:
    spans = [Example("ab", (Span(0, 1, "x"), Span(1, 2, "y")), "p") for _ in range(100)]
    assert not reason("lora", spans, task="extraction")
    assert "198 spans" in reason("lora", spans[:99], task="extraction")
    assert "49 responses" in reason("lora", labelled(r=49), task="generation")
    assert not reason("lora", labelled(r=50), task="generation")


def test_an_unknown_rung_names_those_there_are() -> None:
    with pytest.raises(UserError, match="its rungs are untuned, lora, full"):
        rung_of("generation", "head")
