import json
from pathlib import Path
from typing import Any

import pytest

from ...project_base.errors import UserError
from .. import rows
from ..base import Example, Span, Task, Turn
from ..reading import Read, read_examples, stream_inputs
from ..settings import Settings


def read(folder: Path, name: str, content: str | bytes, task: Task = "classification", **settings: Any) -> Read:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_examples(path, task, Settings(**settings))


def pairs(found: Read) -> list[tuple[str, object]]:
    return [(example.text, example.target) for example in found.examples]


QUOTED = 'text,label\nwhere is it,post\n"pay, please",bill\n'
TWO = [("where is it", "post"), ("pay, please", "bill")]


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        ("a.csv", 'text,label\nwhere is it,post\n"pay, please",bill\n', {}),
        ("a.csv", 'label;text\r\npost;where is it\r\nbill;"pay, please"\r\n', {}),
        ("a.csv", "\ufefftext|label\nwhere is it|post\n\n   \npay, please|bill\n", {}),
        ("a.tsv", "Category\tMessage\npost\twhere is it\nbill\tpay, please\n", {}),
        ("a.tsv", 'label\ttext\npost\t"where is it"\nbill\t"pay, please"\n', {}),
        ("a", "post\twhere is it\nbill\tpay, please\n", {"names": "label, text"}),
        ("a.csv", 'where is it,post\n"pay, please",bill\n', {"header": "no", "names": "text,label"}),
        ("a.csv", QUOTED, {"names": "label, text"}),
        ("a.csv", 'Body,Klass\nwhere is it,post\n"pay, please",bill\n', {"text": "body", "label": "Klass"}),
        ("a.csv", 'text,label\rwhere is it,post\r"pay, please",bill\r', {}),
        ("a.jsonl", '{"text":"where is it","label":"post"}\n\n{"label":"bill","text":"pay, please","more":[1]}\n', {}),
        (
            "a.jsonl",
            '{"d":[{"t":"where is it"}],"label":"post"}\n{"d":[{"t":"pay, please"}],"label":"bill"}\n',
            {"text": "d.0.t"},
        ),
        ("a.csv", QUOTED.encode("utf-16"), {}),
        ("a.csv", QUOTED.encode("utf-16-le"), {"encoding": "utf-16-le"}),
    ],
)
def test_tables_are_read_as_they_come(
    tmp_path: Path, name: str, content: str | bytes, settings: dict[str, Any]
) -> None:
    found = read(tmp_path, name, content, **settings)
    assert (pairs(found), found.faults) == (TWO, ())


