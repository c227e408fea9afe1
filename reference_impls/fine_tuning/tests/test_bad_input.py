"""What users feed it, through the command line: a clear error or a stated handling, never a traceback."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ...project_base.tests.generated import PACKAGE
from ...registry.registry import Registry
from .projects import config, nonsense, quick, run, small, write_csv


def stated(folder: Path, *arguments: str, **changes: object) -> str:
    """What a command that fails says, in one line; it must end with code 1, say what next, and leave no model."""
    shown = run(folder, *arguments, **changes)
    assert shown.exit_code == 1, shown.output
    assert shown.exception is None or isinstance(shown.exception, SystemExit)
    assert "error: " in shown.stderr
    assert "\nnext: " in shown.stderr
    assert "Traceback" not in shown.output
    assert not Registry(folder / "models").versions()
    return " ".join(shown.stderr.split())


def process(
    folder: Path, arguments: Sequence[str], changes: Mapping[str, object], most_blocks: int = 0
) -> "subprocess.CompletedProcess[str]":
    """Runs a command in a process of its own, whose files hold at most so many blocks of 512 or 1024 bytes."""
    command = [
        sys.executable,
        "-m",
        PACKAGE.name,
        "fine_tuning",
        *arguments,
        "--config",
        str(config(folder, **changes)),
    ]
    if most_blocks:
        command = ["sh", "-c", f'ulimit -f {most_blocks}; exec "$@"', "sh", *command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    return subprocess.run(
        command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False, env=environment, timeout=120
    )


@pytest.mark.parametrize("command", [("check",), ("ladder",), ("train", "word_counts")])
def test_one_class_only_cannot_be_learned(tmp_path: Path, encoder: Path, command: tuple[str, ...]) -> None:
    file = write_csv(tmp_path / "one.csv", [(nonsense(number), "same") for number in range(60)])
    told = stated(tmp_path, *command, **quick(encoder, fine_tuning__examples=str(file)))
    assert "'same'" in told


def test_empty_texts_are_named_with_their_rows_and_skipped_where_that_is_set(tmp_path: Path, encoder: Path) -> None:
    file = small(tmp_path)
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[5], lines[9] = ",fruit", '"   ",tool'
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = stated(tmp_path, "train", "word_counts", **quick(encoder, fine_tuning__examples=str(file)))
    assert "small.csv:6: the text is empty" in told
    assert "small.csv:10: the text is empty" in told
    assert "labelled_data.bad_rows" in told
    changes = quick(encoder, fine_tuning__examples=str(file), labelled_data__bad_rows="skip")
    skipped = run(tmp_path, "train", "word_counts", **changes)
    assert skipped.exit_code == 0, skipped.stderr


def test_a_text_of_ten_megabytes_is_named_and_does_no_harm(tmp_path: Path, encoder: Path) -> None:
    file = small(tmp_path)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('"' + "hammer " * 1_430_000 + '",tool\n')
    told = stated(tmp_path, "train", "majority", **quick(encoder, fine_tuning__examples=str(file)))
    assert "small.csv:122: the te" in told
    assert "labelled_data.largest_text" in told
    changes = quick(encoder, fine_tuning__examples=str(file), labelled_data__largest_text=20_000_000)
    assert run(tmp_path, "train", "majority", **changes).exit_code == 0


def test_labels_as_numbers_and_as_text_are_one_label(tmp_path: Path, encoder: Path) -> None:
    rows = [(f"{'hammer saw' if number % 2 else 'apple pear'} {nonsense(number)}", number % 2) for number in range(80)]
    lines = [
        f'{{"text": "{text}", "label": {label if place % 3 else f"{chr(34)}{label}{chr(34)}"}}}\n'
        for place, (text, label) in enumerate(rows)
    ]
    file = tmp_path / "numbers.jsonl"
    file.write_text("".join(lines).replace('"label": 1}', '"label": 1.0}', 3), encoding="utf-8")
    shown = run(tmp_path, "train", "word_counts", **quick(encoder, fine_tuning__examples=str(file)))
    assert shown.exit_code == 0, shown.stderr
    (version,) = Registry(tmp_path / "models").versions()
    assert version.about["labels"] == ["0", "1"]


def test_mixed_encodings_are_named_by_row_until_the_other_encoding_is_set(tmp_path: Path, encoder: Path) -> None:
    file = small(tmp_path)
    content = file.read_bytes().splitlines(keepends=True)
    content[3] = "caf\xe9 cr\xe8me,fruit\n".encode("cp1252")
    file.write_bytes(b"".join(content))
    told = stated(tmp_path, "check", **quick(encoder, fine_tuning__examples=str(file)))
    assert "small.csv:4" in told
    assert "labelled_data.encoding" in told
    changes = quick(encoder, fine_tuning__examples=str(file), labelled_data__encoding="cp1252")
    assert run(tmp_path, "train", "majority", **changes).exit_code == 0


def test_a_missing_column_names_those_there_are(tmp_path: Path, encoder: Path) -> None:
    file = write_csv(tmp_path / "odd.csv", [("hello there", "x")] * 5, ("remark", "kind"))
    told = stated(tmp_path, "check", **quick(encoder, fine_tuning__examples=str(file)))
    assert "odd.csv: the first row names no column that is" in told
    assert "remark" in told
    assert "labelled_data.text" in told
    mended = quick(encoder, fine_tuning__examples=str(file), labelled_data__text="remark", labelled_data__label="sort")
    told = stated(tmp_path, "check", **mended)
    assert "error: fine_tuning.examples: odd.csv: no column sort (labelled_data.label); there are: remark, kind" in told
    assert ": labelled_data.label is sort next: " in told


def test_a_file_that_is_not_there_and_one_that_is_empty(tmp_path: Path, encoder: Path) -> None:
    missing = quick(encoder, fine_tuning__examples=str(tmp_path / "none.csv"))
    assert "none.csv does not exist" in stated(tmp_path, "ladder", **missing)
    (tmp_path / "empty.csv").touch()
    assert "empty.csv is empty" in stated(
        tmp_path, "ladder", **quick(encoder, fine_tuning__examples=str(tmp_path / "empty.csv"))
    )


def test_a_hub_name_without_a_network_is_an_error(tmp_path: Path, encoder: Path) -> None:
    changes = quick(encoder, fine_tuning__examples=str(small(tmp_path)), embedding__model="nobody/no-such-encoder")
    shown = process(tmp_path, ["train", "head"], changes)
    assert shown.returncode == 1, shown.stderr
    assert "Traceback" not in shown.stderr
    assert "nobody/no-such-encoder cannot be loaded: no folder of this name is here, and no config.json" in shown.stderr
    assert "a hub name needs project_base.offline: false once" in shown.stderr


def test_an_unknown_rung_names_those_there_are(tmp_path: Path, encoder: Path) -> None:
    told = stated(tmp_path, "train", "bert", **quick(encoder, fine_tuning__examples=str(small(tmp_path))))
    assert "its rungs are majority, word_counts, head, lora, full" in told


def test_a_model_folder_that_is_none_is_refused(tmp_path: Path, encoder: Path) -> None:
    changes = quick(encoder, fine_tuning__examples=str(small(tmp_path)))
    (tmp_path / "models" / "0001-lora").mkdir(parents=True)
    shown = run(tmp_path, "promote", "1", **changes)
    assert shown.exit_code == 1
    assert "0001-lora" in shown.stderr
    assert "is missing" in shown.stderr or "is not a model" in shown.stderr
    # It neither hinders training nor is it taken for a version that stands.
    assert run(tmp_path, "train", "majority", **changes).exit_code == 0


def test_a_full_disk_leaves_the_former_result(tmp_path: Path, encoder: Path) -> None:
    # A process whose files may not grow meets what a full disk would tell it.
    changes = quick(encoder, fine_tuning__examples=str(small(tmp_path)))
    assert run(tmp_path, "train", "majority", **changes).exit_code == 0
    before = (tmp_path / "runs" / "majority" / "result.json").read_bytes()
    changes = quick(encoder, fine_tuning__examples=str(small(tmp_path, 130)))
    shown = process(tmp_path, ["train", "majority"], changes, most_blocks=4)
    assert shown.returncode == 1, shown.stderr
    assert "error: " in shown.stderr
    assert "Traceback" not in shown.stderr
    assert (tmp_path / "runs" / "majority" / "result.json").read_bytes() == before
    assert len(Registry(tmp_path / "models").versions()) == 1


def test_too_few_rows_name_those_that_cannot_be_used(tmp_path: Path, encoder: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_bytes(b"text,label\nred apple,fruit\n" + "gr\u00fcne Birne,fruit\n".encode("cp1252") * 3)
    told = stated(tmp_path, "train", "majority", **quick(encoder, fine_tuning__examples=str(file)))
    assert "too few rows: none is left for validation and the test" in told
    assert "3 of 4 rows cannot be used: few.csv:3: not UTF-8; save the file as UTF-8, or set" in told
    assert "next: mend these rows; gather more" in told


def test_a_label_of_its_own_for_each_row_is_told(tmp_path: Path, encoder: Path) -> None:
    file = write_csv(tmp_path / "own.csv", [(nonsense(number), f"no. {number}") for number in range(40)])
    told = stated(tmp_path, "train", "majority", **quick(encoder, fine_tuning__examples=str(file)))
    assert "40 of 40 labels have one row each: is it the right column (labelled_data.label)?" in told
    assert "config.yaml:6: labelled_data.label is empty" in told
