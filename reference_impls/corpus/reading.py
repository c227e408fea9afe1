"""Reads a folder: every file becomes a document or is listed with the reason why not."""

import codecs
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ..project_base.errors import UserError
from .documents import Corpus, Document, Skipped, Unreadable
from .formats import SUFFIXES, TEXT_FORMATS, read_pdf
from .settings import Settings

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|coding[=:]\s*([A-Za-z0-9_.-]+)", re.I)
# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def list_files(folder: Path) -> list[Path]:
    """All files below a folder, sorted; names that begin with a dot are passed over, links to folders not followed.

    Raises:
        UserError: There is no such folder, or it cannot be listed.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UserError(f"the document folder {folder} {what}", "set corpus.folder in config.yaml to a folder")
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename}: {error.strerror}", "change the permissions, or move the folder") from error

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in names if not name.startswith("."))


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
    return status.st_size, status.st_mtime_ns


def _printable(name: str) -> str:
    # A name that is not valid text in the system's encoding could be neither printed nor stored.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_corpus(settings: Settings, advance: Callable[[int], object] = lambda _: None) -> Corpus:
    """Reads every document below the folder.

    Args:
        settings: Folder, encoding and size limit.
        advance: Called with 1 after each file, for a progress bar.

    Raises:
        UserError: The folder is missing, or no file in it can be used.
    """
    folder = Path(settings.folder)
    documents: list[Document] = []
    skipped: list[Skipped] = []
    for file in list_files(folder):
        name = file.relative_to(folder).as_posix()
        shown = _printable(name)
        try:
            if shown != name:
                raise Unreadable("the file's name is not valid UTF-8")
            documents.append(read_document(file, name, settings))
        except Unreadable as reason:
            skipped.append(Skipped(shown, str(reason)))
        except OSError as error:
            skipped.append(Skipped(shown, error.strerror or str(error)))
        advance(1)
    if not documents:
        reasons = "".join(f"\n       {item.path}: {item.reason}" for item in skipped[:10])
        raise UserError(
            f"no document in {folder} can be read ({len(skipped)} files skipped){reasons}",
            f"put files of these kinds there: {', '.join(SUFFIXES)}",
        )
    return Corpus(tuple(documents), tuple(skipped))


def read_document(file: Path, name: str, settings: Settings) -> Document:
    """Reads one file.

    Args:
        file: Where it lies.
        name: Its path below the corpus folder.
        settings: Encoding and size limit.

    Raises:
        Unreadable: The file is of another kind, too large, empty, binary, encrypted, broken or cannot be decoded.
        OSError: The file cannot be opened.
    """
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unreadable(f"no reader for {suffix or 'files without a suffix'} (read: {' '.join(SUFFIXES)})")
    if not file.is_file():
        raise Unreadable("a broken link" if file.is_symlink() else "not a plain file")
    size = file.stat().st_size
    if size > settings.max_megabytes * 1_000_000:
        raise Unreadable(f"{size / 1e6:.0f} MB is more than corpus.max_megabytes ({settings.max_megabytes})")
    content = file.read_bytes()
    if not content.strip():
        raise Unreadable("the file is empty")
    if suffix == ".pdf":
        title, text, blocks = read_pdf(content)
    else:
        decoded = decode(content, settings.encoding).replace("\r\n", "\n").replace("\r", "\n")
        try:
            title, text, blocks = TEXT_FORMATS[suffix](decoded)
        except Exception as error:
            # A parser that stumbles over one document must not cost the others.
            raise Unreadable(f"the {suffix} parser failed ({type(error).__name__})") from error
    if not blocks:
        raise Unreadable("the file holds no text under its headings")
    return Document(name, title or file.stem, text, blocks, hashlib.sha256(content).hexdigest())


def decode(content: bytes, fallback: str) -> str:
    """Decodes by byte-order mark, then UTF-8, then the declared encoding, then the fallback.

    Raises:
        Unreadable: The bytes are binary, or no encoding fits.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content, encoding)
    if b"\0" in content:
        raise Unreadable("a binary file under a text suffix")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        position = error.start
    declared = _DECLARED.search(content[:2048])
    if declared:
        return _strict(content, (declared.group(1) or declared.group(2)).decode("ascii"))
    if codecs.lookup(fallback).name != "utf-8":
        return _strict(content, fallback)
    raise Unreadable(f"not UTF-8 (byte {position}) and no encoding declared; save it as UTF-8 or set corpus.encoding")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"cannot be decoded as {encoding}") from error
