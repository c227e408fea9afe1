"""The server as a process: it tells its address, ends in good order, and fails in one clear line."""

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import httpx
import pytest

from ...project_base.errors import UserError
from ..server import run_service
from ..settings import Settings
from .sample import Sample

PACKAGE = (__package__ or "").removesuffix(".serving.tests")
ROOT = Path(__file__).parents[2 + PACKAGE.count(".") + 1]


def start(seconds_to_load: float = 0.0) -> tuple[subprocess.Popen[str], str]:
    """A process with the sample, and its address."""
    command = [sys.executable, "-m", f"{PACKAGE}.serving.tests.sample", str(seconds_to_load)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told = _stream(process.stderr).readline()
    assert told.startswith("serving on http://127.0.0.1:"), told + _stream(process.stderr).read()
    assert "this machine alone" in told
    return process, told.split()[2]


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_what_is_in_work_is_answered_before_it_ends() -> None:
    process, address = start()
    while not httpx.get(f"{address}/health").is_success:
        pass
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.post, f"{address}/sleep", timeout=20)
        assert _stream(process.stdout).readline() == "asleep\n"
        process.send_signal(signal.SIGTERM)
        assert asked.result().json() == {"text": "slept"}
    _, log = process.communicate(timeout=20)
    assert "POST /sleep 200" in log
    assert "Traceback" not in log
    assert process.returncode in {0, -signal.SIGTERM}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/health")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console")
def test_control_c_while_loading_ends_it() -> None:
    process, address = start(seconds_to_load=0.5)
    assert httpx.get(f"{address}/health").status_code == 503
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=20)
    assert log.endswith("stopped\n")
    assert "Traceback" not in log


def test_a_service_that_cannot_load_ends_with_the_reason() -> None:
    def load() -> None:
        raise UserError("there is no index", "build one")

    # In a thread of its own: whatever else is tested here may keep an event loop in this one.
    with ThreadPoolExecutor(1) as thread, pytest.raises(UserError, match="there is no index"):
        thread.submit(run_service, Sample(load=load).service, Settings(port=0)).result()


def test_a_port_that_is_taken_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} cannot be listened on"):
            run_service(Sample().service, Settings(port=port))
