"""Reads a folder: every file becomes a document or is listed with the reason why not."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from ..texts.encodings import Undecodable, decode
from .documents import EVERYBODY, Corpus, Document, Metadata, ReadFile, Remark, Skipped, Unreadable
from .duplicates import NONE_KNOWN, Repeat, Signatures, find_repeats
from .metadata import SIDECAR, Rules, front_matter, read_rules
from .records import ROW_FORMATS, read_records
from .settings import Settings
from .suffixes import SUFFIXES

if TYPE_CHECKING:
    from .formats import Parsed


def list_files(folder: Path) -> list[Path]:
    """All files below a folder, sorted; names that begin with a dot are passed over.

    A link to a folder is not followed; it comes as one entry itself, so that it can be listed.

    Raises:
        UserError: There is no such folder, or it cannot be listed.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UserError(f"the document folder {folder} {what}", "set corpus.folder in config.yaml to a folder")
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            # Removed since its name was read: its files are gone, and nothing is lost by that.
            return
        raise UserError(f"{error.filename}: {error.strerror}", "change the permissions, or move the folder") from error

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if Path(root, name).is_symlink()]
        yield from (Path(root, name) for name in (*names, *links) if not name.startswith("."))


def file_states(folder: Path) -> dict[str, tuple[int, int]]:
    """Size in bytes and time of change in nanoseconds of every file below a folder, by its path there.

    Raises:
        UserError: The folder is missing.
    """
    return {_printable(file.relative_to(folder).as_posix()): _state(file) for file in list_files(folder)}


def _state(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        # A link that leads nowhere, or a file that went away meanwhile: it has no state that could be compared.
        return 0, 0
    if stat.S_ISDIR(status.st_mode):
        # A link to a folder: what happens in there is no change of the documents.
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _printable(name: str) -> str:
    # A name that is not valid text in the system's encoding could be neither printed nor stored.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_corpus(
    settings: Settings,
    progress: Progress = silent,
    unchanged: Mapping[str, ReadFile] = MappingProxyType({}),
    signatures: Signatures = NONE_KNOWN,
) -> Corpus:
    """Reads every document below the folder.

    Args:
        settings: Folder, encoding, size limit, columns of records and what becomes of duplicates.
        progress: Hears of each stage.
        unchanged: Files that were read before with these settings, by path, and are as they were; they are not opened.
        signatures: Of the documents of that time, by which duplicates are found.

    Raises:
        UserError: The folder is missing, no file in it can be used, or a `_metadata.yaml` cannot be understood.
    """
    folder = Path(settings.folder)
    files = {file.relative_to(folder).as_posix(): file for file in list_files(folder)}
    rules = read_rules(folder, files)
    names = [name for name, file in files.items() if file.name != SIDECAR]
    documents: list[Document] = []
    skipped: list[Skipped] = []
    read: list[ReadFile] = []
    advance = progress("reading", len(names))
    for name in names:
        try:
            found = _read(files[name], name, folder, rules, settings, unchanged)
        except Unreadable as reason:
            skipped.append(Skipped(_printable(name), str(reason)))
        except OSError as error:
            skipped.append(Skipped(_printable(name), error.strerror or str(error)))
        else:
            read.append(found)
            documents += (_described(document, rules) for document in found.documents)
            skipped += found.skipped
        advance(1)
    if not documents:
        reasons = "".join(f"\n       {item.path}: {item.reason}" for item in skipped[:10])
        raise UserError(
            f"no document in {folder} can be read ({len(skipped)} files skipped){reasons}",
            f"put files of these kinds there: {', '.join(SUFFIXES)}",
        )
    corpus = Corpus(tuple(documents), tuple(skipped), tuple(rules.idle(names)), tuple(read))
    if settings.duplicates == "keep":
        return corpus
    repeats, signatures = find_repeats(documents, progress("comparing", len(documents)), signatures)
    return replace(_without_repeats(corpus, repeats, settings), signatures=signatures)


def _read(
    file: Path, name: str, folder: Path, rules: Rules, settings: Settings, unchanged: Mapping[str, ReadFile]
) -> ReadFile:
    if _printable(name) != name:
        raise Unreadable("the file's name is not valid UTF-8")
    if file.is_symlink():
        _check_link(file, name, folder, rules)
    return unchanged.get(name) or read_file(file, name, settings)


