import json
from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..items.base import Item
from ..items.checking import check_items, items_for
from ..items.filling import fill
from ..items.making import as_lines, draw, read_inputs
from ..items.reading import read_items
from ..items.similar import similar_pairs
from ..prompts.prompt_file import read_prompt
from ..proof.project import METHODS, SAMPLE
from .projects import prompt_file


def write(folder: Path, *rows: object, name: str = "items.jsonl") -> Path:
    file = folder / name
    file.write_text("".join(f"{json.dumps(row) if not isinstance(row, str) else row}\n" for row in rows))
    return file


def test_lines_and_tables_say_the_same(tmp_path: Path) -> None:
    lines = write(
        tmp_path,
        {"id": 1, "input": "a\u2028b", "output": "x", "accepted": ["y", "z"]},
        {"input": "c", "output": {"n": 1, "tags": ["a"]}},
        "",
        {"input": "d"},
    )
    table = tmp_path / "items.csv"
    table.write_text('id,input,output,accepted\n1,a\u2028b,x,y | z\n2,c,"{""n"": 1, ""tags"": [""a""]}",\n4,d,,\n')
    for file in (lines, table):
        first, second, third = read_items(file)
        assert (first.id, first.input, first.output, first.accepted) == ("1", "a\u2028b", "x", ("y", "z"))
        assert second.fields == {"n": 1, "tags": ("a",)}
        assert not third.complete
        assert [each.sha256 for each in read_items(file)] == [each.sha256 for each in read_items(lines)]


def test_all_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        {"id": "a", "input": "x"},
        "no json",
        {"id": "a", "input": "y"},
        {"id": "b", "input": " "},
        {"id": "c", "input": "z", "answer": "w"},
        {"id": "d", "input": "z", "output": 3},
        '{"id": "e", "input": "z", "output": {"n": NaN}}',
    )
    with pytest.raises(UserError) as wrong:
        read_items(file)
    told = wrong.value.message
    for place, what in (
        (2, "not JSON"),
        (3, "stands at"),
        (4, "not empty"),
        (5, "unknown key answer"),
        (6, "output must"),
    ):
        assert f"items.jsonl:{place}: " in told
        assert what in told
    assert "items.jsonl:7: not JSON: NaN" in told


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(content)
    with pytest.raises(UserError, match="holds no item"):
        read_items(file)


def test_equal_and_nearly_equal_inputs_are_found() -> None:
    long = "The rear brake of my bicycle squeals and hardly grips any more since the rain of last week"
    pairs = list(
        similar_pairs(["One thing", "something else", "one  THING!", long, long.replace("last", "this"), "other"])
    )
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 2), (3, 4)]
    assert pairs[0].similarity == 1 > pairs[1].similarity > 0.8


def found(items: list[Item], examples: list[Item], folder: Path, head: str = "output: text") -> str:
    prompt = read_prompt(prompt_file(folder, head))
    return "\n".join(f"{each.severity}: {each.text}" for each in check_items(items, examples, prompt, 0.9))


def test_an_example_that_is_an_item_is_a_fault(tmp_path: Path) -> None:
    items = [Item(str(n), f"a question about the matter number {n}", "x", place=f"f:{n}") for n in range(3)]
    told = found(items, [Item("e", "A question about the matter number 2!", "x")], tmp_path)
    assert "error: the example e is the same as the item 2 (f:2): the prompt would hold its answer" in told


def test_repeats_are_told_and_contradictions_are_faults(tmp_path: Path) -> None:
    told = found([Item("1", "What is it?", "x"), Item("2", "what is it", "x")], [], tmp_path)
    assert "warning: the item 2 () is the same as the item 1, and counts twice" in told
    told = found([Item("1", "What is it?", "x"), Item("2", "what is it", "y")], [], tmp_path)
    assert "error: the items 1 and 2 have the same input and want different outputs" in told


def test_too_few_items_come_with_the_interval_that_they_can_give(tmp_path: Path) -> None:
    few = [Item(str(n), f"{n} {'abcdefghij'[n]} thing", "x") for n in range(10)]
    told = found(few, [], tmp_path)
    assert "warning: too few to decide by, 20 are the least. 10 items: with 9 of them right" in told
    assert "0.60 to 0.98" in told
    assert items_for(0.9, 0.05) == 139


def test_outputs_must_be_possible(tmp_path: Path) -> None:
    labels = "output: label\nlabels: {one: first, two: second}"
    told = found([Item("1", "a", "three", place="f:1"), Item("2", "b", None, place="f:2")], [], tmp_path, labels)
    assert "error: f:1: the wanted output is none of the labels one, two" in told
    assert "error: 1 item has no wanted output yet, the first at f:2" in told
    assert "always saying" not in told
    fields = "output: fields\nfields: {n: {type: integer, means: count}}"
    told = found(
        [Item("1", "a", fields={"n": "many"}, place="f:1"), Item("2", "b", fields={}, place="f:2")],
        [],
        tmp_path,
        fields,
    )
    assert "error: f:1: the wanted field n must be a whole number" in told
    assert "error: f:2: the wanted field n is missing" in told


@pytest.mark.parametrize("method", METHODS)
def test_the_sample_has_no_faults_and_twenty_items_or_more(method: str) -> None:
    given = METHODS[method]
    prompt = read_prompt(Path(str(given["prompt"])))
    items = read_items(Path(str(given["items"])))
    examples = read_items(Path(str(given["examples"]))) if given["examples"] else []
    assert len(items) >= 20
    assert [each.text for each in check_items(items, examples, prompt, 0.9) if each.severity != "note"] == []


