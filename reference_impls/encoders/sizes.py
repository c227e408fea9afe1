"""How large the models of the rungs are, known before anything is trained or loaded."""

from dataclasses import dataclass
from typing import Literal

from ..project_base.optional import require
from .adapters import adapted_layers
from .base import Context
from .kept import freeze_unused
from .kinds import Rung
from .source import find_source, gone

Task = Literal["classification", "extraction"]


@dataclass(frozen=True)
class Size:
    """How large a model will be.

    Attributes:
        parameters: All its weights.
        trained: Those that are trained by gradients; for the frozen rungs those that are fitted.
    """

    parameters: int
    trained: int


def size_of(rung: Rung, task: Task, labels: int, context: Context) -> Size:
    """The size of a rung's network; 0 for the rungs without one, whose size is that of the data's words.

    Args:
        rung: Which.
        task: Of texts, or of spans in texts.
        labels: How many labels there are.
        context: The settings; the encoder's configuration is read, and its weights are not.

    Raises:
        UserError: The encoder cannot be found.
    """
    if rung in {"majority", "word_counts"}:
        return Size(0, 0)
    torch = require("torch", "torch>=2.4")
    transformers = require("transformers", "transformers>=4.50")
    source = find_source(context.embedding)
    try:
        config = transformers.AutoConfig.from_pretrained(
            source.place, subfolder=source.part, revision=source.identity.revision or "main", trust_remote_code=False
        )
        with torch.device("meta"):
            encoder = transformers.AutoModel.from_config(config, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise gone(source.identity.name, str(error)) from error
    settings = context.encoders
    views = settings.frozen_features if rung == "head" else settings.tuned_features
    outputs, parts = (labels, len(views)) if task == "classification" else (1 + 2 * labels, 1)
    head = (config.hidden_size * parts + 1) * outputs
    whole = sum(weight.numel() for weight in encoder.parameters())
    if rung == "head":
        return Size(whole + head, head)
    if rung == "full":
        freeze_unused(encoder)
        return Size(whole + head, head + sum(each.numel() for each in encoder.parameters() if each.requires_grad))
    layers = dict(encoder.named_modules())
    adapted = [layers[name] for name in adapted_layers(encoder, settings.lora_targets)]
    adapter = sum(settings.lora_rank * (layer.in_features + layer.out_features) for layer in adapted)
    return Size(whole + adapter + head, adapter + head)
