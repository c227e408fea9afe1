"""Runs a model of texts from one ONNX file: onnxruntime and tokenizers load in a tenth of a second."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.optional import require

_ERRORS_ONLY = 3
_UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Inputs:
    """What a model is fed with.

    Attributes:
        names: Of its inputs, in order: some of `input_ids`, `attention_mask` and `token_type_ids`.
        most_tokens: Longer texts are cut to as many tokens; 0 cuts none.
        padding_token: What fills the shorter rows of a batch.
        pads_left: Whether it stands before the text.
    """

    names: tuple[str, ...]
    most_tokens: int = 0
    padding_token: int = 0
    pads_left: bool = False


def inputs_of(tokenizer: Any, names: tuple[str, ...], most_tokens: int | None) -> Inputs:
    """What a model is fed with that reads what a tokenizer of transformers encodes.

    Args:
        tokenizer: Of transformers.
        names: Of the model's inputs, in order.
        most_tokens: What the model is set to cut at; None takes what the tokenizer says.
    """
    longest = most_tokens or tokenizer.model_max_length
    return Inputs(
        names=names,
        most_tokens=longest if longest < _UNLIMITED else 0,
        padding_token=tokenizer.pad_token_id or 0,
        pads_left=tokenizer.padding_side == "left",
    )


class OnnxModel:
    """One ONNX file, run on the CPU.

    Args:
        file: The ONNX file.
        inputs: What the model is fed with.
    """

    def __init__(self, file: Path, inputs: Inputs) -> None:
        library = require("onnxruntime", "onnxruntime>=1.22")
        options = library.SessionOptions()
        options.intra_op_num_threads = threads()
        options.log_severity_level = _ERRORS_ONLY
        # Threads that spin while they wait make a shared machine several times slower.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = library.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = inputs

    def run(self, tokens: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None) -> NDArray[np.float32]:
        """The model's first output for one batch, float32 [n, ...]; what is given for each token is padded alike.

        Args:
            tokens: Numbers of the tokens of each text, at least one of each of at least one text.
            types: Their types; None where all are 0.
        """
        shape = len(tokens), max(len(each) for each in tokens)
        arrays = {name: np.zeros(shape, dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        arrays["input_ids"].fill(self._inputs.padding_token)
        for row, each in enumerate(tokens):
            place = slice(shape[1] - len(each), shape[1]) if self._inputs.pads_left else slice(len(each))
            arrays["input_ids"][row, place] = each
            # The mask is 0 where a row is padded.
            arrays["attention_mask"][row, place] = 1
            if types is not None:
                arrays["token_type_ids"][row, place] = types[row]
        output: NDArray[np.float32] = self._session.run(None, {name: arrays[name] for name in self._inputs.names})[0]
        return output


def open_tokenizer(file: Path, most_tokens: int, overlap: int = 0) -> Any:
    """A tokenizer of the library tokenizers that does not pad.

    Args:
        file: Its tokenizer.json.
        most_tokens: Longer texts are cut behind as many tokens; 0 cuts none.
        overlap: Tokens that what is cut off begins with again.
    """
    made = require("tokenizers", "tokenizers>=0.21").Tokenizer.from_file(str(file))
    made.no_padding()
    made.no_truncation()
    if most_tokens:
        made.enable_truncation(most_tokens, stride=overlap)
    return made


def threads() -> int:
    """Threads that an exported model runs on: OMP_NUM_THREADS, or else the CPUs that this process may use."""
    # onnxruntime does not read this variable itself, and takes every core of the machine where nothing is said.
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
