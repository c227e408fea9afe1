"""Which libraries a model was made with."""

import platform
import sys
from importlib import metadata

_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "pandas": "pandas",
    "torch": "torch",
    "transformers": "transformers",
    "tokenizers": "tokenizers",
    "safetensors": "safetensors",
    "peft": "peft",
    "trl": "trl",
    "accelerate": "accelerate",
    "sentence_transformers": "sentence-transformers",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "skops": "skops",
}
"""The libraries whose version can decide whether a model answers as it did, by their import names."""


def loaded_versions() -> dict[str, str]:
    """Version of Python, and of each such library that this process has loaded, by the name that pip knows."""
    found = {"python": platform.python_version()}
    for module, name in _LIBRARIES.items():
        if module in sys.modules:
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                # A module of that name that no package brought has no version to tell.
                continue
    return found
