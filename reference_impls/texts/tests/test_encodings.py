import pytest

from ..encodings import Undecodable, decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_utf_8_are_understood(encoding: str) -> None:
    assert decode("größe".encode(encoding), "utf-8", "room.encoding") == "größe"


def test_the_fallback_is_the_last_resort() -> None:
    assert decode("größe".encode("cp1252"), "cp1252", "room.encoding") == "größe"
    assert decode("größe".encode("utf-16-le"), "utf-16-le", "room.encoding") == "größe"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("größe".encode("cp1252"), r"not UTF-8 \(byte 2\).*set room.encoding$"),
        ("some words".encode("utf-16-be"), "set room.encoding to utf-16-be"),
        (b"\x7fELF\0\1\2\0\0\0\0\0", "a binary file"),
        (b"coding: klingon\n\xff", "klingon, which Python does not know"),
    ],
)
def test_what_cannot_be_decoded_names_the_setting(content: bytes, expected: str) -> None:
    with pytest.raises(Undecodable, match=expected):
        decode(content, "utf-8", "room.encoding")
