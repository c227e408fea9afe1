import re

from .conftest import sample

GREETINGS = re.compile(r"^(hi|hello|dear|thank|thanks|good (morning|day)|sorry|great)\b", re.IGNORECASE)


def test_the_sample_keeps_to_its_house_style() -> None:
    rows = sample(1000)
    assert len(rows) == 120
    assert len({row.text.casefold() for row in rows}) == len({str(row.target).casefold() for row in rows}) == 120
    for row in rows:
        response = str(row.target)
        assert not GREETINGS.match(response), response
        assert len(re.split(r"(?<=[.!?]) (?=[A-Z])", response)) == 3, response
        assert response.endswith("."), response


def test_the_sample_names_nobody() -> None:
    addresses = [found for row in sample(1000) for found in re.findall(r"\S+@\S+", f"{row.text} {row.target}")]
    assert not addresses
    assert not [row.place for row in sample(1000) if re.search(r"\d{6,}", f"{row.text} {row.target}")]
