from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..base import Columns, History
from ..reading import read_history
from ..settings import Settings


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding, newline="")
    return path


def read(path: Path, **settings: str) -> tuple[History, list[str]]:
    told: list[str] = []
    history = read_history(path, Settings(**{"target": "y", **settings}), tell=told.append)  # type: ignore[arg-type]
    return history, told


def test_rows_are_sorted_by_time_and_the_out_of_order_ones_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "day,x,y\n2024-01-03,3,30.5\n2024-01-01,1,10.5\n2024-01-02,2,20.5\n")
    history, told = read(path, time="day")
    assert history.features["x"].tolist() == [1.0, 2.0, 3.0]
    assert history.places == ("a.csv:3", "a.csv:4", "a.csv:2")
    assert history.rows.tolist() == [1, 2, 0]
    assert history.clock == "dates"
    assert history.name_of(history.time[0]) == "2024-01-01"
    assert any("2 of 3 rows stood out of order (a.csv:3, a.csv:4)" in line for line in told)


def test_rows_of_one_moment_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = "".join(f"{1 + number % 2},{number},{number}.5\n" for number in range(40))
    history, _ = read(written(tmp_path, "a.csv", "t,x,y\n" + rows), time="t")
    assert history.features["x"].tolist() == [*range(0, 40, 2), *range(1, 40, 2)]


def test_a_date_that_may_begin_with_day_or_month_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "day,x,y\n03/04/2024,3,1.5\n05/06/2024,1,2.5\n")
    with pytest.raises(UserError, match="03/04/2024 may begin with the day or with the month") as caught:
        read(path, time="day")
    assert "day_first or month_first" in caught.value.next_step
    history, _ = read(path, time="day", dates="day_first")
    assert history.name_of(history.time[0]) == "2024-04-03"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2024-03-01", "2024-03-01"),
        ("2024-03-01T14:05:30Z", "2024-03-01 14:05:30"),
        ("2024-03-01 14:05+02:00", "2024-03-01 12:05"),
        ("01.03.2024 14:05", "2024-03-01 14:05"),
        ("31/03/2024", "2024-03-31"),
        ("03/31/2024 2:05 PM", "2024-03-31 14:05"),
        ("31 Mar 2024", "2024-03-31"),
        ("March 31, 2024", "2024-03-31"),
        ("20240331", "2024-03-31"),
        ("1711843200", "2024-03-31"),
        ("1711843200000", "2024-03-31"),
        ("2024-03", "2024-03-01"),
        ("2024-03-01T24:00", "2024-03-02"),
    ],
)
def test_common_forms_of_dates_are_read(tmp_path: Path, text: str, name: str) -> None:
    path = written(tmp_path, "a.csv", f'when,x,y\n"{text}",1,1.5\n"{text}",2,2.5\n')
    history, _ = read(path, time="when")
    assert (history.clock, history.name_of(history.time[0])) == ("dates", name)


def test_dates_without_a_zone_are_in_the_zone_of_the_settings(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "when,x,y\n2024-07-01 02:00,1,1.5\n2024-07-01T01:00Z,2,2.5\n")
    history, told = read(path, time="when", zone="Europe/Berlin")
    assert history.features["x"].tolist() == [1.0, 2.0]
    assert history.time[1] - history.time[0] == 3600
    assert history.name_of(history.time[0]) == "2024-07-01 02:00"
    assert any("taken as Europe/Berlin" in line for line in told)


def test_a_row_without_a_moment_is_named_and_may_be_skipped(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.csv", "when,x,y\n2024-07-01,1,1.5\nsoon,2,2.5\n,3,2.5\n2024-07-02,5,2.5,9\n2024-07-03,4,1\n"
    )
    with pytest.raises(UserError) as caught:
        read(path, time="when")
    for told in ("a.csv:3: when: 'soon' is no moment", "a.csv:4: when is empty", "a.csv:5: 4 cells", "3 of 5 rows"):
        assert told in caught.value.message
    history, notes = read(path, time="when", bad_rows="skip")
    assert history.places == ("a.csv:2", "a.csv:6")
    assert any("3 of 5 rows cannot be used and are left out" in note for note in notes)


def test_labels_come_late_or_never(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "day,x,y\n2024-01-01,1,1.5\n2024-01-02,2,2.5\n2024-01-03,3,\n")
    history, told = read(path, time="day", label_delay="36h")
    assert (history.known - history.time)[:2].tolist() == [129_600, 129_600]
    assert history.known[2] == np.inf
    assert np.isnan(history.target[2])
    assert history.labelled_by(history.time[2]).tolist() == [0]
    assert any("1 of 3 rows have no label yet" in line for line in told)


