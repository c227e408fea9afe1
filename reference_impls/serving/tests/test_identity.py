"""Who asks, as the settings let it be said."""

import pytest

from ...project_base.errors import UserError
from ..identity import Identify, is_loopback
from ..settings import Settings
from .conftest import Serve
from .sample import Sample
from .test_service import problem

NAMED = {"X-Forwarded-User": "ann", "X-Forwarded-Groups": "legal, board,,", "X-Forwarded-Tenant": "acme"}


def test_without_identity_the_headers_mean_nothing(serve: Serve) -> None:
    assert serve(Sample()).get("/who", headers=NAMED).json() == {"user": None, "groups": [], "tenant": None}


def test_the_proxy_says_who_asks(serve: Serve) -> None:
    client = serve(Sample(), identity="header")
    assert client.get("/who", headers=NAMED).json() == {"user": "ann", "groups": ["board", "legal"], "tenant": "acme"}
    assert client.get("/who", headers=[(b"X-Forwarded-User", "Jörg".encode())]).json() == {
        "user": "Jörg",
        "groups": [],
        "tenant": None,
    }


def test_nobody_is_refused(serve: Serve) -> None:
    response = serve(Sample(), identity="header").get("/who", headers={"X-Forwarded-Groups": "board"})
    assert response.status_code == 401
    assert "X-Forwarded-User does not say who asks" in problem(response)


@pytest.mark.parametrize("name", NAMED)
def test_a_header_that_was_added_to_is_refused(serve: Serve, name: str) -> None:
    # Whoever asks sent the first, and the proxy added the second instead of replacing it.
    headers = [(name, "admin"), *NAMED.items()]
    assert serve(Sample(), identity="header").get("/who", headers=headers).status_code == 400


def test_a_header_that_is_no_text_is_refused(serve: Serve) -> None:
    response = serve(Sample(), identity="header").get("/who", headers=[(b"X-Forwarded-User", b"\xff")])
    assert response.status_code == 400
    assert "not UTF-8" in problem(response)


def test_the_names_of_the_headers_can_be_set(serve: Serve) -> None:
    client = serve(Sample(), identity="header", user_header="Remote-User")
    assert client.get("/who", headers={"remote-user": "ann"}).json()["user"] == "ann"
    assert client.get("/who", headers=NAMED).status_code == 401


def test_only_the_proxy_knows_the_secret(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_PROXY_SECRET", "s3cret")
    client = serve(Sample(), identity="header", secret_variable="TEST_PROXY_SECRET")
    for wrong in ({}, {"X-Proxy-Secret": "S3cret"}, {"X-Proxy-Secret": ""}):
        response = client.get("/who", headers={**NAMED, **wrong})
        assert response.status_code == 401
        assert "proxy" in problem(response)
    assert client.get("/who", headers={**NAMED, "X-Proxy-Secret": "s3cret"}).json()["user"] == "ann"


def test_it_does_not_start_where_everybody_could_name_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_PROXY_SECRET", raising=False)
    with pytest.raises(UserError, match="could name himself anybody"):
        Identify(Settings(identity="header", host="10.0.0.1"))
    with pytest.raises(UserError, match=r"TEST_PROXY_SECRET .* is not set"):
        Identify(Settings(identity="header", host="10.0.0.1", secret_variable="TEST_PROXY_SECRET"))
    monkeypatch.setenv("TEST_PROXY_SECRET", "s3cret")
    Identify(Settings(identity="header", host="10.0.0.1", secret_variable="TEST_PROXY_SECRET"))
    Identify(Settings(identity="header"))


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False), ("me", False)],  # noqa: S104
)
def test_addresses_of_this_machine_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
