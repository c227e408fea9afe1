"""What one request may bring and take, and how many are in work."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from .conftest import Serve
from .sample import Sample
from .test_service import problem

KILOBYTE = 1024


def chunks(size: int) -> Iterator[bytes]:
    """A body without a declared length."""
    yield b'{"text": "'
    for _ in range(size // 256):
        yield b"x" * 256
    yield b'"}'


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("size", [KILOBYTE, 500 * KILOBYTE])
def test_a_declared_length_is_refused(serve: Serve, size: int) -> None:
    client = serve(Sample(), body_kilobytes=1)
    for _ in range(5):
        # The connection is closed with the answer; a client that still sends must get to read it.
        response = client.post("/echo", json={"text": "x" * size})
        assert response.status_code == 413
        assert "1,024 bytes" in problem(response)


def test_a_declared_length_is_refused_before_the_body_is_read(serve: Serve) -> None:
    address = serve(Sample(), body_kilobytes=1).base_url
    with socket.create_connection((address.host, address.port or 80)) as connection:
        head = "POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_counted_while_it_is_read(serve: Serve) -> None:
    client = serve(Sample(), body_kilobytes=1)
    assert client.post("/echo", content=chunks(512), headers=JSON).json() == {"text": "x" * 512}
    response = client.post("/echo", content=chunks(500 * KILOBYTE), headers=JSON)
    assert response.status_code == 413
    assert "1,024 bytes" in problem(response)


def test_a_body_up_to_the_limit_is_read(serve: Serve) -> None:
    client = serve(Sample(), body_kilobytes=1)
    room = KILOBYTE - len('{"text":""}')
    for extra, status in ((0, 200), (1, 413)):
        body = '{"text":"' + "x" * (room + extra) + '"}'
        assert client.post("/echo", content=body, headers=JSON).status_code == status


def test_more_than_the_places_are_refused_and_health_still_answers(serve: Serve) -> None:
    sample = Sample()
    client = serve(sample, most_concurrent=2)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(client.post, "/wait") for _ in range(6)]
        # Four come back at once, refused; two are in work until the gate is opened.
        refused: list[httpx.Response] = []
        while len(refused) < 4:
            refused = [each.result() for each in waiting if each.done()]
        assert [response.status_code for response in refused] == [503] * 4
        assert refused[0].headers["Retry-After"] == "1"
        assert "2 requests are in work" in problem(refused[0])
        assert client.get("/health").is_success
        sample.gate.set()
        assert sorted(each.result().status_code for each in waiting) == [200, 200, 503, 503, 503, 503]
    assert client.post("/wait").is_success


def test_what_takes_too_long_is_answered_and_holds_its_place(serve: Serve) -> None:
    sample = Sample()
    client = serve(sample, timeout_seconds=1, most_concurrent=1)
    late = client.post("/wait")
    assert late.status_code == 504
    assert "longer than 1 seconds" in problem(late)
    # Its thread still runs, so the one place is taken.
    assert client.post("/echo", json={"text": "a"}).status_code == 503
    sample.gate.set()
    while (response := client.post("/echo", json={"text": "a"})).status_code == 503:
        pass
    assert response.json() == {"text": "a"}


def test_a_body_that_never_ends_runs_out_of_time(serve: Serve) -> None:
    sample = Sample()
    client = serve(sample, timeout_seconds=1, most_concurrent=1)
    begun, go_on = threading.Event(), threading.Event()

    def stalled() -> Iterator[bytes]:
        yield b'{"text": "'
        begun.set()
        go_on.wait(20)
        yield b'"}'

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.post, "/echo", content=stalled(), headers=JSON)
        # Nobody else asks before it has begun, or it would be the one that finds the place taken.
        assert begun.wait(20)
        while client.post("/echo", json={"text": "a"}).status_code == 200:
            pass
        # The place is free again when time is up, though nothing more was sent.
        while client.post("/echo", json={"text": "a"}).status_code == 503:
            pass
        go_on.set()
        # The server closes the connection with its answer, and a client that still writes may not get to read it.
        with suppress(httpx.TransportError):
            assert asked.result().status_code == 504
