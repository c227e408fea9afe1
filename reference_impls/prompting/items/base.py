"""One item of an evaluation set, and an example of the same form."""

import hashlib
import json
from dataclasses import dataclass

FieldValue = str | int | float | bool | None | tuple[str, ...]
Fields = dict[str, FieldValue]


@dataclass(frozen=True)
class Item:
    """An input with what is wanted of it.

    Attributes:
        id: Unique in its file.
        input: What is sent to the model; for map_reduce the path of a document.
        output: The wanted text or label; None where it is not written yet.
        fields: The wanted value of each declared field; None where a text or a label is wanted.
        accepted: Other texts that count as well.
        place: Where it stands, for messages: `items.jsonl:12`.
    """

    id: str
    input: str
    output: str | None = None
    fields: Fields | None = None
    accepted: tuple[str, ...] = ()
    place: str = ""

    @property
    def complete(self) -> bool:
        """Whether somebody has written what is wanted."""
        return self.output is not None or self.fields is not None

    @property
    def sha256(self) -> str:
        """Of the input and of what is wanted: two results may be compared where it is the same."""
        told = json.dumps([self.input, self.output, self.fields, self.accepted], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def wanted(self) -> str:
        """The wanted output as a model would write it."""
        if self.fields is not None:
            return json.dumps(self.fields, ensure_ascii=False)
        return self.output or ""
