"""Applies the project's settings to the process before a model library is loaded."""

import os
import sys

from .settings import Settings


def apply_environment(settings: Settings) -> None:
    """Sets what the model libraries read when they are imported: network, noise and threads.

    Args:
        settings: `offline` closes the model hub; `threads` above 0 limits the CPU threads.
    """
    if settings.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Threads that spin while they wait make a shared machine several times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if settings.threads:
        os.environ["OMP_NUM_THREADS"] = str(settings.threads)
        torch = sys.modules.get("torch")
        if torch is not None:
            # The variable is read once, at import; a library that is already loaded must be told.
            torch.set_num_threads(settings.threads)
