"""On whose behalf a look-up runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from .declarations import EVERYBODY


@dataclass(frozen=True)
class Asker:
    """Somebody who asks. It is made from a checked identity, never from a question.

    Attributes:
        names: The user and the groups, compared with `readers` of a look-up; one in common is enough.
        tenant: Bound to parameters of kind tenant.
        user: Bound to parameters of kind user.
        owner: Whoever runs the project may use every look-up; parameters of an identity still need one.
    """

    names: frozenset[str] = frozenset()
    tenant: str | None = None
    user: str | None = None
    owner: bool = False

    def may_use(self, readers: Sequence[str]) -> bool:
        """Whether a look-up with these readers exists at all for this asker."""
        return self.owner or EVERYBODY in readers or not self.names.isdisjoint(readers)


ANYBODY = Asker()
"""Nobody in particular: uses what everybody may."""
