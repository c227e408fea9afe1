"""What an index says about itself; this file is read first, and replacing it is what publishes a new index."""

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..corpus.settings import Settings as CorpusSettings
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..vector_stores.settings import Settings as StoreSettings
from ..vector_stores.stores import STORES
from .context import Context
from .settings import Settings

FORMAT_VERSION = 4
MANIFEST = "manifest.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class IndexedDocument(_Frozen):
    """A document as it was when it was indexed.

    Attributes:
        path: Its path; for a record with its row.
        file: The file that holds it.
        sha256: Of all that it is made from.
        chunks: How many chunks it has; the chunks of the documents follow one another in the index.
        readers: Users and groups that may read it; ("*",) is everybody.
        tenant: The tenant that it belongs to; None is shared by all.
        metadata: What is known about it beside its text.
    """

    path: str
    file: str
    sha256: str
    chunks: int
    readers: tuple[str, ...]
    tenant: str | None
    metadata: dict[str, str | int | float | bool]


class SkippedFile(_Frozen):
    """A file or a record that was left out, and why."""

    path: str
    reason: str


class RemarkedFile(_Frozen):
    """A file of which something should be known, for example that it repeats another."""

    path: str
    text: str


class SourceFile(_Frozen):
    """A file of the corpus folder, read or not; size in bytes and time in nanoseconds tell a change at a glance."""

    path: str
    size: int
    modified_ns: int


class Manifest(_Frozen):
    """Contents of manifest.json.

    Attributes:
        format_version: Version of the layout on disk.
        generation: Name of the folder that holds the files of this index.
        started_ns: When the build began, in nanoseconds since 1970.
        embedder: Id of the model that made the vectors.
        dimension: Length of a vector.
        store: Name of the vector store.
        context: What stands before the text of a chunk in what was embedded.
        stop_words: Language whose stop words the word index leaves out.
        settings_digest: Digest of every setting that shapes the index.
        chunks: Number of chunks.
        files: sha256 of each file of the generation, by name.
        documents: What is in the index.
        skipped: What is not, and why.
        remarks: What the owner of the documents should know beside.
        sources: All files of the corpus folder, those with metadata and rights included.
    """

    format_version: Literal[4] = Field(default=4)
    generation: str = Field(pattern=r"^generation-[0-9a-f]{32}$")
    started_ns: int
    embedder: str
    dimension: int
    store: str
    context: Context
    stop_words: str
    settings_digest: str
    chunks: int
    files: dict[str, str]
    documents: tuple[IndexedDocument, ...]
    skipped: tuple[SkippedFile, ...]
    remarks: tuple[RemarkedFile, ...]
    sources: tuple[SourceFile, ...]


def settings_digest(corpus: CorpusSettings, retrieval: Settings, stores: StoreSettings) -> str:
    """Digest of the settings that shape an index; the corpus folder counts from the index, so a project may move."""
    shaping = {
        "corpus": corpus.model_dump(mode="json")
        | {"folder": os.path.relpath(corpus.folder, retrieval.index_folder).replace(os.sep, "/")},
        "context": retrieval.context,
        "sentence_vectors": retrieval.sentence_vectors,
        "stop_words": retrieval.stop_words,
        "stores": stores.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of an index folder, or None where there is no index.

    Raises:
        UserError: The file is not a manifest of this version.
    """
    file = folder / MANIFEST
    try:
        content = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise _foreign(file) from error
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise _foreign(file) from error
    if manifest.store not in STORES:
        raise _foreign(file)
    return manifest


def _foreign(file: Path) -> UserError:
    return UserError(
        f"{file} is damaged, or was written by another version (this one reads format {FORMAT_VERSION})",
        f"build the index again: {command_line('index --rebuild')}",
    )