def test_places_are_lines_as_an_editor_counts_them(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", 'text,label\n"two\nlines",x\nb,\nc,y\n')
    assert [example.place for example in found.examples] == ["a.csv:2", "a.csv:5"]
    assert [str(fault) for fault in found.faults] == ["a.csv:4: the label is empty"]
    assert found.rows == 3


def test_quotes_at_the_start_of_messages_in_tab_files_are_plain_text(tmp_path: Path) -> None:
    found = read(tmp_path, "a.tsv", 'label\ttext\nham\t"What" he said\nham\t"no end\nspam\tfine\n')
    assert [example.text for example in found.examples] == ['"What" he said', '"no end', "fine"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,b,c", "3 cells, where there are 2 columns (text, label)"),
        ("a", "1 cells, where there are 2 columns"),
        (" ,x", "the text is empty"),
        ("a,  ", "the label is empty"),
        (f"{'a' * 200},x", "200 characters, more than labelled_data.largest_text (100)"),
        ('"a"b,x', "no CSV row"),
        ('"never closed,x', "no CSV row: unexpected end of data; where quotes are plain text, set"),
        ("a\0b,x", "holds a zero byte"),
    ],
)
def test_a_row_that_cannot_be_used_says_where_and_why(tmp_path: Path, row: str, reason: str) -> None:
    found = read(tmp_path, "a.csv", f"text,label\ngood,x\n{row}\n", largest_text=100)
    (fault,) = found.faults
    assert fault.place == "a.csv:3"
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a"', "no JSON"),
        ("[1]", "no JSON object"),
        ('{"text":"a","text":"b","label":"x"}', "a name stands twice"),
        ('{"text":"a","label":NaN}', "NaN is no JSON number"),
        ('{"text":["a"],"label":"x"}', "the text is a list or an object"),
        ('{"text":"a","label":["x","y"]}', "the label is a list; each text needs exactly one"),
        ('{"text":"a","label":null}', "the label is empty"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_json_line_that_cannot_be_used_says_why(tmp_path: Path, line: str, reason: str) -> None:
    (fault,) = read(tmp_path, "a.jsonl", f'{{"text":"good","label":"x"}}\n{line}\n').faults
    assert fault.place == "a.jsonl:2"
    assert reason in fault.reason


def test_lines_in_another_encoding_are_named(tmp_path: Path) -> None:
    content = "text,label\ngrüße,x\n".encode() + "größe,y\n".encode("cp1252")
    found = read(tmp_path, "a.csv", content)
    assert str(found.faults[0]).startswith("a.csv:3: not UTF-8; save the file as UTF-8, or set")
    found = read(tmp_path, "a.csv", content, encoding="cp1252")
    assert [example.text for example in found.examples] == ["grüße", "größe"]
    assert found.remarks == ("1 rows are not UTF-8 and were read as cp1252 (labelled_data.encoding): a.csv:3",)


@pytest.mark.parametrize(
    ("name", "content", "settings", "expected"),
    [
        ("a.csv", "", {}, "is empty"),
        ("a.csv", "text,label\n", {}, "holds no rows"),
        ("a.csv", "text,label\n,\n ,x\n", {}, "a.csv:3: the text is empty"),
        ("a.csv", "text,text,label\na,b,c\n", {}, "two columns 'text'"),
        ("a.csv", "some words,other words\n", {}, "names no column that is known: some words | other words"),
        ("a.csv", "text,klass\na,x\n", {}, "no column for the label"),
        (
            "a.csv",
            "text,klass\na,x\n",
            {"label": "clas"},
            "no column clas (labelled_data.label; did you mean klass?); there are: text, klass",
        ),
        ("a.csv", "text,klass\na,x\n", {"label": "clas"}, "did you mean klass?"),
        (
            "a.csv",
            "body_text,kind_of\na,x\n",
            {"text": "bodytext", "label": "kindof"},
            "a.csv: no column bodytext (labelled_data.text; did you mean body_text?) and no column kindof "
            "(labelled_data.label; did you mean kind_of?); there are: body_text, kind_of",
        ),
        (
            "a.jsonl",
            '{"remark": "a", "kind_of": "x"}\n',
            {"text": "remarks", "label": "kindof", "group": "who"},
            "a.jsonl: no column remarks (labelled_data.text; did you mean remark?) and no column kindof "
            "(labelled_data.label; did you mean kind_of?) and no column who (labelled_data.group); there are: remark, "
            "kind_of",
        ),
        (
            "a.csv",
            "bodyText,userLabel\na,x\n",
            {},
            "bodyText | userLabel; did you mean bodyText for labelled_data.text and userLabel for labelled_data.label?",
        ),
        ("a.jsonl", '{"mail_body": "a"}\n', {}, "there are: mail_body; did you mean mail_body for the text?"),
        ("a.csv", "a,x,1\n", {"names": "text, label"}, "3 cells in its first row, and labelled_data.names has 2"),
        ("a.csv", b"\x7fELF\0\0\0\0\1\0\0\0" * 9, {}, "a binary file"),
        ("a.csv", "text,label\na,b\n".encode("utf-16-be"), {}, "utf-16-be without a byte-order mark"),
        ("a.json", "[]", {}, "cannot be read row by row"),
        ("a.xlsx", "x", {}, ".xlsx files cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: str | bytes, settings: dict[str, Any], expected: str
) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, name, content, **settings)
    assert expected in caught.value.message


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "remark,kind\na,x\n,y\n", "a.csv:3: the text is empty (column remark)"),
        ("a.csv", "remark,kind\na,x\nb, \n", "a.csv:3: the label is empty (column kind)"),
        (
            "a.jsonl",
            '{"remark":"a","kind":"x"}\n{"remark":"a","kind":["x"]}\n',
            "a.jsonl:2: the label is a list; each text needs exactly one (column kind)",
        ),
        (
            "a.jsonl",
            '{"remark":"a","kind":"x"}\n{"remark":{},"kind":"x"}\n',
            "a.jsonl:2: the text is a list or an object, where a text is wanted (column remark)",
        ),
    ],
)
def test_a_row_that_cannot_be_used_says_in_which_column(tmp_path: Path, name: str, content: str, reason: str) -> None:
    found = read(tmp_path, name, content, text="remark", label="kind")
    assert [str(fault) for fault in found.faults] == [reason]


