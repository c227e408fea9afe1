"""From bytes to characters: by byte-order mark, as UTF-8, as the file declares, or as the settings say."""

import codecs
import re

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|coding[=:]\s*([A-Za-z0-9_.-]+)", re.I)
# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 4096
_MOSTLY = 0.4


class Undecodable(Exception):
    """Bytes are no text in any encoding that was tried; the message is the reason shown to the user."""


def decode(content: bytes, fallback: str, setting: str) -> str:
    """Decodes by byte-order mark, then UTF-8, then the declared encoding, then the fallback.

    Args:
        content: The bytes of a file.
        fallback: An encoding that Python knows.
        setting: The name of the setting that holds the fallback, for the message: `corpus.encoding`.

    Raises:
        Undecodable: The bytes are binary, or no encoding fits.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content, encoding)
    last_resort = codecs.lookup(fallback).name
    if b"\0" in content:
        if last_resort.startswith(("utf-16", "utf-32")):
            return _strict(content, fallback)
        raise Undecodable(_why_zero_bytes(content, setting))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        position = error.start
    declared = _DECLARED.search(content[:2048])
    if declared:
        return _strict(content, (declared.group(1) or declared.group(2)).decode("ascii"))
    if last_resort != "utf-8":
        return _strict(content, fallback)
    raise Undecodable(f"not UTF-8 (byte {position}) and no encoding declared; save it as UTF-8 or set {setting}")


def _why_zero_bytes(content: bytes, setting: str) -> str:
    head = content[:_LOOKED_AT]
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Text of the western alphabets in UTF-16 has a zero in every second byte, and hardly one in the others.
    most, least = max(even, odd), min(even, odd)
    if len(content) % 2 == 0 and most > _MOSTLY * len(head) / 2 and least * 10 < most:
        encoding = "utf-16-be" if even > odd else "utf-16-le"
        return f"looks like {encoding} without a byte-order mark; save it as UTF-8 or set {setting} to {encoding}"
    return "a binary file under a text suffix"


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise Undecodable(f"declares the encoding {encoding}, which Python does not know; save it as UTF-8") from error
    except UnicodeDecodeError as error:
        raise Undecodable(f"cannot be decoded as {encoding} (byte {error.start}); save it as UTF-8") from error
