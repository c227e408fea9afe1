"""The loss of a student: how far it is from its teacher, and from the true labels."""

from typing import Any

from torch import Tensor, nn

from ..training.base import Batch, Loss

NO_LABEL = -100
"""Stands for the label of a text that has none; the cross-entropy of torch leaves it out by itself."""

_LEAST = 1e-30


def distillation_loss(temperature: float, hard_labels: float) -> Loss:
    """The loss of a student: how far it is from the softened teacher, and from the true labels.

    Formula: Hinton, Vinyals, Dean (2015), Distilling the knowledge in a neural network: the divergence of the two
    distributions, both softened by the temperature T, times T^2, so that its gradients weigh as much as without; and
    the cross-entropy of the true labels. A text without a label has the first part alone, with its full weight.

    Args:
        temperature: T; 1 softens nothing. The softened teacher is the softmax of its log-probabilities divided by T,
            which is that of its logits, since these differ from them by the same number for all labels.
        hard_labels: Weight of the second part, in [0, 1]; that of the first is the rest.
    """

    def loss(model: Any, batch: Batch) -> tuple[Tensor, float]:
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).float()
        teacher = batch["teacher"].clamp(min=_LEAST).log()
        soft = nn.functional.kl_div(
            nn.functional.log_softmax(logits / temperature, dim=-1),
            nn.functional.log_softmax(teacher / temperature, dim=-1),
            reduction="none",
            log_target=True,
        ).sum(dim=-1)
        hard = nn.functional.cross_entropy(logits, batch["labels"], reduction="none", ignore_index=NO_LABEL)
        weight = hard_labels * (batch["labels"] != NO_LABEL)
        return ((1 - weight) * temperature**2 * soft + weight * hard).sum(), float(len(logits))

    return loss
