"""A prediction that is interrupted goes on where it stopped, and gives what one that was not gives."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ...project_base.rooms import PACKAGE_NAME
from ...registry.registry import Registry
from ..answering.answering import Answer, Answering
from ..answering.unfinished import unfinished
from .asked import WORDS, add_version
from .projects import config, run, write_csv

ROOT = Path(__file__).parents[3 + PACKAGE_NAME.count(".")]
ROWS = 3000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    add_version(tmp_path)
    words = [*WORDS, ""]
    # Some cells hold line breaks and quotes, some rows cannot be used.
    rows = [(str(number), f'{words[number % 7]}\n"{number}"' * (number % 7 < 6), "tool") for number in range(ROWS)]
    return write_csv(tmp_path / "in.csv", rows, ("id", "text", "label"))


def predict(folder: Path, source: Path, out: Path, *more: str, **changes: Any) -> Result:
    return run(folder, "predict", str(source), "--out", str(out), *more, **changes)


def interrupted(folder: Path, source: Path, out: Path, sign: signal.Signals, *more: str, after: int = 1) -> str:
    """Starts a slow prediction, and sends it a signal once so many rows are marked as done; its standard error."""
    arguments = ["predict", str(source), "--out", str(out), "--config", str(config(folder)), *more]
    worker = subprocess.Popen(
        [sys.executable, "-m", f"{PACKAGE_NAME}.fine_tuning.tests.predicting_worker", *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    while marked_rows(out) < after:
        assert worker.poll() is None, worker.stderr.read() if worker.stderr else ""
        time.sleep(0.005)
    worker.send_signal(sign)
    return worker.communicate(timeout=60)[1]


def marked_rows(out: Path) -> int:
    try:
        return int(json.loads(out.with_name(f"{out.name}.part.json").read_text())["rows"])
    except FileNotFoundError:
        return 0


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if ".part" in path.name or path.name.startswith(".out."))


def test_after_two_kills_the_file_is_the_one_of_an_undisturbed_run(tmp_path: Path, source: Path) -> None:
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    undisturbed = predict(tmp_path, source, whole)
    interrupted(tmp_path, source, out, signal.SIGKILL)
    first = marked_rows(out)
    assert not out.exists()
    interrupted(tmp_path, source, out, signal.SIGKILL, "--resume", after=first + 1)
    second = marked_rows(out)
    assert 0 < first < second < ROWS
    # What a kill leaves behind the last mark is no whole row, and may be more than all that is still to come.
    with out.with_name(f"{out.name}.part").open("ab") as part:
        part.write(b'9999,"half a ro' * 20_000)
    done = predict(tmp_path, source, out, "--resume")
    assert done.exit_code == 0, done.output
    assert f"note: going on after {second:,} rows" in done.stderr
    assert out.read_bytes() == whole.read_bytes()
    assert done.stderr.splitlines()[-2:] == undisturbed.stderr.splitlines()[-2:]
    assert left(tmp_path) == []


def test_ctrl_c_keeps_everything_and_says_how_to_go_on(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out.jsonl"
    told = interrupted(tmp_path, source, out, signal.SIGINT)
    assert "interrupted; the same command with --resume goes on from" in told
    assert "Traceback" not in told
    kept = json.loads((tmp_path / "out.jsonl.part.json").read_text())
    assert (tmp_path / "out.jsonl.part").stat().st_size == kept["bytes"]
    again = predict(tmp_path, source, out)
    assert again.exit_code == 1
    assert "an interrupted run has left" in again.stderr
    assert predict(tmp_path, source, out, "--resume").exit_code == 0
    assert left(tmp_path) == []
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [str(number) for number in range(ROWS)]


@pytest.fixture
def begun(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run has left that was interrupted in its fifth batch."""
    out, answers, left = tmp_path / "out.csv", Answering.answers, iter(range(4))

    def interrupted_answers(self: Answering, *arguments: Any) -> list[Answer]:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return answers(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(Answering, "answers", interrupted_answers)
        assert predict(tmp_path, source, out).exit_code == 1
    assert marked_rows(out) == 4 * 256
    return out


def test_a_run_goes_on_only_with_what_it_was_begun_with(tmp_path: Path, source: Path, begun: Path) -> None:
    def changed_row(line: str) -> str:
        return line.replace("apple", "grape", 1)

    def refused(expected: str, *more: str, **changes: Any) -> None:
        done = predict(tmp_path, source, begun, "--resume", *more, **changes)
        assert done.exit_code == 1
        assert expected in done.stderr
        assert "delete" in done.stderr

    kept = begun.with_name("out.csv.part").read_bytes(), begun.with_name("out.csv.part.json").read_bytes()
    refused("begun with other values of: --format", "--format", "jsonl")
    refused("begun with other values of: labelled_data", labelled_data__largest_text=1000)
    text = source.read_text()
    source.write_text(changed_row(text))
    refused("its first ")
    source.write_text("".join(text.splitlines(keepends=True)[:4]))
    refused("rows now, and ")
    source.write_text(text)
    add_version(tmp_path, {"apple": "tool"})
    refused("begun with other values of: --model")
    Registry(tmp_path / "models").rollback()
    assert kept == (begun.with_name("out.csv.part").read_bytes(), begun.with_name("out.csv.part.json").read_bytes())
    assert predict(tmp_path, source, begun, "--resume").exit_code == 0


def test_what_was_damaged_is_told(tmp_path: Path, source: Path, begun: Path) -> None:
    part, mark = begun.with_name("out.csv.part"), begun.with_name("out.csv.part.json")
    rows, told = part.read_bytes(), mark.read_text()
    for damage, expected in (
        (lambda: mark.write_text("{"), "is damaged"),
        (lambda: mark.write_text(told.replace("prediction-mark/1", "prediction-mark/2")), "is damaged"),
        (lambda: part.write_bytes(rows[:10]), "out.csv.part has 10 bytes"),
        (part.unlink, "out.csv.part has 0 bytes"),
    ):
        part.write_bytes(rows)
        mark.write_text(told)
        damage()
        refused = predict(tmp_path, source, begun, "--resume")
        assert (refused.exit_code, expected in refused.stderr) == (1, True), refused.stderr


def test_without_a_mark_it_begins_anew(tmp_path: Path, source: Path, begun: Path) -> None:
    begun.with_name("out.csv.part.json").unlink()
    done = predict(tmp_path, source, begun, "--resume")
    assert done.exit_code == 0
    assert "going on" not in done.stderr
    assert predict(tmp_path, source, tmp_path / "whole.csv").exit_code == 0
    assert begun.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_kill_before_or_after_the_rename_is_made_good(tmp_path: Path, source: Path, begun: Path) -> None:
    whole = tmp_path / "whole.csv"
    assert predict(tmp_path, source, whole).exit_code == 0
    part, mark = begun.with_name("out.csv.part"), begun.with_name("out.csv.part.json")
    told = json.loads(mark.read_text())
    told |= {"rows": ROWS, "bytes": whole.stat().st_size, "whole": True, "tally": {"rows": ROWS, "errors": 428}}
    for place in (part, begun):
        part.unlink(missing_ok=True)
        place.write_bytes(whole.read_bytes())
        mark.write_text(json.dumps(told))
        done = predict(tmp_path, source, begun, "--resume")
        assert done.exit_code == 0, done.stderr
        assert "2,572 of 3,000 rows predicted" in done.stderr
        assert begun.read_bytes() == whole.read_bytes()
        assert left(tmp_path) == []


def test_a_second_process_is_kept_out(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out.csv"
    with unfinished(out, {}, resume=False):
        refused = predict(tmp_path, source, out, "--resume")
    assert refused.exit_code == 1
    assert "another process is still predicting into" in refused.stderr


def limited(largest: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


def test_a_full_disk_keeps_what_is_marked(tmp_path: Path, source: Path) -> None:
    out, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    assert predict(tmp_path, source, whole).exit_code == 0
    arguments = ["predict", str(source), "--out", str(out), "--config", str(config(tmp_path))]
    done = subprocess.run(
        [sys.executable, "-m", f"{PACKAGE_NAME}.fine_tuning.tests.predicting_worker", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=limited(whole.stat().st_size // 2),
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "the same command with --resume goes on from" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()
    assert 0 < marked_rows(out) < ROWS
    assert predict(tmp_path, source, out, "--resume").exit_code == 0
    assert out.read_bytes() == whole.read_bytes()
