import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from ..app import make_app
from ..settings import Settings
from .in_thread import running
from .sample import Sample

Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(sample, key=value, ...)`: a client of the sample behind a real server, which listens in a thread."""
    with ExitStack() as opened:

        def start(sample: Sample, *, wait: bool = True, **settings: object) -> httpx.Client:
            app = make_app(sample.service, Settings.model_validate(settings))
            client = opened.enter_context(running(app))
            opened.callback(sample.gate.set)
            while wait and not client.get("/health").is_success:
                time.sleep(0.02)
            return client

        yield start
