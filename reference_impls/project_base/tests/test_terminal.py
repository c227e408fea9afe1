import io

import pytest

from ..terminal import fitted, last_words, printable, shortened


def test_what_steers_a_terminal_is_taken_out() -> None:
    assert printable("a \x1b[31mb\x1b]0;title\x07 c\x9b1m") == "a  [31mb ]0;title  c 1m"
    assert printable("left\u202eright\u2066\ud800") == "leftright"


def test_what_people_write_stays() -> None:
    text = "Grüße, 日本語\nनमस्ते \u200d 👍"
    assert printable(text) == text


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_fits_a_terminal_and_is_whole_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    line = "note: 49 of 2,600 rows stood out of order; all rows are sorted by time"
    assert fitted(line, io.StringIO()) == line
    assert fitted(line, _Terminal()).splitlines() == [
        "note: 49 of 2,600 rows stood out of",
        "  order; all rows are sorted by time",
    ]


def test_a_text_is_cut_between_words() -> None:
    text = "the column closing_code\ngives the target away"
    assert shortened(text, 30) == "the column closing_code ..."
    assert last_words(text, 25) == "... the target away"
    assert shortened(text, 60) == last_words(text, 60) == "the column closing_code gives the target away"
    assert last_words("x" * 50, 10) == "... xxxxxx"
