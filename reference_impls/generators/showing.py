"""Shows for a few conversations what was wanted, what the base model wrote, and what the tuned one writes."""

import textwrap
from collections.abc import Sequence

from ..labelled_data.base import Advance, Example, Writer
from ..project_base.terminal import printable

_LEAST_COLUMN = 24
_GAP = "  "
_LONGEST = 600
"""Characters of a text that are shown; more would push the others off the screen."""


def shown_samples(
    examples: Sequence[Example],
    base: Writer,
    tuned: Writer,
    count: int = 3,
    width: int = 100,
    advance: Advance = lambda _: None,
) -> str:
    """A text for the terminal: each conversation, and below it three columns; one below the other where it is narrow.

    Args:
        examples: Of which `count` are taken, spread evenly: the same ones for the same examples. Those of a validation
            split, since a model may know its training data by heart.
        base: The model before it was tuned.
        tuned: The model after.
        count: How many conversations.
        width: Of the terminal, in characters.
        advance: Hears how many more responses are written.
    """
    taken = [examples[place * len(examples) // min(count, len(examples))] for place in range(min(count, len(examples)))]
    turns = [example.turns for example in taken]
    written = [model.write(turns, advance) for model in (base, tuned)]
    notice = getattr(tuned, "notice", "")
    blocks = [f"note: {notice}"] if notice else []
    for place, example in enumerate(taken):
        texts = {"wanted": str(example.target), "base": written[0][place], "tuned": written[1][place]}
        asked = _wrapped(example.text, width)
        blocks.append("\n".join([f"{place + 1}. {example.place}", *asked, "", *_columns(texts, width)]))
    return "\n\n".join(blocks)


def _columns(texts: dict[str, str], width: int) -> list[str]:
    column = (width - len(_GAP) * (len(texts) - 1)) // len(texts)
    if column < _LEAST_COLUMN:
        return [line for name, text in texts.items() for line in (f"{name}:", *_wrapped(text, width, "  "))]
    parts = [[name, "-" * len(name), *_wrapped(text, column)] for name, text in texts.items()]
    height = max(map(len, parts))
    rows = zip(*(part + [""] * (height - len(part)) for part in parts), strict=True)
    return [_GAP.join(line.ljust(column) for line in row).rstrip() for row in rows]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    shown = printable(text)
    shown = shown if len(shown) <= _LONGEST else shown[:_LONGEST].rstrip() + " ..."
    lines = [
        line
        for paragraph in shown.splitlines()
        for line in textwrap.wrap(paragraph, width, initial_indent=indent, subsequent_indent=indent)
    ]
    return lines or [f"{indent}(nothing)"]
