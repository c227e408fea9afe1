"""Reads declared SQL far enough to find its parameters and to refuse what is not one SELECT.

This catches mistakes when the declarations are read. That nothing is written is not left to it: the connection itself
forbids writing (see `sqlite_source` and `postgresql_source`).
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""(?P<quoted>(?<!\w)[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`
            | \$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)
      | (?P<comment>--[^\n]* | /\*.*?\*/)
      | (?P<cast>::)
      | (?<![\w:]):(?P<parameter>[A-Za-z_]\w*)
      | (?P<end>;)
      | (?P<open>['"`] | /\*)
      | (?P<word>\w+)
      | (?P<other>.)
    """,
    re.X | re.S,
)


def statement_fault(sql: str) -> str | None:
    """What keeps a text from being one statement that reads, or None."""
    tokens = [token for token in _TOKEN.finditer(sql) if token.lastgroup != "comment" and not token[0].isspace()]
    while tokens and tokens[-1].lastgroup == "end":
        tokens.pop()
    if not tokens or tokens[0][0].lower() not in {"select", "with"}:
        return "it must begin with SELECT or WITH"
    if any(token.lastgroup == "open" for token in tokens):
        return "a quote or comment is not closed"
    if any(token.lastgroup == "end" for token in tokens):
        return "it holds more than one statement; only one is allowed"
    return None


def parameters_in(sql: str) -> list[str]:
    """The names of the `:name` parameters, in order, each once."""
    return list(dict.fromkeys(token["parameter"] for token in _TOKEN.finditer(sql) if token["parameter"]))


def for_psycopg(sql: str) -> str:
    """The statement with its parameters as psycopg writes them."""
    return "".join(_rewritten(sql))


def without_end(sql: str) -> str:
    """The statement without a closing semicolon and without comments, which a cursor's declaration cannot hold."""
    kept = "".join(" " if token.lastgroup == "comment" else token[0] for token in _TOKEN.finditer(sql))
    return kept.strip().rstrip(";").rstrip()


def _rewritten(sql: str) -> Iterator[str]:
    for token in _TOKEN.finditer(sql):
        name = token["parameter"]
        # psycopg looks for placeholders inside quotes too, so a percent sign is doubled wherever it stands.
        yield f"%({name})s" if name else token[0].replace("%", "%%")