def test_the_moment_of_a_label_comes_from_its_column_and_is_no_feature(tmp_path: Path) -> None:
    text = "day,x,y,paid\n2024-01-01 10:00,1,no,2024-01-01\n2024-01-02 10:00,2,yes,2024-03-05\n2024-01-03 10:00,3,,\n"
    history, told = read(written(tmp_path, "a.csv", text), time="day", known="paid")
    assert [history.name_of(moment) for moment in history.known] == ["2024-01-02", "2024-03-06", "never"]
    assert list(history.features) == ["x"]
    assert history.target.tolist() == ["no", "yes", None]
    assert any("when the day is over" in line for line in told)


def test_a_label_without_its_moment_is_a_bad_row(tmp_path: Path) -> None:
    text = "day,x,y,paid\n2024-01-01,1,no,2024-01-02\n2024-01-02,2,yes,\n2024-01-03,3,,\n"
    with pytest.raises(UserError, match=r"a\.csv:3: there is a label, and paid does not say when it came"):
        read(written(tmp_path, "a.csv", text), time="day", known="paid")


def test_a_delay_needs_a_unit_where_rows_have_dates_and_none_elsewhere(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "day,x,y\n2024-01-01,1,1.5\n2024-01-02,2,2.5\n")
    with pytest.raises(UserError, match="ordered by dates"):
        read(path, time="day", label_delay="7")
    with pytest.raises(UserError, match="no date"):
        read(path, label_delay="7d", ignore="day")
    history, _ = read(path, label_delay="7", ignore="day")
    assert history.known.tolist() == [8.0, 9.0]


@pytest.mark.parametrize(
    ("cells", "decimal", "values"),
    [
        (("1,5", "2,25", "3"), "auto", (1.5, 2.25, 3.0)),
        (("1,234.5", "2,000", "7"), "auto", (1234.5, 2000.0, 7.0)),
        (("1.234,5", "2.000,25", "7"), "auto", (1234.5, 2000.25, 7.0)),
        (("1,234", "2,345", "7"), "point", (1234.0, 2345.0, 7.0)),
        (("1,234", "2,345", "7"), "comma", (1.234, 2.345, 7.0)),
        (("12 %", "7.5%", " 3 "), "auto", (12.0, 7.5, 3.0)),
        (("$1,200.50", "€3", "-£4"), "auto", (1200.5, 3.0, -4.0)),
        (("1 234", "12 345 678", "5"), "auto", (1234.0, 12345678.0, 5.0)),
        (("1e3", "-2.5E-1", "+4"), "auto", (1000.0, -0.25, 4.0)),
    ],
)
def test_numbers_that_are_written_as_text(
    tmp_path: Path, cells: tuple[str, ...], decimal: str, values: tuple[float, ...]
) -> None:
    rows = "".join(f'"{cell}",{number}.5\n' for number, cell in enumerate(cells))
    history, _ = read(written(tmp_path, "a.csv", "x,y\n" + rows), decimal=decimal)
    assert history.kinds == {"x": "number"}
    assert history.features["x"].tolist() == list(values)


def test_a_comma_that_may_be_either_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'x,y\n"1,234",1.5\n"2,345",2.5\n')
    with pytest.raises(UserError, match="in 1,234 the comma may divide thousands or begin the decimals"):
        read(path)


def test_a_column_of_mixed_kinds_is_refused_with_what_to_do(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number}.5\n" for number in range(30))
    path = written(tmp_path, "a.csv", f"x,y\n{rows}err,1.5\n")
    with pytest.raises(UserError, match=r"holds 30 numbers and 1 others: 'err' \(a\.csv:32\)"):
        read(path)
    history, _ = read(path, missing="err")
    assert np.isnan(history.features["x"].to_numpy()[-1])
    history, _ = read(path, categories="x")
    assert history.features["x"].tolist()[-2:] == ["29", "err"]


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    lines = ["zip,colour,note,seen,n,same,y"]
    for number in range(60):
        note = f"the {number}th customer wrote a few words"
        lines.append(
            f"0{number:03},{'red' if number % 2 else 'blue'},{note},2023-12-{1 + number % 30:02},{number},k,{number}.5"
        )
    history, told = read(written(tmp_path, "a.csv", "\n".join(lines)))
    assert history.kinds == {"zip": "category", "colour": "category", "note": "text", "seen": "number", "n": "number"}
    assert history.features["zip"].iloc[3] == "0003"
    assert any("never change: same" in line for line in told)
    assert any("'seen' holds dates" in line for line in told)