def test_only_the_first_of_many_faults_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, "a.csv", "text,label\n" + ",x\n" * 25)
    assert "a.csv:11" in caught.value.message
    assert "a.csv:12" not in caught.value.message
    assert "and 15 more" in caught.value.message


def test_a_text_of_ten_megabytes_is_one_fault_and_loses_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", f"text,label\na,x\n{'word ' * 2_000_000},y\nb,z\n")
    assert [example.text for example in found.examples] == ["a", "b"]
    assert "characters, more than labelled_data.largest_text" in found.faults[0].reason


def test_a_quote_that_swallows_the_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = 'text,label\na,x\n"b,y\n' + "words, and words\n" * 2_100
    found = read(tmp_path, "a.csv", content)
    assert [example.text for example in found.examples] == ["a"]
    assert str(found.faults[0]).startswith(
        "a.csv:3: a quote is not closed where it should be, and takes lines 3 to 2103"
    )
    monkeypatch.setattr(rows, "_LONGEST_ROW", 30_000)
    found = read(tmp_path, "a.csv", content)
    assert [example.text for example in found.examples] == ["a"]
    assert "never closed; line 3 and all behind it are not read" in found.faults[0].reason


def test_labels_that_mean_the_same_are_one(tmp_path: Path) -> None:
    rows = [1, 1.0, "1", " 1 ", "1.0", "2.5", "01", "Spam", "spam", True]
    lines = "".join(json.dumps({"text": f"t{number}", "label": label}) + "\n" for number, label in enumerate(rows))
    found = read(tmp_path, "a.jsonl", lines)
    labels = [example.target for example in found.examples]
    assert labels == ["1", "1", "1", "1", "1", "2.5", "01", "Spam", "spam", "true"]
    assert found.remarks[0] == "the labels '1', '1.0' are taken as one, '1'"
    assert "'Spam', 'spam' differ in upper and lower case only" in found.remarks[1]


def test_test_labels_take_the_spelling_of_the_training_labels(tmp_path: Path) -> None:
    train = read(tmp_path, "a.csv", "text,label\na,1.0\nb,2.0\n")
    (tmp_path / "b.csv").write_text("text,label\nc,1\nd,3\n")
    test = read_examples(tmp_path / "b.csv", "classification", Settings(), spelled_like=train.examples)
    assert [example.target for example in test.examples] == ["1.0", "3"]


