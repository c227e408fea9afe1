"""What the commands print of an answer beside its text."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answering import LookupAnswer


def citation(answer: "LookupAnswer") -> list[str]:
    """Lines that say which look-up was asked when, and what its source was asked."""
    values = ", ".join(f"{bound.name} = {bound.value}" for bound in answer.values)
    return [
        "",
        f"[{answer.lookup}] asked {answer.asked_at}",
        f"    {answer.statement}",
        *([f"    {values}"] if values else []),
    ]
