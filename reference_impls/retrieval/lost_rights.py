"""Tells of documents that more people may read than before."""

from ..corpus.documents import EVERYBODY, Corpus, Document
from ..corpus.metadata import SIDECAR
from .manifest import IndexedDocument, Manifest, RemarkedFile


def now_open(old: Manifest | None, found: Corpus) -> list[RemarkedFile]:
    """Remarks on documents that were for some and are for all now: a `_metadata.yaml` may have been lost.

    Args:
        old: The index so far; None where there is none to compare with.
        found: What is about to be indexed.
    """
    restricted = {item.path for item in (old.documents if old else ()) if not _is_open(item)}
    text = f"was for some readers or one tenant alone, and is open to everybody now; check {SIDECAR}"
    return [
        RemarkedFile(path=item.path, text=text)
        for item in found.documents
        if item.path in restricted and _is_open(item)
    ]


def _is_open(document: Document | IndexedDocument) -> bool:
    return document.readers == EVERYBODY and document.tenant is None