def test_the_sample_of_orders_has_no_faults() -> None:
    prompt = read_prompt(SAMPLE / "prompts" / "read_order.md")
    items, examples = read_items(SAMPLE / "orders.jsonl"), read_items(SAMPLE / "order_examples.jsonl")
    assert len(items) >= 20
    assert [each.text for each in check_items(items, examples, prompt, 0.9) if each.severity != "note"] == []


def test_a_set_is_drawn_without_repeats_and_examples() -> None:
    words = ["anchor", "basket", "candle", "dagger", "engine", "feather", "garden", "hammer", "island", "jacket"]
    given = [Item(str(n), f"{word} is wanted", "x" if n % 2 else None) for n, word in enumerate(words)]
    given += [Item("r", "Anchor is wanted."), Item("e", "the example itself")]
    drawn = draw(given, [Item("0", "The example itself", "y")], 4, seed=1)
    assert (len(drawn.items), drawn.repeated, drawn.in_examples) == (4, 1, 1)
    assert len(drawn.examples) + drawn.left == 6
    assert all(example.complete for example in drawn.examples)
    assert draw(given, [], 4, seed=1) == draw(given, [], 4, seed=1)
    assert {item.id for item in draw(given, [], 4, seed=2).items} != {item.id for item in drawn.items}


def test_inputs_are_read_from_texts_and_tables(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\ntwo\n")
    (tmp_path / "a.csv").write_text("text,desk\none,x\ntwo,\n")
    assert [item.input for item in read_inputs(tmp_path / "a.txt", "input", "output").items] == ["one", "two"]
    found = read_inputs(tmp_path / "a.csv", "text", "desk")
    assert [(item.input, item.output) for item in found.items] == [("one", "x"), ("two", None)]
    assert found.unread == ()
    with pytest.raises(UserError, match="has no column dsek; it has text, desk"):
        read_inputs(tmp_path / "a.csv", "text", "dsek")
    with pytest.raises(UserError, match="has no column input; it has text, desk"):
        read_inputs(tmp_path / "a.csv", "input", "output")


def test_a_column_of_labels_is_not_left_unread_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,desk,day\nwhat is it,one,3\nwhere is it,two,4\n")
    with pytest.raises(UserError, match=r"the column desk of .* holds labels of the prompt") as wrong:
        read_inputs(tmp_path / "a.csv", "text", None, ("one", "two", "three"))
    assert "--output-column desk" in wrong.value.next_step
    without = read_inputs(tmp_path / "a.csv", "text", "", ("one", "two"))
    assert ([item.output for item in without.items], without.unread) == ([None, None], ("desk", "day"))
    assert read_inputs(tmp_path / "a.csv", "text", None, ("other",)).unread == ("desk", "day")


def test_what_is_right_by_one_label_counts_labelled_items_alone(tmp_path: Path) -> None:
    labels = "output: label\nlabels: {one: first, two: second}"
    items = [Item("1", "a thing", "one", place="f:1"), Item("2", "other"), Item("3", "third"), Item("4", "more")]
    told = found(items, [], tmp_path, labels)
    assert "always saying one would be right on 1.00 of the items that have a label" in told
    assert "None" not in found([Item("1", "a"), Item("2", "b")], [], tmp_path, labels)


def test_rows_with_other_cells_than_columns_are_told_with_their_lines(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("input,output\nHello, I need help,refund\nalone\n\nfine,x\n")
    for made in (False, True):
        with pytest.raises(UserError) as wrong:
            read_inputs(table, "input", "output") if made else read_items(table)
        assert "a.csv:2: 3 cells, where there are 2 columns (input, output)" in wrong.value.message
        assert "a.csv:3: 1 cells" in wrong.value.message
        assert "a.csv:5" not in wrong.value.message
    table.write_text("input,output,output\na,b,c\n")
    with pytest.raises(UserError, match="two columns are called output"):
        read_items(table)


def test_a_set_is_made_of_ordinary_files_and_says_which_lines_are_not(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text(f"input,output\n{'long ' * 40_000},x\n")
    assert len(read_inputs(table, "input", "output").items[0].input) == 199_999
    assert len(read_items(table)) == 1
    lines = write(
        tmp_path,
        {"text": "a", "desk": 3},
        {"text": "b", "desk": {"n": [1]}},
        {"text": 4, "desk": "x"},
        '{"text": "\\ud83d"}',
        {"text": "c", "desk": '{"n": ' * 100_000},
    )
    with pytest.raises(UserError) as wrong:
        read_inputs(lines, "text", "desk")
    for line, what in (
        (1, "desk must be a text"),
        (2, "desk.n must be"),
        (3, "text must be"),
        (4, "not JSON: half of"),
    ):
        assert f"items.jsonl:{line}: {what}" in wrong.value.message
    assert "items.jsonl:5" not in wrong.value.message


def test_missing_outputs_are_asked_for_and_kept_at_once(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    items = [Item("1", "a"), Item("2", "b", "two"), Item("3", "c"), Item("4", "d")]
    file.write_text(as_lines(items))
    lines = iter(["7", "1", "", ":q"])
    written: list[str] = []
    left = fill(read_items(file), file, {"one": "", "two": ""}, lambda: next(lines), written.append)
    assert left == 2
    assert [item.output for item in read_items(file)] == ["one", "two", None, None]
    assert "one of 1 to 2, or a label: " in written
