"""Read files as lines of JSON, so that an unchanged file need not be parsed again."""

import json
from typing import Any

from .documents import Block, Document, ReadFile, Skipped


def to_line(file: ReadFile) -> str:
    """One line of JSON, without a line feed."""
    documents = [
        vars(document) | {"blocks": [_block(block) for block in document.blocks]} for document in file.documents
    ]
    skipped = [[item.path, item.reason] for item in file.skipped]
    return json.dumps({"path": file.path, "documents": documents, "skipped": skipped}, ensure_ascii=False)


def from_line(line: str) -> ReadFile:
    """Reads what `to_line` wrote."""
    found = json.loads(line)
    return ReadFile(
        found["path"],
        tuple(_document(record) for record in found["documents"]),
        tuple(Skipped(path, reason) for path, reason in found["skipped"]),
    )


def _block(block: Block) -> list[object]:
    return [block.ordinal, block.headings, block.start, block.end]


def _document(record: dict[str, Any]) -> Document:
    blocks = tuple(Block(ordinal, tuple(headings), start, end) for ordinal, headings, start, end in record["blocks"])
    return Document(**record | {"blocks": blocks, "readers": tuple(record["readers"])})
