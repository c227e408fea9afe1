"""Every answer that was paid for, on disk before it is used: the same request is never sent again.

One line of JSON for each event, at the end of one file. A request is named by a digest of all that decides the answer:
the endpoint, the model, its sampling, the response format and every character of the conversation (so also the words
of the prompt, the chosen examples, the corpus and the input). `asked` is written before a request is sent and
`answered`, flushed to disk, when its answer has come. What was asked and never answered was in flight when a run was
killed: it is asked again, and told, since only the provider knows whether it was billed.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from ...language_models.chat import Reply, Usage
from ...project_base import event_log
from ...project_base.errors import UserError

SCHEMA = "calls/1"
NAME = "calls.jsonl"


@dataclass(frozen=True)
class Call:
    """A request that was answered or refused.

    Attributes:
        reply: The answer; of a refused request without text.
        refused: Why this request is not taken; empty for an answer.
    """

    reply: Reply
    refused: str = ""


def request_key(request: Mapping[str, Any]) -> str:
    """The name of a request: the SHA-256 of its JSON with sorted keys, in hexadecimal."""
    told = json.dumps(request, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


class Journal:
    """The answers of a folder; one process at a time writes.

    Attributes:
        in_flight: Requests that were asked by a killed run and may have been billed.
        written: How many answers were added since it was opened.
        asked_again: How many requests that a killed run had sent were sent again since then.
    """

    def __init__(self, file: Path, descriptor: int) -> None:
        self._descriptor = descriptor
        self._writing = threading.Lock()
        self._calls: dict[str, Call] = {}
        self.in_flight: set[str] = set()
        self.written = 0
        self.asked_again = 0
        for event in event_log.read_events(file, SCHEMA):
            if not isinstance(event.get("key"), str):
                continue
            if event["event"] == "asked":
                self.in_flight.add(event["key"])
            else:
                self.in_flight.discard(event["key"])
                self._calls[event["key"]] = _call(event)

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[Self]:
        """Opens the journal of a folder, which is made where there is none.

        Raises:
            UserError: Another process has it open.
            OSError: It cannot be read or written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / NAME
        lock = FileLock(folder / f".{NAME}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise UserError(
                f"another run is using {file}", "wait until it has ended, or set another prompting.runs_folder"
            ) from error
        try:
            with event_log.opened(file) as descriptor:
                yield cls(file, descriptor)
        finally:
            lock.release()

    def find(self, key: str) -> Call | None:
        """The answer that was paid for."""
        return self._calls.get(key)

    def asked(self, key: str) -> None:
        """Notes that a request goes out now."""
        self.asked_again += key in self.in_flight
        self._write({"event": "asked", "key": key})

    def answered(self, key: str, call: Call) -> None:
        """Keeps an answer; it stands on disk when this returns.

        Raises:
            OSError: It cannot be written.
        """
        reply = call.reply
        self._write(
            {
                "event": "answered",
                "key": key,
                "text": reply.text,
                "tokens": [reply.usage.prompt, reply.usage.completion, reply.usage.cached],
                "attempts": reply.attempts,
                "seconds": round(reply.seconds, 6),
                "waited": round(reply.waited, 6),
                "cut": reply.cut,
                "refused": call.refused,
            }
        )
        self._calls[key] = call
        self.in_flight.discard(key)
        self.written += not call.refused

    def _write(self, event: Mapping[str, object]) -> None:
        with self._writing:
            event_log.append(self._descriptor, {"schema": SCHEMA, **event})


def _call(event: Mapping[str, Any]) -> Call:
    prompt, completion, cached = event["tokens"]
    reply = Reply(
        text=event["text"],
        usage=Usage(prompt, completion, cached),
        attempts=event["attempts"],
        seconds=event["seconds"],
        waited=event["waited"],
        cut=event["cut"],
    )
    return Call(reply, event["refused"])
