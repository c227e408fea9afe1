from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..questions import read_questions


def read(folder: Path, text: str) -> list[object]:
    file = folder / "q.jsonl"
    file.write_text(text, encoding="utf-8")
    return list(read_questions(file))


def test_short_forms_mean_the_long_ones(tmp_path: Path) -> None:
    one, two = read(
        tmp_path,
        '{"id": "1", "question": "a?", "answer": "x", "doc": "d.md", "extra": 1}\n\n'
        '{"id": "2", "question": "line\u2028end?", "answers": ["x"], "gold_docs": ["d.md", "e.md"], "paragraph": 0}\n',
    )
    assert (one.answers, one.gold_docs, one.paragraph) == (("x",), ("d.md",), None)  # type: ignore[attr-defined]
    assert two.gold_docs == ("d.md", "e.md")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "holds nothing"),
        ("{\n", "q.jsonl:1:"),
        ('{"id": "1"}\n', "question: Field required"),
        ('{"id": 1, "question": "a"}\n', "id: "),
        ('{"id": "1", "question": "a"}\n' * 2, "used twice"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    assert expected in caught.value.message


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
