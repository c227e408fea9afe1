"""Trains a causal language model on conversations: an adapter beside its weights (LoRA), or all of them.

The loop is that of the room training and not TRL's SFTTrainer, whose checkpoints of optimiser and random state are
pickles and whose runs would be interrupted, resumed and measured otherwise than those of every other rung.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from ..labelled_data.base import Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..project_base.errors import UserError
from ..training.settings import Settings as TrainingSettings
from .adapters import checkpointed, with_adapter
from .bases import STAND_IN, Base, find_base
from .batches import Conversations, ResponseLoss, conversations
from .kinds import ADAPTER, MODEL, UNTUNED, save_adapted, save_whole, told_format
from .loading import hold_weights, load_chat, load_weights
from .settings import Settings
from .writer import CausalWriter, validation_metric

Method = Literal["untuned", "lora", "full"]

_RATES = {("lora", False): 2e-4, ("lora", True): 5e-3, ("full", False): 2e-5, ("full", True): 3e-3}
"""Highest learning rate by method, and whether the model is the untrained stand-in."""

_WITHOUT_EFFECT = {"stand_in_folder", "device", "max_new_tokens", "temperature", "batch_size"}
"""Settings that leave the trained weights as they are: a run goes on from its checkpoints when they change."""


def fits(settings: Settings, training: TrainingSettings) -> dict[Method, Fit]:
    """The ways to a language model that writes, cheapest first.

    `untuned` trains nothing: it is the floor that the others must beat.

    Args:
        settings: The model, and how it is tuned.
        training: Batches, epochs and the rest; `learning_rate` is replaced by the one of the method.
    """
    methods: tuple[Method, ...] = ("untuned", "lora", "full")
    return {method: partial(_fit, method, settings, training) for method in methods}


def _fit(
    method: Method,
    settings: Settings,
    training: TrainingSettings,
    train: Sequence[Example],
    validation: Sequence[Example],
    run: Run,
) -> Fitted:
    if method == "full" and settings.base_precision == "four_bit":
        raise UserError(
            "full tuning cannot train weights of four bits (generators.base_precision)",
            "set generators.base_precision to auto, or train the rung lora",
        )
    base = find_base(settings, train, run.seed)
    if base.notice:
        run.tell(base.notice)
    if method == "untuned":
        return _untuned(base, settings, training)
    return _tuned(method, base, settings, training, train, validation, run)


def _untuned(base: Base, settings: Settings, training: TrainingSettings) -> Fitted:
    model = load_weights(base.place, base.name, settings.base_precision, _device(training))
    writer = CausalWriter(model, load_chat(base.place, settings, base.name), settings, base.notice)
    about = _about(base, "untuned", _held(model.dtype, settings), writer)
    measured = {"seconds": 0.0, "parameters": float(model.num_parameters()), "trained_parameters": 0.0}
    return Fitted(writer, UNTUNED, about, writer.chat.save, measured)


def _tuned(
    method: Literal["lora", "full"],
    base: Base,
    settings: Settings,
    training: TrainingSettings,
    train: Sequence[Example],
    validation: Sequence[Example],
    run: Run,
) -> Fitted:
    import torch  # noqa: PLC0415 -- heavy

    from ..training.loop import train as train_model  # noqa: PLC0415 -- heavy
    from ..training.run_key import run_key  # noqa: PLC0415 -- heavy
    from ..training.seeds import seed_everything  # noqa: PLC0415 -- heavy

    chosen = settings.lora_learning_rate if method == "lora" else settings.full_learning_rate
    training = training.model_copy(update={"learning_rate": chosen or _RATES[method, base.name == STAND_IN]})
    precision = settings.base_precision if method == "lora" else "auto"
    seed_everything(run.seed)
    # Training moves it to its device, and each process of several to its own.
    plain = load_weights(base.place, base.name, precision, "cpu")
    own = plain.dtype
    if method == "full":
        hold_weights(plain, torch.float32)
    model = with_adapter(plain, settings) if method == "lora" else plain
    writer = CausalWriter(model, load_chat(base.place, settings, base.name), settings, base.notice)
    about = _about(base, method, _held(own, settings), writer)
    data, checked = _encoded(train, writer), _encoded(validation, writer)
    if data.report:
        run.tell(f"{data.report}; generators.most_tokens says where to cut")
    key = run_key(
        method=method,
        base=base.digest,
        data=[data.digest, checked.digest],
        settings=settings.model_dump(mode="json", exclude=_WITHOUT_EFFECT),
        training=training.deciding(),
        seed=run.seed,
        epochs=run.epochs,
    )
    metric = validation_metric(writer, checked.items)
    with checkpointed(plain, settings.gradient_checkpointing):
        trained = train_model(model, data, ResponseLoss(plain), metric, training, run, key=key)
    if method == "full":
        # What is evaluated from here on are the numbers that are saved: those of the base model's own files.
        hold_weights(model, own)
    about |= {"learning_rate": training.learning_rate, "cut_responses": data.cut, "left_out": len(data.left_out)}
    if method == "full":
        return Fitted(writer, MODEL, about, partial(save_whole, writer), trained.measured)
    return Fitted(writer, ADAPTER, about, partial(save_adapted, writer, base.name), trained.measured)


def _encoded(examples: Sequence[Example], writer: CausalWriter) -> Conversations:
    most = min(writer.settings.most_tokens, writer.window)
    return conversations(examples, writer.chat, most, writer.padding)


def _about(base: Base, method: Method, held: str, writer: CausalWriter) -> dict[str, Any]:
    return {**base.about(), "task": "generation", "method": method, "base_precision": held, **told_format(writer)}


def _held(dtype: Any, settings: Settings) -> str:
    """How the loader calls the numbers that the base model was held in."""
    return "four_bit" if settings.base_precision == "four_bit" else str(dtype).rpartition(".")[2]


def _device(training: TrainingSettings) -> str:
    from ..training.precision import chosen_device  # noqa: PLC0415 -- heavy

    return str(chosen_device(training))
