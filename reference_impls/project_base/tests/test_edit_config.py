from pathlib import Path

import pytest

from ..edit_config import replace_value
from ..errors import UserError

TEXT = """# refuse_below: 0.1
other: {refuse_below: 1}
rag:
  # least support; 0.33 is the default
  passages: 5
  refuse_below: 0.33   # ours
  "quoted": 'refuse_below: 0.33'
"""


def changed(folder: Path, content: bytes) -> bytes:
    file = folder / "config.yaml"
    file.write_bytes(content)
    replace_value(file, "rag", "refuse_below", "0.40")
    return file.read_bytes()


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("before", ["", "# Größe: 日本 🙂\n"])
def test_one_value_changes_and_nothing_else(tmp_path: Path, ends: str, mark: bytes, before: str) -> None:
    text = before + TEXT
    content = mark + text.replace("\n", ends).encode()
    expected = mark + text.replace("0.33   # ours", "0.40   # ours").replace("\n", ends).encode()
    assert changed(tmp_path, content) == expected


def test_a_value_within_braces_and_one_in_quotes(tmp_path: Path) -> None:
    assert (
        changed(tmp_path, b"rag: {refuse_below: '0.3', passages: 5}\n") == b"rag: {refuse_below: 0.40, passages: 5}\n"
    )


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target.yaml"
    target.write_text(TEXT)
    link = tmp_path / "link.yaml"
    link.symlink_to(target)
    replace_value(link, "rag", "refuse_below", "0.40")
    assert link.is_symlink()
    assert "0.40   # ours" in target.read_text()


@pytest.mark.parametrize("text", ["rag:\n  passages: 5\n", "rag: 5\n", "other: {}\n", "", "rag: {refuse_below: [1]}\n"])
def test_a_key_that_does_not_stand_there_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="has no line 'refuse_below:'") as caught:
        changed(tmp_path, text.encode())
    assert "refuse_below: 0.40" in caught.value.next_step
    assert (tmp_path / "config.yaml").read_text() == text
