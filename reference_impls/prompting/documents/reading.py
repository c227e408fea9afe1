"""The documents that a prompt may hold: those that everybody may read."""

import hashlib
from dataclasses import dataclass

from ...corpus.documents import EVERYBODY, Document
from ...corpus.reading import read_corpus
from ...corpus.settings import Settings as CorpusSettings
from ...language_models.instructions import addresses_model
from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent


@dataclass(frozen=True)
class Documents:
    """All documents that are sent.

    Attributes:
        documents: In the order of their paths, which changes no more than they do.
        left_out: What is not sent, each with its reason.
        suspicious: Paths of documents that hold sentences for a language model.
    """

    documents: tuple[Document, ...]
    left_out: tuple[str, ...]
    suspicious: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of all of them."""
        told = "\n".join(f"{document.sha256} {document.path}" for document in self.documents)
        return hashlib.sha256(told.encode()).hexdigest()

    def find(self, path: str) -> Document | None:
        """A document by its path."""
        return next((document for document in self.documents if document.path == path), None)


def read_documents(settings: CorpusSettings, progress: Progress = silent) -> Documents:
    """Reads `corpus.folder`.

    A prompt is the same for all who ask, so documents that are kept for some readers, or for a tenant, are left out.

    Raises:
        UserError: The folder is missing, or holds no document that everybody may read.
    """
    corpus = read_corpus(settings, progress)
    open_to_all = [each for each in corpus.documents if each.readers == EVERYBODY and each.tenant is None]
    closed = len(corpus.documents) - len(open_to_all)
    if not open_to_all:
        raise UserError(
            f"none of the documents in {settings.folder} may be read by everybody",
            "a prompt is the same for all who ask: leave such documents to retrieval, which filters by rights",
        )
    left_out = [f"{item.path}: {item.reason}" for item in corpus.skipped]
    if closed:
        left_out.append(f"{closed} documents that are kept for some readers or for a tenant")
    documents = tuple(sorted(open_to_all, key=lambda document: document.path))
    suspicious = tuple(document.path for document in documents if addresses_model(document.text))
    return Documents(documents, tuple(left_out), suspicious)
