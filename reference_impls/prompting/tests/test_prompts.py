from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..items.base import Item
from ..prompts.declaration import Declaration
from ..prompts.fields import FieldSpec, same_value
from ..prompts.prompt_file import read_prompt
from ..prompts.versions import keep_version
from .projects import prompt_file

FIELDS = Declaration(
    "fields",
    {},
    {
        "model": FieldSpec(type="choice", options=("Wren", "Heron"), means="which", nullable=True),
        "count": FieldSpec(type="integer", means="how many"),
        "day": FieldSpec(type="date", means="when", nullable=True),
    },
)
LABELS = Declaration("label", {"repair": "broken", "loss": "gone"}, {})


def test_a_prompt_is_read_with_its_hash(tmp_path: Path) -> None:
    prompt = read_prompt(prompt_file(tmp_path, "output: label\nlabels: {a: one, b: two}", "First\n---\nsecond"))
    assert (prompt.label, prompt.instruction, prompt.measure) == ("thing@1", "First\n---\nsecond", "label")
    assert len(prompt.sha256) == 64
    assert "- a: one" in prompt.declaration.instruction()


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("output: label", "output: label needs two labels or more"),
        ("output: text\nlabels: {a: x, b: y}", "no other output has any"),
        ("output: fields\nfields: {n: {type: choice, means: x}}", "options belong to the type choice"),
        ("output: fields\nfields: {n: {type: number}}", ":5: fields.n.means is missing"),
        ("outputs: text", ":4: unknown key outputs; did you mean output?"),
        ("quotes: true", "quotes belong to output: fields"),
        ("measure: label", "measure label does not fit output: text"),
    ],
)
def test_a_wrong_head_is_refused_with_its_line(tmp_path: Path, head: str, told: str) -> None:
    with pytest.raises(UserError) as wrong:
        read_prompt(prompt_file(tmp_path, head))
    assert told in wrong.value.message


@pytest.mark.parametrize("content", ["No head.", "---\nname: a\nversion: 1\n---\n \n", "---\nname: a\n"])
def test_a_file_without_head_or_instruction_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "p.md"
    file.write_text(content)
    with pytest.raises(UserError, match=r"holds no instruction|has no head"):
        read_prompt(file)


@pytest.mark.parametrize("text", ["repair", " Repair.\n", '"repair"', "`REPAIR`"])
def test_a_label_is_read(text: str) -> None:
    output = LABELS.read(text)
    assert (output.text, output.problems) == ("repair", ())


def test_labels_may_begin_and_end_with_marks() -> None:
    marked = Declaration("label", {"U.S.": "", "U.K.": "", '"odd"': "", "*": "", "A.": "", "A": ""}, {})
    for label in marked.labels:
        assert marked.read(label).text == label
        assert not marked.read(label).problems
    for text, label in (("u.s.", "U.S."), ("U.K", "U.K."), ('"U.S."', "U.S."), ("**U.K.**.", "U.K."), ("odd", '"odd"')):
        assert (marked.read(text).text, marked.read(text).problems) == (label, ())
    for text in ("", ".", '"A"', "US"):
        assert marked.read(text).problems, text


@pytest.mark.parametrize("text", ["", "repair or loss", "It is repair", "theft"])
def test_what_is_no_label_is_a_problem(text: str) -> None:
    assert LABELS.read(text).problems


@pytest.mark.parametrize(
    "text",
    [
        '{"model": "heron", "count": 2, "day": null}',
        '```json\n{"model": "Heron", "count": 2.0, "day": null}\n```',
        'Here it is: {"model": "Heron", "count": 2, "day": null} as wanted.',
    ],
)
def test_fields_are_read(text: str) -> None:
    output = FIELDS.read(text)
    assert output.problems == ()
    assert output.fields == {"model": "Heron", "count": 2, "day": None}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nothing", "the answer is not one JSON object"),
        ("[1]", "the answer is not one JSON object"),
        ('{"model": "Wren", "count": 2}', "the key day is missing"),
        ('{"model": "Wren", "count": 2, "day": null, "note": 1}', "the key note is not declared"),
        ('{"model": "Crow", "count": 2, "day": null}', 'model must be one of "Wren", "Heron", or null'),
        ('{"model": "Wren", "count": true, "day": null}', "count must be a whole number"),
        ('{"model": "Wren", "count": null, "day": null}', "count must be a whole number"),
        ('{"model": "Wren", "count": NaN, "day": null}', "the answer is not one JSON object"),
        ('{"model": "Wren", "count": 2, "day": "3 May"}', "day must be a date"),
        ("{" * 100_000, "the answer is not one JSON object"),
    ],
)
def test_what_is_not_as_declared_is_a_problem(text: str, problem: str) -> None:
    assert any(told.startswith(problem) for told in FIELDS.read(text).problems)


def test_the_schema_is_what_is_read() -> None:
    schema = FIELDS.schema()
    assert schema["required"] == ["model", "count", "day"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["model"]["anyOf"][0]["enum"] == ["Wren", "Heron"]
    quoted = Declaration("fields", {}, FIELDS.fields, quotes=True)
    assert quoted.schema()["properties"]["count"]["required"] == ["value", "quote"]
    told = quoted.read('{"model": {"value": null, "quote": null}, "count": {"value": 1, "quote": "one"}, "day": 3}')
    assert (told.fields, told.quotes) == ({"model": None, "count": 1}, {"model": "", "count": "one"})
    assert told.problems == ('day must be an object {"value": ..., "quote": ...}',)


def test_values_are_the_same_whatever_their_form() -> None:
    assert same_value("Elms  Worth", "elms worth")
    assert same_value(2, 2.0)
    assert same_value(("a", "B"), ("b", "a"))
    assert not same_value(True, 1)
    assert not same_value(None, "none")


def test_wanted_fields_are_checked() -> None:
    assert FIELDS.wrong_with_wanted(Item("1", "x", fields={"model": None, "count": 1, "day": None})) == ""
    assert "not declared" in FIELDS.wrong_with_wanted(Item("1", "x", fields={"models": None}))
    assert "object" in FIELDS.wrong_with_wanted(Item("1", "x", "text"))


def test_a_changed_file_is_a_new_version(tmp_path: Path) -> None:
    file = prompt_file(tmp_path)
    runs = tmp_path / "runs"
    kept = keep_version(runs, read_prompt(file))
    assert kept.read_bytes() == file.read_bytes()
    assert keep_version(runs, read_prompt(file)) == kept
    file.write_text(file.read_text() + "More.\n")
    with pytest.raises(UserError) as changed:
        keep_version(runs, read_prompt(file))
    assert "set version: 2 in its head" in changed.value.next_step
    file.write_text(file.read_text().replace("version: 1", "version: 2"))
    assert keep_version(runs, read_prompt(file)).name == "thing@2.md"
