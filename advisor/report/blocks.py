"""What a report is made of: a closed set of frozen blocks, which three renderers know how to show.

A section says what it has to say in blocks and never how they look. A block holds plain text only; every renderer
escapes what it prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Bar", "Bars", "Block", "Callout", "Fold", "Headline", "Item", "Items", "KeyValues", "Meter", "Paragraph"]
__all__ += ["Section", "Source", "Step", "Steps", "Table", "Tone"]

Tone = Literal["plain", "good", "quiet", "alarm"]
"""What a text is about, beyond its words: good news, an aside, or something to act on."""


@dataclass(frozen=True)
class Headline:
    """The verdict in large type, and in one sentence why."""

    text: str
    why: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Callout:
    """Something that must not be overlooked."""

    title: str
    text: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Source:
    """Where a claim rests.

    Attributes:
        title: its title, with author and year where they are known.
        status: how far it was read, in words.
        link: its address on the web.
        shows: what it shows, in one or two sentences.
    """

    title: str
    status: str
    link: str | None = None
    shows: str = ""

    @property
    def href(self) -> str | None:
        """The link where it is safe to follow: the web, and nothing that runs or reads files."""
        link = self.link or ""
        return link if link.lower().startswith(("https://", "http://")) and link.isprintable() else None


@dataclass(frozen=True)
class Item:
    """One entry of a list.

    Attributes:
        gist: the one sentence to take along.
        text: what follows from the title, or what is behind it.
        note: an aside, shown small.
        marks: one or two words each: the figures or states of the entry.
        grounds: what it rests on among the facts.
    """

    title: str
    gist: str = ""
    text: str = ""
    note: str = ""
    marks: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Items:
    """A list of entries under a title of its own, which may be empty. `more` says what was left out."""

    items: tuple[Item, ...]
    title: str = ""
    more: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of texts. `numbers` are the columns, from 0, that hold figures."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Meter:
    """A value between 0 and 1, its reading in words, and what it means."""

    label: str
    value: float
    reading: str
    says: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar: `shown` is its value as text, `mark` a word beside it that takes it out of the running."""

    label: str
    value: float
    shown: str
    mark: str = ""


@dataclass(frozen=True)
class Bars:
    """Values on one scale, which always holds zero and `whole`; the first is the one that the eye should find."""

    caption: str
    bars: tuple[Bar, ...]
    whole: float = 0.0

    def _span(self) -> tuple[float, float]:
        values = (0.0, self.whole, *(bar.value for bar in self.bars))
        return min(values), (max(values) - min(values)) or 1.0

    def zero(self) -> float:
        """Where zero lies, as a share of the whole scale."""
        low, span = self._span()
        return -low / span

    def extents(self) -> tuple[tuple[float, float], ...]:
        """Start and length of each bar, as shares of the whole scale."""
        low, span = self._span()
        return tuple(((min(bar.value, 0.0) - low) / span, abs(bar.value) / span) for bar in self.bars)


@dataclass(frozen=True)
class Step:
    """One step of a plan.

    Attributes:
        signs: what to look out for, each as a short label and a text, such as how one sees that it is done.
        mark: a word or two beside the title.
    """

    title: str
    text: str
    signs: tuple[tuple[str, str], ...]
    mark: str = ""


@dataclass(frozen=True)
class Steps:
    """Steps in their order, under a title of their own, which may be empty."""

    steps: tuple[Step, ...]
    title: str = ""


@dataclass(frozen=True)
class KeyValues:
    """Names and their values. `literal` values are shown as they would be typed."""

    pairs: tuple[tuple[str, str], ...]
    title: str = ""
    literal: bool = False


@dataclass(frozen=True)
class Fold:
    """Detail that few readers need: closed on the page until it is opened, always open on paper and in plain text."""

    summary: str
    blocks: tuple[Block, ...]


Block = Headline | Paragraph | Callout | Items | Table | Meter | Bars | Steps | KeyValues | Fold


@dataclass(frozen=True)
class Section:
    """One part of the report. Its id is the name of the file that builds it."""

    id: str
    title: str
    blocks: tuple[Block, ...]
