"""Records before documents: what a declared look-up answers is read from its source and not searched for."""

from ..embedding.base import Vectors
from ..lookups.answering import LookupAnswer, Lookups
from ..lookups.askers import Asker
from ..retrieval.access import Reader


def look_up(lookups: Lookups | None, question: str, vector: Vectors, reader: Reader | None) -> LookupAnswer | None:
    """The answer of a look-up, or None where none fits and the documents are to be searched.

    Args:
        lookups: The declared ones; None has none.
        question: The question.
        vector: Of the question, float32 [dimension], length 1.
        reader: Who asks; None is the owner.

    Raises:
        UserError: The source of the look-up fails. The documents are not asked then: they may hold an older answer.
    """
    if lookups is None:
        return None
    asker = Asker(owner=True) if reader is None else Asker(reader.names, reader.tenant, reader.user)
    found = lookups.answer(question, asker, vector)
    return found if isinstance(found, LookupAnswer) else None
