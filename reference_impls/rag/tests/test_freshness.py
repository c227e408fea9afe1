import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ...project_base.errors import UserError
from ...retrieval.build import BuildReport
from ...retrieval.index import open_index
from ..indexing import update_index
from ..smoke import KNOWN, Sample
from ..watch import keep_in_line

SECRET = "# Quokkatron\n\nThe quokkatron leaves the factory in Wagga Wagga on 14 February.\n"
PATIENCE_S = 60


def index_files(sample: Sample) -> list[Path]:
    return [file for file in Path(sample.settings.retrieval.index_folder).rglob("*") if file.is_file()]


def test_only_changed_files_are_read(sample: Sample) -> None:
    # Files written within two seconds before a build are read again by the next one.
    time.sleep(2.1)
    sample.index()
    report = update_index(sample.settings, sample.embedder)
    assert (report.read, report.embedded, report.reused) == (0, 0, report.manifest.chunks)
    sample.edit("pricing.md", lambda text: text)
    (sample.documents / "pricing.md").write_text("# Prices\n\nA Bridge costs 999 euros.\n")
    report = update_index(sample.settings, sample.embedder)
    assert (report.read, report.embedded) == (1, 1)
    assert "999 euros" in sample.ask("How much does a Bridge cost?").text


def test_a_change_that_keeps_size_and_time_is_seen_by_the_next_index(sample: Sample) -> None:
    file = sample.documents / "returns.md"
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("36 months", "48 months"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    sample.index()
    assert "48 months" in sample.ask(KNOWN.question).text


def test_a_deleted_document_is_nowhere_on_the_disk(sample: Sample) -> None:
    (sample.documents / "secret.md").write_text(SECRET)
    report = update_index(sample.settings, sample.embedder)
    settings = sample.settings
    opened = open_index(settings.corpus, settings.retrieval, settings.vector_stores, sample.embedder.id)
    position = next(number for number, chunk in enumerate(opened.chunks) if chunk.document == "secret.md")
    vector = np.ascontiguousarray(opened.dense.store.vectors()[position]).tobytes()
    traces = [b"quokkatron", b"Quokkatron", b"wagga", b"Wagga", b"secret.md", vector]
    assert all(any(trace in file.read_bytes() for file in index_files(sample)) for trace in traces)
    (sample.documents / "secret.md").unlink()
    assert update_index(sample.settings, sample.embedder).manifest.chunks == report.manifest.chunks - 1
    assert [(trace, file) for trace in traces for file in index_files(sample) if trace in file.read_bytes()] == []
    assert sample.ask("When does the quokkatron leave the factory?").refused


@contextmanager
def watching(sample: Sample, *, poll: bool = False) -> Iterator[Callable[[], BuildReport | UserError]]:
    """Runs the watch in a thread; gives a function that waits for its next report."""
    reports: list[BuildReport | UserError] = []
    heard = threading.Condition()
    stop = threading.Event()

    def report(result: BuildReport | UserError) -> None:
        with heard:
            reports.append(result)
            heard.notify_all()

    def next_report() -> BuildReport | UserError:
        with heard:
            assert heard.wait_for(lambda: bool(reports), timeout=PATIENCE_S)
            return reports.pop(0)

    arguments = (sample.settings, sample.embedder, stop, report)
    thread = threading.Thread(target=keep_in_line, args=arguments, kwargs={"poll": poll})
    thread.start()
    try:
        yield next_report
    finally:
        stop.set()
        thread.join(timeout=PATIENCE_S)
        assert not thread.is_alive()


def test_a_watched_folder_is_kept_in_line(sample: Sample) -> None:
    with watching(sample) as next_report:
        file = sample.documents / "returns.md"
        file.write_text(file.read_text(encoding="utf-8").replace("36 months", "48 months"), encoding="utf-8")
        assert isinstance(next_report(), BuildReport)
        assert "48 months" in sample.ask(KNOWN.question).text
        rights = sample.documents / "_metadata.yaml"
        rights.write_text('"returns.md": {readers: service}\n')
        failed = next_report()
        assert isinstance(failed, UserError)
        assert "readers is no list" in failed.message
        assert "48 months" in sample.ask(KNOWN.question).text
        rights.write_text('"returns.md": {readers: [service]}\n')
        assert isinstance(next_report(), BuildReport)
        assert all(source.document != "returns.md" for source in sample.ask(KNOWN.question).sources)


def test_a_folder_without_messages_of_the_system_is_polled(sample: Sample) -> None:
    with watching(sample, poll=True) as next_report:
        (sample.documents / "secret.md").write_text(SECRET)
        assert isinstance(next_report(), BuildReport)
    assert "14 February" in sample.ask("When does the quokkatron leave the factory?").text
