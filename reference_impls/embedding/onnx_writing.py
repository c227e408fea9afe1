"""Writes a model of torch as one ONNX file."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..project_base.optional import require

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""What models of texts read, in the order in which an export takes it."""

_OPSET = 20


def write_onnx(model: Any, features: Mapping[str, Any], output: str, file: Path) -> tuple[str, ...]:
    """Writes a model for any number of texts of any length.

    Args:
        model: A torch module in float32 on the CPU, in `eval` mode; it takes the features in the order of `INPUTS` and
            gives one tensor.
        features: Its inputs for at least two texts of different lengths, int64 [n, longest] each.
        output: The name of what it gives.
        file: Where to write.

    Returns:
        The names of its inputs, in order.

    Raises:
        Exception: Exporters fail in many exception types over models that they do not know; also above 2 GB.
    """
    torch = require("torch", "torch>=2.4")
    require("onnx", "onnx>=1.17")
    require("onnxscript", "onnxscript>=0.5")
    inputs = tuple(name for name in INPUTS if name in features)
    sizes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}

    class Positional(torch.nn.Module):  # type: ignore[misc, name-defined]
        """Takes its tensors as a list, as the dynamic shapes are given."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            return self.model(*tensors)

    # The older exporter, which traces, freezes the mask of the example: cosine .97 on batches with padding.
    with torch.no_grad():
        program = torch.onnx.export(
            Positional().eval(),
            tuple(features[name] for name in inputs),
            input_names=list(inputs),
            output_names=[output],
            dynamic_shapes=(tuple(sizes for _ in inputs),),
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    # Above 2 GB this fails, and torch runs the model: such a model gains little from a short start.
    program.save(str(file), external_data=False)
    return inputs


@contextmanager
def quietly() -> Iterator[None]:
    """Keeps the exporters' notes about themselves away from the terminal."""
    root = logging.root
    before, level, handlers = root.manager.disable, root.level, root.handlers[:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
            # One of them sets up the log of the whole program when it is imported.
            root.setLevel(level)
            root.handlers[:] = handlers