def test_missing_values_are_missing_in_every_kind(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "x,c,y\nNA,red,1.5\n2, null ,2.5\n ,blue,3.5\n4,?,4.5\n")
    history, _ = read(path)
    assert np.isnan(history.features["x"]).tolist() == [True, False, True, False]
    assert history.features["c"].tolist() == ["red", None, "blue", None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, ends: str) -> None:
    path = written(tmp_path, "a.csv", ends.join(["straße,y", "köln,1.5", "bern,2.5", ""]), encoding)
    history, _ = read(path, encoding="cp1252" if encoding == "cp1252" else "utf-8")
    assert history.features["straße"].tolist() == ["köln", "bern"]
    assert history.places == ("a.csv:2", "a.csv:3")


def test_bytes_that_are_no_utf8_are_refused_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"set history\.encoding"):
        read(written(tmp_path, "a.csv", "straße,y\nköln,1.5\n", "cp1252"))


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ",", " "])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [("x", "z", "y"), ("1", "2", "3.5"), ("4", "5", "6.5")])
    history, _ = read(written(tmp_path, "a.dat", text))
    assert list(history.features) == ["x", "z"]


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    history, _ = read(written(tmp_path, "a.csv", "x;y\n1,5;2,5\n2,5;3,25\n"))
    assert history.features["x"].tolist() == [1.5, 2.5]
    assert history.target.tolist() == [2.5, 3.25]


def test_quotes_enclose_line_ends_and_places_stay_right(tmp_path: Path) -> None:
    history, _ = read(written(tmp_path, "a.csv", 'n,x,y\n1,"two\nlines",1.5\n2,one,2.5\n'))
    assert history.places == ("a.csv:2", "a.csv:4")
    assert history.features["x"].iloc[0] == "two\nlines"


def test_files_of_a_folder_are_moments_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        written(tmp_path, f"batch{number}.dat", f"{number},a\n{number}.5,b\n")
    written(tmp_path, "SOURCE.txt", "where the files come from")
    history, told = read(tmp_path, target="column 2")
    assert history.time.tolist() == [1, 1, 2, 2, 10, 10]
    assert history.name_of(history.time[-1]) == "batch 10"
    assert (history.clock, history.ordering) == ("values", "batch")
    assert any("its number (batch)" in line for line in told)
    pieces, _ = read(tmp_path, target="column 2", files="pieces")
    assert (pieces.clock, pieces.name_of(pieces.time[-1])) == ("rows", "row 6")
    part, _ = read(tmp_path / "batch1*.dat", target="column 2")
    assert part.time.tolist() == [1, 1, 10, 10]


def test_dates_in_the_names_of_files_are_moments(tmp_path: Path) -> None:
    for name in ("sales_2023-12.csv", "sales_2024-01.csv"):
        written(tmp_path, name, "x,y\n1,1.5\n2,2.5\n")
    history, _ = read(tmp_path)
    assert [history.name_of(moment) for moment in history.time[[0, 2]]] == ["2023-12-01", "2024-01-01"]


def test_a_piece_without_a_header_takes_the_names_of_the_first(tmp_path: Path) -> None:
    written(tmp_path, "part1.csv", "x,y\n1,1.5\n2,2.5\n")
    written(tmp_path, "part2.csv", "3,3.5\n")
    history, _ = read(tmp_path, files="pieces")
    assert history.features["x"].tolist() == [1.0, 2.0, 3.0]


def test_json_lines_with_objects_inside(tmp_path: Path) -> None:
    text = (
        '{"a": {"b": 1}, "ok": true, "tags": [1], "y": "no"}\n\n{"y": "yes", "a": {"b": NaN}, "ok": false, "z": "q"}\n'
    )
    history, told = read(written(tmp_path, "a.jsonl", text))
    assert history.kinds == {"a.b": "number", "ok": "category", "z": "category"}
    assert history.features["ok"].tolist() == ["true", "false"]
    assert history.places == ("a.jsonl:1", "a.jsonl:3")
    assert any("'tags'" in line and "lists" in line for line in told)


def test_lines_that_are_no_json_are_named(tmp_path: Path) -> None:
    text = '{"x": 1, "y": 1.5}\nnonsense\n[1]\n{"x": 1, "x": 2}\n{"x": 2, "y": 2.5}\n'
    with pytest.raises(UserError) as caught:
        read(written(tmp_path, "a.jsonl", text))
    for told in ("a.jsonl:2: no JSON", "a.jsonl:3: no JSON object", "a.jsonl:4: no JSON: a name stands twice"):
        assert told in caught.value.message


