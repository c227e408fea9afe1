import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
import uvicorn

from ..app import make_app
from ..settings import Settings
from .sample import Sample

Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(sample, key=value, ...)`: a client of the sample behind a real server, which listens in a thread."""
    with ExitStack() as opened:

        def start(sample: Sample, *, wait: bool = True, **settings: object) -> httpx.Client:
            app = make_app(sample.service, Settings.model_validate(settings))
            listening = socket.create_server(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None))
            thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
            thread.start()

            def stop() -> None:
                sample.gate.set()
                server.should_exit = True
                thread.join()

            opened.callback(stop)
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            client = opened.enter_context(httpx.Client(base_url=address, timeout=20))
            while wait and not client.get("/health").is_success:
                time.sleep(0.02)
            return client

        yield start
