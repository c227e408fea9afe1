"""Server-sent events: whole, broken off, too late, and without a reader."""

import json

from .conftest import Serve
from .sample import Sample


def events(text: str) -> list[tuple[str, dict[str, str]]]:
    """The events of a stream as (name, data)."""
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_events_come_in_order(serve: Serve) -> None:
    response = serve(Sample()).post("/stream/whole")
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert events(response.text) == [("piece", {"text": "erste\n\nZeile"}), ("answer", {"text": "done"})]


def test_a_failure_is_the_last_event(serve: Serve) -> None:
    client = serve(Sample())
    told = events(client.post("/stream/refuse").text)
    assert told[1:] == [("error", {"error": "it broke off", "next": "ask again"})]
    crashed = client.post("/stream/crash").text
    assert [name for name, _ in events(crashed)] == ["piece", "error"]
    assert "secret" not in crashed


def test_a_stream_that_takes_too_long_says_so(serve: Serve) -> None:
    sample = Sample(stream_seconds=0.5)
    name, data = events(serve(sample).post("/stream/hang").text)[-1]
    assert name == "error"
    assert "longer than 0.5 seconds" in data["error"]


def test_the_first_event_does_not_wait_for_the_last(serve: Serve) -> None:
    sample = Sample()
    with serve(sample).stream("POST", "/stream/hang") as response:
        parts = response.iter_text()
        assert events(next(parts))[0][0] == "piece"
        sample.gate.set()
        assert events("".join(parts))[-1][0] == "answer"


def test_the_generator_is_closed_when_the_reader_has_gone(serve: Serve) -> None:
    sample = Sample(stream_seconds=60)
    client = serve(sample, most_concurrent=1)
    with client.stream("POST", "/stream/endless") as response:
        pieces = response.iter_text()  # without a name it would be collected at once, and the connection closed
        next(pieces)
        assert client.post("/echo", json={"text": "a"}).status_code == 503
    assert sample.closed.wait(20)
    while not client.post("/echo", json={"text": "a"}).is_success:
        pass
