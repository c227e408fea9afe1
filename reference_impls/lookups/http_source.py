"""Asks an HTTP service with one GET request to the declared host, and to no other."""

import json
import os
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from ..project_base.errors import UserError
from ..project_base.optional import require
from .declarations import PLACE, HttpSource
from .tables import Table, Value, table

_LARGEST_ANSWER = 1_000_000


def address_for(source: HttpSource, values: Mapping[str, Value]) -> str:
    """The address with its parameters, each percent-encoded as a whole, so that none adds a path, query or host.

    Raises:
        UserError: A value would make a step of the path `.` or `..`, which clients and servers resolve.
    """
    address = PLACE.sub(lambda place: quote(str(values[place[1]]), safe=""), source.url)
    if {".", ".."} & set(urlsplit(address).path.split("/")):
        raise UserError(
            f"the value {', '.join(map(repr, values.values()))} cannot stand in a path", "ask with the full name"
        )
    return address


def ask_http(source: HttpSource, values: Mapping[str, Value], most_rows: int, seconds: float) -> Table:
    """Asks once; status 404 means that there is no such row.

    Redirects are refused: they would carry the values, and perhaps the key, to an address that nobody declared.

    Args:
        source: The declared service.
        values: The parameters, by name.
        most_rows: At most so many rows are given back.
        seconds: Longest time for the whole of it.

    Raises:
        UserError: The service cannot be reached, is late, redirects, refuses, or answers with more than 1 MB, no JSON
            or without the declared columns. No message holds the key.
    """
    httpx = require("httpx", "httpx>=0.27")
    address = address_for(source, values)
    deadline = time.monotonic() + seconds
    try:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False) as client,
            client.stream("GET", address, headers=_headers(source)) as response,
        ):
            if response.status_code == httpx.codes.NOT_FOUND:
                return table(list(source.columns), [], most_rows)
            if not response.is_success:
                raise _refused(source, response.status_code)
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST_ANSWER:
                    raise _failure(source, f"sends more than {_LARGEST_ANSWER // 10**6} MB", "ask for fewer rows")
                if time.monotonic() > deadline:
                    raise _late(source, seconds)
    except httpx.TimeoutException as error:
        raise _late(source, seconds) from error
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise _failure(source, f"cannot be reached ({type(error).__name__})", "start it, or check url") from error
    return _table(source, bytes(content), most_rows)


def _headers(source: HttpSource) -> dict[str, str]:
    if source.key_variable is None:
        return {"Accept": "application/json"}
    key = os.environ.get(source.key_variable, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        state = "is not set" if not key else "holds characters that no key has"
        raise _failure(source, f"needs a key: the environment variable {source.key_variable} {state}", "set it")
    value = f"Bearer {key}" if source.key_header.lower() == "authorization" else key
    return {"Accept": "application/json", source.key_header: value}


def _table(source: HttpSource, content: bytes, most_rows: int) -> Table:
    try:
        found = _at(json.loads(content), source.rows)
    except (ValueError, RecursionError) as error:
        raise _failure(source, "does not answer with JSON", "check url; is it the page of a person?") from error
    rows = found if isinstance(found, list) else [found]
    if found is None or not all(isinstance(row, dict) for row in rows):
        raise _failure(source, f"answers without rows at {source.rows or 'the top'}", "check rows in the declaration")
    cells = [[_at(row, place) for place in source.columns.values()] for row in rows[: most_rows + 1]]
    # One absent value is a fact that is not known; nothing but absent values is another format than the declared one.
    if cells and all(cell is None for row in cells for cell in row):
        raise _failure(source, f"answers without {', '.join(source.columns.values())}", "check columns")
    return table(list(source.columns), cells, most_rows)


def _at(value: object, place: str) -> object:
    for step in place.split(".") if place else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _refused(source: HttpSource, status: int) -> UserError:
    if 300 <= status < 400:
        return _failure(source, f"sends elsewhere (status {status}), which is not followed", "declare the new address")
    if status in {401, 403}:
        return _failure(source, f"refuses access (status {status})", "check key_variable and what it holds")
    return _failure(source, f"answers with status {status}", "ask again later, or check url")


def _late(source: HttpSource, seconds: float) -> UserError:
    return _failure(
        source,
        f"did not answer within {seconds:g} s (lookups.timeout_seconds)",
        "ask again, or raise lookups.timeout_seconds",
    )


def _failure(source: HttpSource, what: str, next_step: str) -> UserError:
    return UserError(f"the service {source.url} {what}", next_step)
