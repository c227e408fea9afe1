"""Loads tokenizer and weights from a folder: safetensors alone, and no code of the model's authors."""

import os
from pathlib import Path
from typing import Any, Literal

from ..project_base.errors import UserError
from ..project_base.optional import require
from .chat import ChatFormat
from .settings import Settings

Precision = Literal["auto", "float32", "bfloat16", "four_bit"]

TRANSFORMERS = "transformers>=4.50"
TORCH = "torch>=2.4"


def load_chat(place: Path, settings: Settings, name: str) -> ChatFormat:
    """The tokenizer of a folder with its chat template, or the plain one.

    Raises:
        UserError: It cannot be loaded.
    """
    library: Any = require("transformers", TRANSFORMERS)
    try:
        tokenizer = library.AutoTokenizer.from_pretrained(str(place), trust_remote_code=False, local_files_only=True)
    except Exception as error:
        raise _unloadable(f"the tokenizer of {name}", error) from error
    return ChatFormat(tokenizer, settings.chat_template, name)


def load_weights(place: Path, name: str, precision: Precision, device: str) -> Any:
    """The causal language model of a folder, in evaluation mode.

    Args:
        place: The folder.
        name: What messages call the model.
        precision: `auto` takes the numbers that the files hold.
        device: As torch names it.

    Raises:
        UserError: It cannot be loaded: damaged or missing weights, foreign code, a missing library or device.
    """
    library: Any = require("transformers", TRANSFORMERS)
    torch: Any = require("torch", TORCH)
    library.utils.logging.disable_progress_bar()
    options: dict[str, Any] = {"dtype": "auto" if precision in {"auto", "four_bit"} else getattr(torch, precision)}
    if precision == "four_bit":
        options |= _four_bit(library, torch)
    try:
        model, found = library.AutoModelForCausalLM.from_pretrained(
            str(place),
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
            **options,
        )
        model = model if precision == "four_bit" else model.to(device)
    except Exception as error:
        # A damaged file, foreign code, an unknown architecture, a missing device: many exception types.
        raise _unloadable(f"the model {name}", error) from error
    absent = sorted(found["missing_keys"]) + sorted(str(key[0]) for key in found["mismatched_keys"])
    if absent:
        raise UserError(
            f"the weights of {name} do not fit its config.json: {len(absent)} are missing or of another shape, "
            f"the first is {absent[0]}",
            "bring the whole model back, or set generators.model to another one",
        )
    return model.eval()


def hold_weights(model: Any, dtype: Any) -> None:
    """Holds all weights in numbers of this kind, and leaves the rest: rotary angles stay float32."""
    for weight in model.parameters():
        weight.data = weight.data.to(dtype)


def chosen_device(wanted: str) -> str:
    """The device that `auto` stands for on this machine."""
    if wanted != "auto":
        return wanted
    torch: Any = require("torch", TORCH)
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _four_bit(library: Any, torch: Any) -> dict[str, Any]:
    """QLoRA's numbers: 4-bit normal floats whose scales are quantised too (Dettmers et al. 2023). Not tested here."""
    if not torch.cuda.is_available():
        raise UserError(
            "generators.base_precision four_bit needs an NVIDIA GPU, and torch finds none",
            "set generators.base_precision to auto, and generators.model to a smaller model where memory is short",
        )
    require("bitsandbytes", "bitsandbytes>=0.45")
    quantised = library.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": quantised, "device_map": {"": int(os.environ.get("LOCAL_RANK", "0"))}}


def _unloadable(what: str, error: Exception) -> UserError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    return UserError(
        f"{what} cannot be loaded: {reason}",
        "set generators.model to a causal language model in safetensors that transformers knows by itself, and see "
        "that generators.device and training.device are there",
    )
