"""The service as clients meet it: health, errors of one shape, documentation, headers."""

import logging
import threading

import httpx
import pytest

from ...project_base.errors import UserError
from ..app import allowed_hosts
from ..settings import Settings
from .conftest import Serve
from .sample import Sample


def problem(response: httpx.Response) -> str:
    """The message of an error, which must have the one shape."""
    body = response.json()
    assert body.keys() == {"error", "next"}
    assert body["next"]
    message: str = body["error"]
    return message


def test_a_route_of_the_component_answers(serve: Serve) -> None:
    assert serve(Sample()).post("/echo", json={"text": "Grüße"}).json() == {"text": "Grüße"}


def test_health_says_what_is_loaded_since_when(serve: Serve) -> None:
    health = serve(Sample()).get("/health")
    assert health.json() == {"ok": True, "loaded": {"echo": "loud"}, "since": "2026-01-02T00:00:00Z"}


def test_while_it_loads_it_says_so(serve: Serve) -> None:
    loaded = threading.Event()
    client = serve(Sample(load=lambda: loaded.wait(20)), wait=False)
    for response in (client.get("/health"), client.post("/echo", json={"text": "a"})):
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "1"
        assert "at the moment" in problem(response)
    loaded.set()
    while not client.get("/health").is_success:
        pass
    assert client.post("/echo", json={"text": "a"}).is_success


def test_what_only_the_owner_can_mend_is_not_told(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    sample = Sample()
    client = serve(sample)
    sample.healthy = False
    for response in (client.get("/health"), client.post("/fail/unavailable")):
        assert response.status_code == 503
        assert "secret" not in response.text
        assert problem(response)
    assert "/secret/path is broken" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "expected"),
    [
        ("POST", "/fail/user", {}, 400, "the text is green"),
        ("POST", "/fail/crash", {}, 500, "something went wrong in the service"),
        ("GET", "/nowhere", {}, 404, "Not Found"),
        ("GET", "/echo", {}, 405, "Method Not Allowed"),
        ("POST", "/echo", {}, 422, "the body: Field required"),
        ("POST", "/echo", {"json": {}}, 422, "text: Field required"),
        ("POST", "/echo", {"json": {"text": 1}}, 422, "text: Input should be a valid string"),
        ("POST", "/echo", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "JSON decode error"),
        ("POST", "/echo", {"content": b"[" * 9999, "headers": {"Content-Type": "application/json"}}, 400, "body"),
        ("POST", "/echo", {"content": b"\xff", "headers": {"Content-Type": "application/json"}}, 400, "body"),
        (
            "POST",
            "/echo",
            {"content": b'{"text": "\\ud800"}', "headers": {"Content-Type": "application/json"}},
            422,
            "not valid Unicode",
        ),
    ],
)
def test_every_error_has_one_shape(
    serve: Serve, method: str, path: str, sent: dict[str, object], status: int, expected: str
) -> None:
    response = serve(Sample()).request(method, path, **sent)  # type: ignore[arg-type]
    assert response.status_code == status
    assert expected in problem(response)
    assert "Traceback" not in response.text
    assert "secret" not in response.text


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_form_of_another_site_cannot_ask(serve: Serve, media: str | None) -> None:
    # A browser sends these kinds across origins without asking first; JSON it does not.
    headers = {"Content-Type": media} if media else {}
    assert serve(Sample()).post("/echo", content=b'{"text": "a"}', headers=headers).status_code == 422


def test_the_documentation_is_served_here(serve: Serve) -> None:
    client = serve(Sample())
    described = client.get("/openapi.json").json()
    assert described["info"] == {"title": "Echo", "description": "Echoes.", "version": "1"}
    assert described["paths"]["/echo"]["post"]["description"] == "Says the same."
    assert described["paths"]["/echo"]["post"]["responses"]["413"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Problem"
    }
    page = client.get("/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "//" not in page.text.replace("<!doctype html>", "")
    for asset, media in (("/docs.js", "text/javascript; charset=utf-8"), ("/page.css", "text/css; charset=utf-8")):
        assert client.get(asset).headers["Content-Type"] == media


@pytest.mark.parametrize("path", ["/", "/health", "/docs", "/docs.js", "/who"])
def test_every_answer_carries_the_security_headers(serve: Serve, path: str) -> None:
    headers = serve(Sample()).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] in {"no-store", "no-cache"}
    assert "Server" not in headers or "uvicorn" in headers["Server"]


def test_a_request_keeps_its_id(serve: Serve) -> None:
    client = serve(Sample())
    assert client.get("/health", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    foreign = client.get("/health", headers={"X-Request-ID": "a b; c" * 20}).headers["X-Request-ID"]
    assert len(foreign) == 32


def test_the_log_holds_no_texts(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client = serve(Sample())
        client.post("/echo?q=confidential", json={"text": "confidential"}, headers={"X-Request-ID": "abc-1"})
        client.post("/nowhere%0Aforged", json={"text": "confidential"})
    own = [record.getMessage() for record in caplog.records if record.name.endswith("envelope")]
    assert any(line.startswith("abc-1 POST /echo 200 ") for line in own)
    assert any(" POST /nowhere%0Aforged 404 " in line for line in own)
    assert not any("confidential" in line for line in own)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_a_foreign_name_is_not_answered(serve: Serve, host: str) -> None:
    client = serve(Sample())
    for path in ("/who", "/docs", "/openapi.json"):
        response = client.get(path, headers={"Host": host})
        assert response.status_code == 400
        assert "Host header" in problem(response)
    assert client.get("/health", headers={"Host": host}).is_success


@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST", "127.0.0.1", "[::1]:80"])
def test_this_machine_is_answered_under_its_names(serve: Serve, host: str) -> None:
    assert serve(Sample()).get("/who", headers={"Host": host}).is_success


def test_the_owner_names_the_hosts(serve: Serve) -> None:
    client = serve(Sample(), allowed_hosts="answers.example.org, 127.0.0.1")
    assert client.get("/who", headers={"Host": "answers.example.org"}).is_success
    assert client.get("/who", headers={"Host": "localhost"}).status_code == 400


def test_an_address_for_everybody_needs_a_name() -> None:
    everywhere = "0.0.0.0"  # noqa: S104 -- nothing listens
    with pytest.raises(UserError, match="names none"):
        allowed_hosts(Settings(host=everywhere))
    assert allowed_hosts(Settings(host=everywhere, allowed_hosts="a.example")) == {"a.example"}
    assert allowed_hosts(Settings(host="10.0.0.1")) == {"10.0.0.1"}
