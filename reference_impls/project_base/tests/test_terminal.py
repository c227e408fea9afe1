from ..terminal import printable


def test_what_steers_a_terminal_is_taken_out() -> None:
    assert printable("a \x1b[31mb\x1b]0;title\x07 c\x9b1m") == "a  [31mb ]0;title  c 1m"
    assert printable("left\u202eright\u2066\ud800") == "leftright"


def test_what_people_write_stays() -> None:
    text = "Grüße, 日本語\nनमस्ते \u200d 👍"
    assert printable(text) == text
