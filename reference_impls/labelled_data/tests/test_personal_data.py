import pytest

from ..base import Example, Turn
from ..personal_data import find_personal_data, hits_of, masked

EVERYWHERE = ("US", "GB", "DE", "IT", "BR")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mail jane.doe+x@example.co.uk now", "e-mail address", "jane.doe+x@example.co.uk"),
        ("card 4111 1111 1111 1111 ok", "card number", "4111 1111 1111 1111"),
        ("card 4111-1111-1111-1111.", "card number", "4111-1111-1111-1111"),
        ("IBAN GB82 WEST 1234 5698 7654 32 THANK YOU", "account number (IBAN)", "GB82 WEST 1234 5698 7654 32"),
        ("IBAN DE89370400440532013000.", "account number (IBAN)", "DE89370400440532013000"),
        ("call (212) 555-0123", "telephone number", "(212) 555-0123"),
        ("call +49 30 1234567 now", "telephone number", "+49 30 1234567"),
        ("txt 09061701461.", "telephone number", "09061701461"),
        ("from 192.168.1.10:443", "IP address", "192.168.1.10"),
        ("from 2001:db8::1", "IP address", "2001:db8::1"),
        ("mac 00:1B:44:11:3A:B7", "MAC address", "00:1B:44:11:3A:B7"),
        ("SSN 536-22-1234", "US security number", "536-22-1234"),
        ("NI AB 12 34 56 C", "GB insurance number", "AB 12 34 56 C"),
        ("CF RCCMNL83S18D969H", "IT fiscal code", "RCCMNL83S18D969H"),
        ("CPF 390.533.447-05", "BR CPF", "390.533.447-05"),
    ],
)
def test_personal_data_is_found_with_its_kind(text: str, kind: str, value: str) -> None:
    assert [(found, text[start:end]) for found, start, end in hits_of(text, EVERYWHERE)] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112",
        "order 12345678 for 1,234.56 on 2024-05-06 at 12:30:45",
        "win 1000 pounds, text WIN to 87121",
        "release 1.2.3.4 and version 10.0.0.1",
        "ISBN 978-3-16-148410-0, tracking 1Z999AA10123456784",
        "from 127.0.0.1, ratio 3:2:1",
        "SSN 000-22-1234",
        "serial 2024-118822-7, 2000 2010 2014",
        "at home @ 5, see a@b",
        "IBAN GB82 WEST 1234 5698 7654 33",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert hits_of(text, EVERYWHERE) == []


def test_countries_decide_which_numbers_are_looked_for() -> None:
    assert hits_of("SSN 536-22-1234, call 020 7946 0958, +1 212 555 0123", ()) == [("telephone number", 37, 52)]
    assert [kind for kind, _, _ in hits_of("call 020 7946 0958", ("GB",))] == ["telephone number"]


def test_samples_are_masked_and_rows_counted_once() -> None:
    rows = [
        Example("write to a@example.com or b@example.com", "x", "a.csv:2"),
        Example("nothing", "x", "a.csv:3"),
        Example("call +1 212 555 0123", "x", "a.csv:2"),
    ]
    seen: list[int] = []
    found = find_personal_data(rows, "US", seen.append)
    assert (found.rows, found.regions, sum(seen)) == (2, ("US",), 3)
    assert [(kind.kind, kind.hits, kind.rows) for kind in found.kinds] == [
        ("e-mail address", 2, 1),
        ("telephone number", 1, 1),
    ]
    assert found.kinds[0].samples == ("a.csv:2: a@*********om", "a.csv:2: b@*********om")
    assert "example.com" not in found.model_dump_json()


def test_responses_are_scanned_too() -> None:
    row = Example("who", "ask jane@example.com", "a.jsonl:1", turns=(Turn("user", "who"),))
    assert find_personal_data([row], "").rows == 1


@pytest.mark.parametrize(("value", "shown"), [("a@b.de", "a*****"), ("12345678", "12****78")])
def test_nobody_reads_the_whole_of_a_masked_value(value: str, shown: str) -> None:
    assert masked(value) == shown
