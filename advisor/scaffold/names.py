"""What the package of a new project is called."""

from __future__ import annotations

import keyword
import re
import sys

from advisor import resources

__all__ = ["package_name"]

_LIBRARIES = (
    "accelerate anyio beautifulsoup4 bm25s bs4 click datasets docutils docx faiss faiss_cpu fastapi filelock h11 "
    "httpx huggingface_hub jinja2 joblib lxml markdown_it markdown_it_py numpy onnx onnxruntime onnxscript pandas "
    "peft phonenumbers pip psutil psycopg pyarrow pydantic pydantic_core pypdf pytest python_docx python_stdnum pyyaml "
    "ray regex requests safetensors scikit_learn scipy sentence_transformers setuptools sklearn skops starlette stdnum "
    "threadpoolctl tokenizers torch tqdm transformers trl uvicorn watchfiles yaml"
)
"""Names of libraries, as they are imported and as they are installed, that a project must not hide."""

_OUTPUTS = "build dist docs embedder hybrid_results index models runs stand_in test tests"
"""Folders beside the package that the project itself or the tools around it write."""


def package_name(folder: str) -> str:
    """A Python package name from the name of the project's folder that hides no library and no room of its own."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_") or "project"
    if name[0].isdigit():
        name = f"project_{name}"
    rooms = {path.parent.name for path in resources.folder("reference_impls").glob("*/component.yaml")}
    # Some file systems take no notice of case.
    taken = {*map(str.lower, sys.stdlib_module_names), *rooms, *_LIBRARIES.split(), *_OUTPUTS.split(), "advisor"}
    return f"{name}_project" if name in taken or keyword.iskeyword(name) else name
