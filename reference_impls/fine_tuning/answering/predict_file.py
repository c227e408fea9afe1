"""Predicts a file into another one, or to standard output, and says at the end what became of its rows."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from ...project_base.bars import progress_bars
from ...project_base.errors import UserError, system_error
from ...project_base.progress import Advance, Progress
from ...project_base.terminal import fitted, printable
from ..settings import ProjectSettings
from .answering import Answering, open_answering
from .made_by import made_by
from .predicting import Begun, Sink, predict_rows, without_targets
from .rows_out import FORMS, Form, Table, columns_of_input
from .tally import Tally, tally_in_words
from .unfinished import check_place, part_of, unfinished

_BLOCK = 1 << 20


def predict_file(
    settings: ProjectSettings, source: Path, model: str, out: Path | None, form: Form | None, *, resume: bool
) -> None:
    """Predicts all rows of a file or folder.

    Args:
        settings: Of the project.
        source: What is read, twice where it is JSON lines.
        model: A version or a folder; empty for the one in service.
        out: What is written; None for standard output.
        form: Of what is written; None goes by the names of the files.
        resume: Goes on with what an interrupted run into the same file has left.

    Raises:
        UserError: A path is wrong, the model or the source cannot be used, or not one of the rows; or the disk is full,
            and what is done is kept.
    """
    if out is not None:
        check_place(out, resume)
        if out.exists() and source.exists() and out.samefile(source):
            raise UserError(f"--out is {source} itself", "choose another --out")
    task, data = settings.fine_tuning.task, without_targets(settings.labelled_data)
    chosen = form or FORMS.get(out.suffix.lower() if out else "") or FORMS.get(source.suffix.lower()) or "csv"
    table = Table(chosen, columns_of_input(source, task, data), task)
    work = _Work(settings, open_answering(settings, model, note), source, table)
    with progress_bars() as progress:
        advance = _bar(progress, source)
        tally = work.to_stdout(advance) if out is None else work.to_file(out, advance, resume)
    if not tally.rows:
        raise UserError(f"{source.name} holds no rows", "give a file with at least one row")
    for line in tally_in_words(tally):
        click.echo(line, err=True)
    if tally.errors == tally.rows:
        raise UserError(
            f"not one row of {source.name} could be used", "see the reasons in the column error, and mend the rows"
        )


@contextmanager
def seekable(file: Path) -> Iterator[Path]:
    """A file that can be read twice: standard input (-) is kept on disk for as long as it takes."""
    if str(file) != "-":
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="predict-") as folder:
        stream = sys.stdin.buffer
        first = stream.read(_BLOCK)
        like_json = first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
        kept = Path(folder) / ("stdin.jsonl" if like_json else "stdin.csv")
        with kept.open("wb") as copy:
            copy.write(first)
            shutil.copyfileobj(stream, copy, _BLOCK)
        yield kept


def note(line: str) -> None:
    """Says something on standard error, in one line."""
    click.echo(fitted(printable(f"note: {line}"), sys.stderr), err=True)


@dataclass(frozen=True)
class _Work:
    settings: ProjectSettings
    answering: Answering
    source: Path
    table: Table

    def to_stdout(self, advance: Advance) -> Tally:
        stream = sys.stdout.buffer

        def write(content: bytes, *_: object) -> None:
            # What texts of others hold must not steer the terminal of who looks at them.
            stream.write(printable(content.decode()).encode() if stream.isatty() else content)
            stream.flush()

        write(self.table.head())
        return self._predicted(write, None, advance)

    def to_file(self, out: Path, advance: Advance, resume: bool) -> Tally:
        go_on = f"the same command with --resume goes on from {part_of(out)}"
        try:
            with unfinished(out, made_by(self.settings, self.answering, self.table), resume=resume) as growing:
                mark = growing.mark
                tally = mark.tally
                if mark.rows:
                    note(f"going on after {mark.rows:,} rows")
                if not mark.bytes:
                    growing.append(self.table.head(), 0, "", tally)
                if not mark.whole:
                    tally = self._predicted(growing.append, Begun(mark.rows, mark.input_sha256, tally), advance)
                growing.finish()
        except KeyboardInterrupt:
            note(f"interrupted; {go_on}")
            raise
        except OSError as error:
            hint = system_error(error).next_step.partition(",")[0]
            raise UserError(
                f"{error.filename or part_of(out)}: {error.strerror or error}", f"{hint}; then {go_on}"
            ) from error
        note(f"written to {out}")
        return tally

    def _predicted(self, sink: Sink, begun: Begun | None, advance: Advance) -> Tally:
        return predict_rows(
            self.answering, self.source, self.settings.labelled_data, self.table, sink, begun, advance, note
        )


def _bar(progress: Progress, source: Path) -> Advance:
    """A bar whose length is the number of lines: as many rows, or somewhat fewer where cells hold line breaks."""
    if not sys.stderr.isatty():
        return lambda _: None
    files = [source] if source.is_file() else [each for each in source.rglob("*") if each.is_file()]
    return progress("predicting", sum(map(_lines, files)))


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in _blocks(stream))


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block