def _check_link(file: Path, name: str, folder: Path, rules: Rules) -> None:
    try:
        target, root = file.resolve(strict=True), folder.resolve()
    except (OSError, RuntimeError) as error:
        raise Unreadable("a broken link") from error
    if not target.is_relative_to(root):
        raise Unreadable("a link that leads out of the documents folder; copy the file itself there")
    if target.is_dir():
        raise Unreadable("a link to a folder, which is not followed")
    aim = target.relative_to(root).as_posix()
    if (rules.readers_of(name), rules.tenant_of(name)) != (rules.readers_of(aim), rules.tenant_of(aim)):
        raise Unreadable(f"a link to {_printable(aim)}, whose readers are others")


def _described(document: Document, rules: Rules) -> Document:
    metadata = {**document.metadata, **rules.metadata_of(document.file)}
    readers, tenant = rules.readers_of(document.file), rules.tenant_of(document.file)
    if not metadata and readers == EVERYBODY and tenant is None:
        return document
    beside = json.dumps([document.sha256, metadata, readers, tenant], sort_keys=True)
    digest = hashlib.sha256(beside.encode()).hexdigest()
    return replace(document, metadata=metadata, readers=readers, tenant=tenant, sha256=digest)


def _without_repeats(corpus: Corpus, repeats: Sequence[Repeat], settings: Settings) -> Corpus:
    left_out: list[Skipped] = []
    remarks: list[Remark] = []
    for repeat in repeats:
        path, of = repeat.document.path, repeat.of
        if not repeat.exact:
            # It stays: the one figure in which two texts differ may be the answer.
            remarks.append(Remark(path, f"nearly the same text as {of.path} (similarity {repeat.similarity:.2f})"))
        elif settings.duplicates == "warn":
            remarks.append(Remark(path, f"the same text as {of.path}"))
        elif _seen_by(repeat.document) != _seen_by(of):
            # Without it, some reader or some filter would no longer find the text.
            remarks.append(Remark(path, f"the same text as {of.path}, kept because its metadata or readers differ"))
        else:
            left_out.append(Skipped(path, f"the same text as {of.path} (corpus.duplicates: skip)"))
    gone = {item.path for item in left_out}
    documents = tuple(document for document in corpus.documents if document.path not in gone)
    return replace(
        corpus, documents=documents, skipped=(*corpus.skipped, *left_out), remarks=(*corpus.remarks, *remarks)
    )


def _seen_by(document: Document) -> tuple[object, ...]:
    return document.readers, document.tenant, document.metadata


def read_file(file: Path, name: str, settings: Settings) -> ReadFile:
    """Reads one file.

    Args:
        file: Where it lies.
        name: Its path below the corpus folder.
        settings: Encoding, size limit and columns of records.

    Raises:
        Unreadable: The file is of another kind, too large, empty, binary, encrypted, broken or cannot be decoded.
        OSError: The file cannot be opened.
    """
    # The parsers take a third of a second to load, and a question reads no file.
    from .formats import BYTE_FORMATS, TEXT_FORMATS, read_markdown  # noqa: PLC0415

    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unreadable(f"no reader for {suffix or 'files without a suffix'} (read: {' '.join(SUFFIXES)})")
    if not file.is_file():
        raise Unreadable("not a plain file")
    size = file.stat().st_size
    if size > settings.max_megabytes * 1_000_000:
        raise Unreadable(f"{size / 1e6:.0f} MB is more than corpus.max_megabytes ({settings.max_megabytes})")
    content = file.read_bytes()
    if not content.strip():
        raise Unreadable("the file is empty")
    try:
        if suffix in BYTE_FORMATS:
            return ReadFile(name, (_document(name, content, BYTE_FORMATS[suffix](content), {}),), ())
        text = decode(content, settings.encoding, "corpus.encoding").replace("\r\n", "\n").replace("\r", "\n")
        if suffix in ROW_FORMATS:
            documents, skipped = read_records(name, text, settings)
            return ReadFile(name, tuple(documents), tuple(skipped))
        metadata = front_matter(text, name) if TEXT_FORMATS[suffix] is read_markdown else {}
        return ReadFile(name, (_document(name, content, TEXT_FORMATS[suffix](text), metadata),), ())
    except Unreadable:
        raise
    except Undecodable as error:
        raise Unreadable(str(error)) from error
    except Exception as error:
        # A parser that stumbles over one document must not cost the others.
        raise Unreadable(f"the {suffix} parser failed ({type(error).__name__})") from error


def _document(name: str, content: bytes, parsed: "Parsed", metadata: Metadata) -> Document:
    found, text, blocks = parsed
    if not blocks:
        raise Unreadable("the file holds no text under its headings")
    title = " ".join(str(metadata.get("title", "")).split()) or found or PurePosixPath(name).stem
    return Document(name, title, text, blocks, hashlib.sha256(content).hexdigest(), metadata)
