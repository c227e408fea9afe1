"""What to change when training fails: memory that does not suffice, numbers that are none."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from ..project_base.errors import UserError
from .settings import Settings

_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "bad_alloc", "cannot allocate memory")


@contextmanager
def memory_advice(settings: Settings, longest: str, *, frozen: bool) -> Iterator[None]:
    """Turns a failed allocation into an error that names the settings to change, the cheapest change first.

    Args:
        settings: The values that the advice counts from.
        longest: Names the setting that cuts long items.
        frozen: Whether only some of the weights are trained, as with LoRA.

    Raises:
        UserError: Memory did not suffice.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        told = str(error).lower()
        if isinstance(error, RuntimeError) and not any(sign in told for sign in _NO_MEMORY):
            raise
        raise UserError(
            f"the memory does not suffice for training ({_first_line(error)})",
            "change one of these, in this order: " + "; ".join(_ways(settings, longest, frozen=frozen)),
        ) from error


def _ways(settings: Settings, longest: str, *, frozen: bool) -> Iterator[str]:
    if settings.gradient_accumulation < settings.batch_size:
        parts = settings.gradient_accumulation * 2
        yield f"training.gradient_accumulation: {parts} (the same result in half the activations, somewhat slower)"
    if settings.batch_size > 1:
        yield f"training.batch_size: {max(1, settings.batch_size // 2)}"
    yield f"training.batch_tokens: {max(16, settings.batch_tokens // 2)}"
    yield f"cut texts at fewer tokens ({longest})"
    if settings.precision == "float32":
        yield "training.precision: auto"
    yield "a smaller model" if frozen else "LoRA instead of full tuning (about 4 instead of 16 bytes a weight)"


def check_finite(loss: float, norm: float, step: int, epoch: float, settings: Settings) -> None:
    """Stops a run whose numbers have broken down.

    Raises:
        UserError: The loss or the norm of the gradient is infinite or not a number.
    """
    if math.isfinite(loss) and math.isfinite(norm):
        return
    what = "the loss" if not math.isfinite(loss) else "the gradient"
    lower = f"training.learning_rate: {settings.learning_rate / 4:.1e}, and other rates likewise"
    exact = "" if settings.precision == "float32" else "; if it happens again, training.precision: float32"
    clip = "" if settings.clip_norm else "; training.clip_norm: 1.0"
    raise UserError(
        f"{what} is infinite or not a number at step {step} (epoch {epoch:.2f})", f"set {lower}{clip}{exact}"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
