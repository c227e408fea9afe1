"""Examples whose labels follow from their words, and ones whose labels follow from nothing."""

import random

from ..base import Example, Span

WORDS = {
    "billing": ("invoice", "refund", "charge", "payment", "card", "amount", "receipt", "bank", "price", "cost"),
    "shipping": ("parcel", "courier", "delivery", "address", "late", "tracking", "package", "driver", "post", "van"),
    "login": ("password", "account", "locked", "reset", "email", "sign", "code", "username", "browser", "session"),
}
COMMON = (
    "the",
    "my",
    "a",
    "please",
    "hello",
    "why",
    "is",
    "not",
    "it",
    "and",
    "about",
    "with",
    "your",
    "help",
    "today",
)


def separated(rows: int, seed: int = 0) -> list[Example]:
    """Rows of which every label has its own words."""
    draw = random.Random(seed)
    labels = list(WORDS)
    return [
        Example(
            " ".join(draw.choices(COMMON, k=6) + draw.choices(WORDS[labels[number % 3]], k=3)),
            labels[number % 3],
            f"a.csv:{number + 2}",
        )
        for number in range(rows)
    ]


def unconnected(rows: int, seed: int = 0, labels: int = 3) -> list[Example]:
    """Rows whose labels are drawn by lot."""
    draw = random.Random(1000 + seed)
    every = [word for words in WORDS.values() for word in words] + list(COMMON)
    return [
        Example(" ".join(draw.choices(every, k=9)), f"label {draw.randrange(labels)}", f"a.csv:{number + 2}")
        for number in range(rows)
    ]


def tagged(rows: int, seed: int = 0) -> list[Example]:
    """Rows with one span each, whose words are always numbers."""
    draw = random.Random(seed)
    made = []
    for number in range(rows):
        before = " ".join(draw.choices(COMMON, k=draw.randrange(2, 6)))
        value = str(draw.randrange(1000, 9999))
        text = f"{before} order {value} {' '.join(draw.choices(COMMON, k=3))}"
        span = Span(text.index(value), text.index(value) + len(value), "order")
        made.append(Example(text, (span,), f"a.jsonl:{number + 1}"))
    return made
