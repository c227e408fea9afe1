"""A file that takes long to write: it grows beside its place, and a killed run goes on where it stands for good.

Beside OUT stand, as long as it is not whole:

    OUT.part        the rows so far
    OUT.part.json   the mark: how many rows of the input are done, and how many bytes of OUT.part belong to them

Rows are written first, flushed to disk, and then marked; the mark is replaced by one rename. What a killed run wrote
behind its last mark is cut off by the next one and predicted again; what stands before it never is. Once all is
written, OUT.part becomes OUT by a rename, and the mark goes.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...project_base.errors import UserError
from ...project_base.files import sync_folder, write_text
from ...registry.lock import only_one
from .tally import Tally

SCHEMA: Final = "prediction-mark/1"
EVERY_SECONDS = 1.0
"""A mark is made as often: so much work is done again after a kill, or that of one batch where a batch takes longer."""


class Mark(BaseModel):
    """What stands in OUT.part for good; contents of OUT.part.json.

    Attributes:
        schema_id: `schema` in JSON.
        made_by: What decides the rows: model, settings, format and columns, by name. A run goes on only with the same.
        rows: Rows of the input that are done.
        bytes: Length of OUT.part without what came after them.
        input_sha256: Over these rows of the input, so that another input is noticed.
        tally: Counts over them.
        whole: The input has ended: only the rename is missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_id: Literal["prediction-mark/1"] = Field(default=SCHEMA, alias="schema")
    made_by: Mapping[str, str]
    rows: int = Field(default=0, ge=0)
    bytes: int = Field(default=0, ge=0)
    input_sha256: str = ""
    tally: Tally = Tally()
    whole: bool = False


def part_of(out: Path) -> Path:
    """Where the rows stand until the file is whole."""
    return out.with_name(f"{out.name}.part")


def mark_of(out: Path) -> Path:
    """Where the mark stands until the file is whole."""
    return out.with_name(f"{out.name}.part.json")


def check_place(out: Path, resume: bool) -> None:
    """Makes sure that a file can be written there, before anything slow is done.

    Raises:
        UserError: There is no such folder, something else than a file stands there, or an interrupted run left rows
            and nobody said what is to become of them.
    """
    if not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    if out.exists() and not out.is_file():
        raise UserError(f"{out} is no plain file", "choose another --out, or leave it away for standard output")
    if part_of(out).exists() and not resume:
        raise UserError(
            f"an interrupted run has left {part_of(out)}",
            f"go on with it: the same command with --resume; or begin anew: delete {part_of(out)}",
        )


@contextmanager
def unfinished(out: Path, made_by: Mapping[str, str], *, resume: bool) -> Iterator["Unfinished"]:
    """Opens a file that is written in parts; one process at a time.

    Args:
        out: The file.
        made_by: See `Mark`.
        resume: Goes on with what an interrupted run has left; where it left nothing, it begins.

    Raises:
        UserError: Another process writes it, or what was left is damaged or was made otherwise.
        OSError: It cannot be written.
    """
    lock = out.with_name(f".{out.name}.lock")
    with only_one(lock, f"predicting into {out}", wait_seconds=0):
        try:
            mark = _left(out, made_by) if resume else Mark(made_by=made_by)
            with Unfinished(out, mark) as file:
                yield file
        finally:
            with suppress(OSError):
                lock.unlink(missing_ok=True)


class Unfinished:
    """A file on its way.

    Attributes:
        mark: What stands for good.
    """

    def __init__(self, out: Path, mark: Mark) -> None:
        self.mark = mark
        self._out = out
        self._next = mark
        self._marked_at = time.monotonic()
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        if not self.mark.bytes:
            # One that outlived its file must not be taken for that of this run.
            mark_of(self._out).unlink(missing_ok=True)
        if not self.mark.whole:
            self._stream = part_of(self._out).open("r+b" if self.mark.bytes else "wb")
            self._stream.truncate(self.mark.bytes)
            self._stream.seek(self.mark.bytes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is None:
            return
        # A run that is interrupted, or fails over the input, keeps what it has; a full disk keeps the last mark.
        if error is not None and not isinstance(error, OSError):
            with suppress(OSError):
                self.keep()
        with suppress(OSError):
            self._stream.close()
        if error is not None and not self.mark.bytes:
            part_of(self._out).unlink(missing_ok=True)

    def append(self, content: bytes, rows: int, input_sha256: str, tally: Tally) -> None:
        """Writes the next rows; they count as done with the next mark, about once a second.

        Args:
            content: Whole rows.
            rows: How many rows of the input they stand for.
            input_sha256: Over all rows of the input so far.
            tally: Over all rows so far.

        Raises:
            OSError: They cannot be written.
        """
        if self._stream is None:
            raise ValueError("the file is whole, or was not opened")
        self._stream.write(content)
        self._next = Mark(
            made_by=self.mark.made_by,
            rows=self._next.rows + rows,
            bytes=self._next.bytes + len(content),
            input_sha256=input_sha256,
            tally=tally,
        )
        if time.monotonic() - self._marked_at >= EVERY_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Flushes what was written to disk, and marks it as done.

        Raises:
            OSError: It cannot be written; the former mark holds.
        """
        if self._next == self.mark or self._stream is None:
            return
        self._stream.flush()
        os.fsync(self._stream.fileno())
        write_text(mark_of(self._out), self._next.model_dump_json(by_alias=True) + "\n")
        self.mark, self._marked_at = self._next, time.monotonic()

    def finish(self) -> None:
        """Gives the file its name.

        Raises:
            OSError: It cannot be written or renamed; all rows are kept.
        """
        if self._stream is not None:
            self._next = self._next.model_copy(update={"whole": True})
            self.keep()
            self._stream.close()
            self._stream = None
        if part_of(self._out).exists():
            part_of(self._out).replace(self._out)
            sync_folder(self._out.absolute().parent)
        mark_of(self._out).unlink(missing_ok=True)


def _left(out: Path, made_by: Mapping[str, str]) -> Mark:
    """The mark of an interrupted run, or one from which everything begins."""
    part, file = part_of(out), mark_of(out)
    anew = f"delete {part}, and predict without --resume"
    try:
        mark = Mark.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return Mark(made_by=made_by)
    except (OSError, ValidationError) as error:
        raise UserError(f"{file} is damaged or cannot be read, so nothing tells how far {part} goes", anew) from error
    changed = [name for name in made_by if mark.made_by.get(name) != made_by[name]]
    if changed or mark.made_by.keys() != made_by.keys():
        told = ", ".join(changed) or "the program"
        raise UserError(f"{part} was begun with other values of: {told}", f"set them as they were, or {anew}")
    place = part if part.exists() or not mark.whole else out
    size = place.stat().st_size if place.exists() else 0
    if size < mark.bytes or (mark.whole and size != mark.bytes):
        raise UserError(f"{part} has {size:,} bytes, and {file.name} tells of {mark.bytes:,}", anew)
    return mark