def test_parquet_keeps_types(tmp_path: Path) -> None:
    import datetime

    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    moments = [datetime.datetime(2024, 1, day, tzinfo=datetime.UTC) for day in (2, 1, 3)]
    table = pa.table(
        {
            "when": moments,
            "n": pa.array([1, None, 3], pa.int32()),
            "c": pa.array(["a", "b", None]).dictionary_encode(),
            "flag": [True, False, None],
            "list": [[1], [2], [3]],
            "y": pa.array([1.5, 2.5, 3.5], pa.float32()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    history, told = read(tmp_path / "a.parquet", time="when")
    assert history.places == ("a.parquet:2", "a.parquet:1", "a.parquet:3")
    assert history.kinds == {"n": "number", "c": "category", "flag": "category"}
    assert np.isnan(history.features["n"].to_numpy()[0])
    assert history.features["flag"].tolist() == ["false", "true", None]
    assert any("'list'" in line for line in told)
    broken = tmp_path / "b.parquet"
    broken.write_bytes(b"PAR1 nothing")
    with pytest.raises(UserError, match="cannot be read as parquet"):
        read(broken)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("x,y\n", "holds no rows"),
        ("x,x,y\n1,2,3.5\n2,3,4.5\n", "two columns 'x'"),
        ("x,z\n1,2\n", "no column 'y'"),
        ('x,z,y\n"a,1,1.5\nb,2,2.5\n', "a quote is not closed, which takes lines 2 to 4"),
        ("x,y\n1,2.5\n2,3.5,4\n", "a.csv:3: 3 cells, where there are 2 columns"),
        ("x,y\n1,7\n2,7\n", "nothing to learn"),
        ("x,y\n1,\n2,\n", "missing in every row"),
        ("k,y\n1,1.5\n1,2.5\n", "no column is left"),
        ("x,y\n1,2.5\n2,3.5\n3,few\n" + "4,4.5\n" * 20, "a.csv:4: target y: 'few' is no number"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(written(tmp_path, "a.csv", text))


def test_a_wrong_column_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "Total Price,x\n1.5,2\n2.5,3\n")
    assert read(path, target="total_price")[0].target.tolist() == [1.5, 2.5]
    with pytest.raises(UserError, match="did you mean 'Total Price'"):
        read(path, target="totl price")


def test_a_column_twice_with_the_same_cells_is_kept_once(tmp_path: Path) -> None:
    history, told = read(written(tmp_path, "a.csv", "x,x,y\n1,1,3.5\n2,2,4.5\n"))
    assert list(history.features) == ["x"]
    assert any("twice" in line for line in told)


def test_spellings_of_a_label_become_one(tmp_path: Path) -> None:
    history, told = read(written(tmp_path, "a.csv", "x,y\n1,Yes\n2,Yes\n3,yes \n4,no\n"))
    assert history.target.tolist() == ["Yes", "Yes", "Yes", "no"]
    assert any("'yes' are taken as 'Yes'" in line for line in told)


def test_numbers_as_labels_are_written_without_decimals(tmp_path: Path) -> None:
    history, _ = read(written(tmp_path, "a.csv", "x,y\n1,0\n2,1.0\n3,\n4,1\n"))
    assert history.target.tolist() == ["0", "1", None, "1"]
    codes, _ = read(written(tmp_path, "b.csv", "x,y\n1,00\n2,01\n3,00\n"))
    assert codes.target.tolist() == ["00", "01", "00"]


def test_rows_to_predict_need_no_target_and_keep_the_kinds_of_training(tmp_path: Path) -> None:
    path = written(tmp_path, "new.csv", "when,x,code\n2024-02-02,,007\n2024-02-01,5,12\n")
    history = read_history(
        path,
        Settings(target="y", time="when", task="regression"),
        with_target=False,
        columns=Columns({"code": "category", "x": "number"}),
    )
    assert list(history.features) == ["code", "x"]
    assert history.features["code"].tolist() == ["12", "007"]
    assert history.rows.tolist() == [1, 0]
    assert np.isinf(history.known).all()
    with pytest.raises(UserError, match=r"no column 'cods'; was it renamed to 'code'\?"):
        read_history(path, Settings(target="y"), with_target=False, columns=Columns({"cods": "category"}))
    with pytest.raises(UserError, match="code: '007x' is no number"):
        read_history(
            written(tmp_path, "bad.csv", "code\n1\n007x\n"), Settings(), False, columns=Columns({"code": "number"})
        )


def test_without_the_column_of_late_labels_a_delay_is_offered(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("day,x,y\n2024-01-01,1,a\n2024-01-02,2,b\n", encoding="utf-8")
    settings = Settings(target="y", time="day", known="confirmed")
    with pytest.raises(UserError, match="there is no column 'confirmed'") as caught:
        read_history(tmp_path / "rows.csv", settings)
    assert "set history.label_delay" in caught.value.next_step
