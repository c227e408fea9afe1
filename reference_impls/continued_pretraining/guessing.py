"""The layer that guesses hidden tokens, on an encoder of whatever architecture."""

from typing import Any

import torch

from ..encoders.source import Source
from ..project_base.errors import UserError
from ..project_base.optional import require


class GuessingNetwork(torch.nn.Module):
    """An encoder with its guessing layer, which is computed where something is to be guessed only.

    Args:
        model: Of AutoModelForMaskedLM, whatever its architecture calls its parts.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self._chosen: torch.Tensor | None = None
        # Over a vocabulary of 30,000 the layer costs more than the encoder where it is computed for every token.
        model.base_model.register_forward_hook(self._only_chosen)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """Logits over the vocabulary of the chosen tokens, [chosen, vocabulary].

        Args:
            input_ids: int64 [n, tokens]
            attention_mask: int64 [n, tokens]
            chosen: bool [n, tokens]
        """
        self._chosen = chosen
        try:
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        finally:
            self._chosen = None
        return logits[0]

    def _only_chosen(self, _module: Any, _given: Any, output: Any) -> Any:
        if self._chosen is not None:
            output.last_hidden_state = output.last_hidden_state[self._chosen].unsqueeze(0)
        return output


def with_layer(source: Source, encoder: Any) -> tuple[Any, bool]:
    """The masked language model of an encoder's files, around the encoder that is given.

    Args:
        source: Where the files are.
        encoder: As `load_encoder` gives it; its embedding becomes the layer's matrix.

    Returns:
        The model, and whether its guessing layer is new, since the files hold none.

    Raises:
        UserError: Its architecture guesses no tokens.
    """
    transformers = require("transformers", "transformers>=4.50")
    before = transformers.utils.logging.get_verbosity()
    # What is missing is expected, and dealt with.
    transformers.utils.logging.set_verbosity_error()
    try:
        whole, found = transformers.AutoModelForMaskedLM.from_pretrained(
            source.place,
            subfolder=source.part,
            revision=source.identity.revision or "main",
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:
        raise no_masks(source.identity.name) from error
    finally:
        transformers.utils.logging.set_verbosity(before)
    prefix = str(whole.base_model_prefix)
    missing = any(not str(name).startswith(f"{prefix}.") for name in found["missing_keys"])
    setattr(whole, prefix, encoder)
    whole.tie_weights()
    return whole, missing


def no_masks(name: str) -> UserError:
    """What is told of a model that cannot guess hidden tokens."""
    return UserError(
        f"the encoder {name} cannot guess hidden tokens: transformers has no masked language model of its "
        "architecture, or its tokenizer has no token for what is hidden",
        "set embedding.model to a BERT, RoBERTa, MPNet, DistilBERT or ModernBERT, or "
        "continued_pretraining.objective: causal",
    )
