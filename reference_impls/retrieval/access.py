"""On whose behalf is searched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..corpus.documents import EVERYBODY

Filters = Mapping[str, str]
NO_FILTERS: Filters = {}


@dataclass(frozen=True)
class Reader:
    """Somebody who asks.

    Attributes:
        names: Of the user and of the groups, compared with the `readers` of a document; one in common is enough.
        tenant: A document of a tenant is for that tenant alone; a document of none is shared.
        user: Which of the names is the user's own; None where that is not known.
    """

    names: frozenset[str] = frozenset()
    tenant: str | None = None
    user: str | None = None

    def may_read(self, readers: Sequence[str], tenant: str | None) -> bool:
        """Whether a document with these readers and this tenant takes part in the search at all."""
        if tenant is not None and tenant != self.tenant:
            return False
        return EVERYBODY[0] in readers or not self.names.isdisjoint(readers)


NOBODY = Reader()
"""Nobody in particular: sees what everybody may read."""

OWNER = None
"""Whoever runs the index: sees all of it."""
