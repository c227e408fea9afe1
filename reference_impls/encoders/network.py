"""The networks: a text encoder, and one linear layer on its vectors."""

import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..project_base.errors import UserError

_FEATURE = re.compile(r"(mean|max|cls)(?:@(first|half|last))?")


class Pool(nn.Module):
    """Makes one vector of a text's tokens: parts side by side, each of which says how it is made, of which layer.

    Args:
        features: Parts such as `mean`, `cls`, `max`, and `mean@half`, the mean over the tokens of the middle layer;
            `first` is the layer of the embeddings.
        layers: How many layers the encoder has.
        normalised: Whether each part is scaled to length 1.

    Raises:
        UserError: A part is none of these.
    """

    def __init__(self, features: Sequence[str], layers: int, normalised: bool) -> None:
        super().__init__()
        self.parts: list[tuple[str, int]] = []
        for feature in features:
            found = _FEATURE.fullmatch(feature)
            if not found:
                raise UserError(
                    f"there is no feature {feature!r}",
                    "set encoders.views to parts such as mean, max, cls, mean@half and mean@first",
                )
            layer = {"first": 0, "half": layers // 2, "last": layers, None: layers}[found[2]]
            self.parts.append((found[1], layer))
        self.normalised = normalised
        self.every_layer = any(layer != layers for _, layer in self.parts)

    def forward(self, hidden: Sequence[Tensor], mask: Tensor) -> Tensor:
        """Vectors of texts, float32 [n, parts * width].

        Args:
            hidden: Output of each layer, the embeddings first: [n, tokens, width]. With `every_layer` false the last
                alone is read.
            mask: 1 for tokens, 0 for padding: [n, tokens].
        """
        there = mask.unsqueeze(-1)
        made = []
        for how, layer in self.parts:
            states = hidden[layer if self.every_layer else -1].float()
            if how == "cls":
                vector = states[:, 0]
            elif how == "max":
                vector = states.masked_fill(there == 0, torch.finfo(states.dtype).min).amax(dim=1)
            else:
                vector = (states * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
            made.append(nn.functional.normalize(vector, dim=-1) if self.normalised else vector)
        return torch.cat(made, dim=-1)


class SentenceNetwork(nn.Module):
    """Gives each text a logit for each label.

    Args:
        encoder: A transformer of AutoModel, or one with an adapter.
        pool: Makes the vector of a text.
        labels: How many labels there are.
        dropout: Share of the vector that is left out at random in training.
    """

    def __init__(self, encoder: Any, pool: Pool, labels: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.pool = pool
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size * len(pool.parts), labels)

    def vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Vectors of texts, float32 [n, parts * width]."""
        found = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=self.pool.every_layer
        )
        hidden = found.hidden_states if self.pool.every_layer else (found.last_hidden_state,)
        pooled: Tensor = self.pool(hidden, attention_mask)
        return pooled

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, [n, labels]."""
        logits: Tensor = self.head(self.dropout(self.vectors(input_ids, attention_mask)))
        return logits


class TokenNetwork(nn.Module):
    """Gives each token a logit for each tag.

    Args:
        encoder: A transformer of AutoModel, or one with an adapter.
        tags: How many tags there are.
        dropout: Share of each token's vector that is left out at random in training.
    """

    def __init__(self, encoder: Any, tags: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, tags)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, [n, tokens, tags]."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        # Of length 1, as the frozen tagger sees them, so that its layer can be the start of this head.
        unit = nn.functional.normalize(hidden.float(), dim=-1)
        logits: Tensor = self.head(self.dropout(unit))
        return logits
