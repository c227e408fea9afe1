"""One prompt a document; what comes back is believed only where its quote stands in the document."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..asking.answered import Answered, Answerer
from ..items.base import Fields
from ..prompts.declaration import Output
from ..prompts.fields import FieldSpec
from .quotes import stands_in
from .reading import Documents
from .tally import FieldTally, tally


@dataclass(frozen=True)
class DocumentReading:
    """What one document was found to say.

    Attributes:
        path: Of the document.
        answered: The answer, with all that the model said.
        supported: The values whose quote stands in the document, and those that it does not tell.
        unsupported: Names of the fields whose quote does not.
    """

    path: str
    answered: Answered
    supported: Fields
    unsupported: tuple[str, ...]


def read_each(
    answerer: Answerer, documents: Documents, advance: Callable[[int], object] = lambda _: None
) -> Iterator[DocumentReading]:
    """Reads every document by itself.

    Raises:
        UserError: The model cannot be reached; documents that were read stay in the journal.
    """
    given = documents.documents
    for number, answered in answerer.answer_many([document.text for document in given], advance):
        yield checked(given[number].path, given[number].text, answered)


def checked(path: str, text: str, answered: Answered) -> DocumentReading:
    """Takes out the values that their quote does not support."""
    output = answered.output
    fields = dict(output.fields or {}) if answered.valid else {}
    if output.quotes is None:
        return DocumentReading(path, answered, fields, ())
    unsupported = tuple(
        name for name, value in fields.items() if value is not None and not stands_in(output.quotes.get(name, ""), text)
    )
    supported = {name: value for name, value in fields.items() if name not in unsupported}
    return DocumentReading(path, answered, supported, unsupported)


def without_unsupported(reading: DocumentReading) -> Answered:
    """The answer with the unsupported values named as problems."""
    if not reading.unsupported:
        return reading.answered
    output = reading.answered.output
    told = tuple(f"the quote of {name} does not stand in the document" for name in reading.unsupported)
    return replace(
        reading.answered, output=Output(output.text, output.fields, output.quotes, (*output.problems, *told))
    )


def add_up(specs: Mapping[str, FieldSpec], readings: Sequence[DocumentReading]) -> tuple[FieldTally, ...]:
    """Adds up all documents that gave a valid answer."""
    valid = [reading for reading in readings if reading.answered.valid]
    unsupported = Counter(name for reading in valid for name in reading.unsupported)
    return tally(specs, [reading.supported for reading in valid], unsupported)