def test_a_folder_with_one_sub_folder_of_texts_a_label(tmp_path: Path) -> None:
    for place, text in {"ham/1.txt": "hello", "ham/deep/2.txt": "hi", "spam/1.txt": "win", ".git/x.txt": "no"}.items():
        (tmp_path / "mail" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mail" / place).write_text(text)
    (tmp_path / "mail" / "spam" / "2.txt").write_bytes("größe".encode("cp1252"))
    found = read_examples(tmp_path / "mail", "classification", Settings())
    assert pairs(found) == [("hello", "ham"), ("hi", "ham"), ("win", "spam")]
    assert [fault.place for fault in found.faults] == ["spam/2.txt"]
    assert found.files == {"ham/": 2, "spam/": 2}
    with pytest.raises(UserError, match="which extraction does not use"):
        read_examples(tmp_path / "mail", "extraction", Settings())


def test_a_folder_of_tables_is_read_in_alphabetical_order(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("text,label\nb,y\n")
    (tmp_path / "a.jsonl").write_text('{"label":"x","text":"a"}\n')
    (tmp_path / "README.md").write_text("not read")
    found = read_examples(tmp_path, "classification", Settings())
    assert [(example.text, example.place) for example in found.examples] == [("a", "a.jsonl:1"), ("b", "b.csv:2")]
    (tmp_path / "label").mkdir()
    (tmp_path / "label" / "1.txt").write_text("text")
    with pytest.raises(UserError, match="both tables"):
        read_examples(tmp_path, "classification", Settings())


@pytest.mark.parametrize("name", ["missing.csv", "empty"])
def test_nothing_to_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError):
        read_examples(tmp_path / name, "classification", Settings())


def test_spans_are_checked_and_sorted(tmp_path: Path) -> None:
    spans = [{"start": 6, "end": 8, "label": "b", "text": "B1"}, {"start": 0, "end": 5, "label": "a"}]
    lines = json.dumps({"text": "Order B1", "spans": spans}) + '\n{"text":"none","spans":[]}\n'
    found = read(tmp_path, "a.jsonl", lines, "extraction")
    assert found.examples[0].target == (Span(0, 5, "a"), Span(6, 8, "b"))
    assert found.examples[1].target == ()


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ("x", "no JSON list"),
        ({"start": 1}, "no list of"),
        ([3], "no object"),
        ([{"start": "0", "end": 2, "label": "a"}], "whole numbers"),
        ([{"start": True, "end": 2, "label": "a"}], "whole numbers"),
        ([{"start": 0, "end": 2, "label": " "}], "no label"),
        ([{"start": 0, "end": 9, "label": "a"}], "goes from 0 to 9, and the text has 8 characters"),
        ([{"start": 3, "end": 3, "label": "a"}], "goes from 3 to 3"),
        ([{"start": 5, "end": 6, "label": "a"}], "white space only"),
        ([{"start": 0, "end": 5, "label": "a", "text": "rder "}], "says 'rder ', but 0-5 is 'Order'"),
        ([{"start": 0, "end": 5, "label": "a"}, {"start": 4, "end": 8, "label": "b"}], "0-5 (a) and 4-8 (b) overlap"),
    ],
)
def test_wrong_spans_say_what_is_wrong(tmp_path: Path, spans: object, reason: str) -> None:
    line = json.dumps({"text": "Order B1", "spans": spans})
    (fault,) = read(tmp_path, "a.jsonl", f'{{"text":"good","spans":[]}}\n{line}\n', "extraction").faults
    assert reason in fault.reason


def test_instructions_with_input_and_system_message(tmp_path: Path) -> None:
    line = {"instruction": "Say it shorter.", "input": "A long text", "output": "Short", "system": "Be brief."}
    (example,) = read(tmp_path, "a.jsonl", json.dumps(line) + "\n", "generation").examples
    asked = "Say it shorter.\n\nA long text"
    assert example == Example(asked, "Short", "a.jsonl:1", (Turn("system", "Be brief."), Turn("user", asked)))


def test_conversations_end_with_the_wanted_response(tmp_path: Path) -> None:
    messages = [
        ("user", "hi"),
        ("assistant", "hello"),
        ("user", [{"type": "text", "text": "more"}]),
        ("assistant", "ok"),
    ]
    line = {"messages": [{"role": role, "content": content} for role, content in messages]}
    (example,) = read(tmp_path, "a.jsonl", json.dumps(line) + "\n", "generation").examples
    assert (example.text, example.target) == ("more", "ok")
    assert [turn.text for turn in example.turns] == ["hi", "hello", "more"]


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "no list"),
        ([{"role": "bot", "content": "x"}], "has the role 'bot'; allowed are system, user, assistant"),
        ([{"role": "user", "content": "x"}], "the last message is not by the assistant"),
        ([{"role": "assistant", "content": "x"}], "no message of the user"),
        ([{"role": "user", "content": ""}, {"role": "assistant", "content": "x"}], "message 1 (user) is empty"),
        ([{"role": "user", "content": [{"type": "image"}]}], "something other than text"),
        (
            [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}, {"role": "user", "content": "c"},
             {"role": "assistant", "content": "x"}],
            "stands later than first",
        ),
    ],
)  # fmt: skip
def test_wrong_conversations_say_what_is_wrong(tmp_path: Path, messages: object, reason: str) -> None:
    good = json.dumps({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})
    (fault,) = read(tmp_path, "a.jsonl", f"{good}\n{json.dumps({'messages': messages})}\n", "generation").faults
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2025-01-31", "2025-01-31T00:00:00.000000Z"),
        ("2025-01-31T10:00:00+02:00", "2025-01-31T08:00:00.000000Z"),
        ("20250131", "2025-01-31T00:00:00.000000Z"),
        ("0", "1970-01-01T00:00:00.000000Z"),
        ("1738281600.5", "2025-01-31T00:00:00.500000Z"),
    ],
)
def test_times_sort_as_text(tmp_path: Path, written: str, when: str) -> None:
    (example,) = read(tmp_path, "a.csv", f"text,label,date\na,x,{written}\n").examples
    assert example.when == when


@pytest.mark.parametrize("written", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+01:00"])
def test_a_time_that_another_zone_takes_past_the_calendar_is_a_fault(tmp_path: Path, written: str) -> None:
    found = read(tmp_path, "a.csv", f"text,label,time\na,b,2025-01-31\nc,d,{written}\n", split="time")
    assert "neither ISO 8601 nor seconds" in found.faults[0].reason
    assert len(found.examples) == 1


def test_a_column_may_come_late(tmp_path: Path) -> None:
    rows = [{"instruction": f"do {number}", "output": "done"} for number in range(70)]
    rows += [{"instruction": "sum up", "input": "a long text", "output": "short"}]
    content = "\n".join(json.dumps(row) for row in rows)
    found = read(tmp_path, "a.jsonl", content, "generation")
    assert "a long text" in str(found.examples[-1])
    asked = [one.example for one in stream_inputs(tmp_path / "a.jsonl", "generation", Settings())]
    assert "a long text" in str(asked[-1])


def test_good_rows_behind_many_faulty_ones_are_used(tmp_path: Path) -> None:
    content = "no json\n" * 60 + '{"text": "where is it", "label": "post"}\n'
    found = read(tmp_path, "a.jsonl", content)
    assert pairs(found) == [("where is it", "post")]
    assert len(found.faults) == 60


def test_a_wrong_time_costs_a_row_only_where_time_is_wanted(tmp_path: Path) -> None:
    content = "text,label,date\na,x,31.1.2025\nb,y,2025-01-01\n"
    assert not read(tmp_path, "a.csv", content).faults
    assert "neither ISO 8601" in read(tmp_path, "a.csv", content, split="time").faults[0].reason


def test_prediction_streams_rows_with_their_columns_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,hello\n2,\n3,bye,extra\n")
    inputs = list(stream_inputs(path, "classification", Settings()))
    assert [each.example.text if each.example else None for each in inputs] == ["hello", None, None]
    assert inputs[0].values == {"id": "1", "text": "hello"}
    assert [each.place for each in inputs] == ["a.csv:2", "a.csv:3", "a.csv:4"]
    assert inputs[1].fault == "the text is empty"


def test_prediction_holds_one_row_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("w") as stream:
        for number in range(200):
            stream.write(json.dumps({"text": f"{number} " + "x" * 100_000}) + "\n")
    inputs = stream_inputs(path, "classification", Settings(largest_text=200_000))
    first = next(inputs)
    # What is read ahead to know the columns is far less than the file.
    path.unlink()
    assert first.example is not None
    assert first.example.text.startswith("0 ")
    assert sum(1 for _ in inputs) == 199


def test_a_conversation_to_be_answered_may_end_with_the_user(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"messages":[{"role":"user","content":"hi"}]}\n{"instruction":"x","messages":null}\n')
    first, second = stream_inputs(path, "generation", Settings())
    assert first.example is not None
    assert (first.example.text, first.example.target) == ("hi", "")
    assert second.fault == "the messages are no list of {role, content}"
