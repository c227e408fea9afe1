"""Features in the coordinates in which a logistic regression is found in few steps, and the layer that comes out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .sparse_rows import Floats, SparseRows

if TYPE_CHECKING:
    import torch

_NOTHING = 1e-7


@dataclass(frozen=True)
class Linear:
    """A linear layer: logits are `features @ weight.T + bias`.

    Attributes:
        weight: float32 [labels, features].
        bias: float32 [labels].
    """

    weight: Floats
    bias: Floats


class Prepared(Protocol):
    """Features turned so that the loss curves along each coordinate on its own; used by several fits.

    Attributes:
        spread: Mean square of the features along each coordinate, float32 [coordinates, 1].
    """

    spread: "torch.Tensor"

    def __len__(self) -> int:
        """How many examples there are."""
        ...

    def times(self, right: "torch.Tensor") -> "torch.Tensor":
        """`features @ right`, [n, labels]."""
        ...

    def transposed_times(self, right: "torch.Tensor") -> "torch.Tensor":
        """`features.T @ right`, [coordinates, labels]."""
        ...

    def forth(self, layer: Linear) -> "tuple[torch.Tensor, torch.Tensor]":
        """Weights [coordinates, labels] and bias [labels] of a layer in these coordinates."""
        ...

    def back(self, weight: "torch.Tensor", bias: "torch.Tensor") -> Linear:
        """The layer with these weights and this bias."""
        ...


class _Dense:
    """Dense features, centred and turned to their main axes; with few examples there are few of these."""

    def __init__(self, features: Floats) -> None:
        import torch  # noqa: PLC0415 -- loaded only where something is trained

        given = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
        self._mean = given.mean(dim=0)
        centred = given - self._mean
        count, width = centred.shape
        if count < width:
            # A punished weight has no part outside of what the examples span, so nothing is lost.
            spread, sides = torch.linalg.eigh(centred @ centred.T / count)
            kept = spread > _NOTHING * spread.max().clamp(min=_NOTHING)
            spread = spread[kept]
            self._axes = centred.T @ (sides[:, kept] * (spread * count).rsqrt())
        else:
            spread, self._axes = torch.linalg.eigh(centred.T @ centred / count)
        self.spread = spread.clamp(min=0)[:, None]
        self._turned: torch.Tensor = centred @ self._axes

    def __len__(self) -> int:
        return len(self._turned)

    def times(self, right: "torch.Tensor") -> "torch.Tensor":
        return self._turned.mm(right)

    def transposed_times(self, right: "torch.Tensor") -> "torch.Tensor":
        return self._turned.T.mm(right)

    def forth(self, layer: Linear) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch  # noqa: PLC0415 -- loaded only where something is trained

        weight, bias = torch.from_numpy(layer.weight), torch.from_numpy(layer.bias)
        return self._axes.T @ weight.T, bias + weight @ self._mean

    def back(self, weight: "torch.Tensor", bias: "torch.Tensor") -> Linear:
        found = (self._axes @ weight).T.contiguous()
        return Linear(found.numpy(), (bias - found @ self._mean).numpy())


class _Sparse:
    """Sparse features as they are."""

    def __init__(self, features: SparseRows) -> None:
        import torch  # noqa: PLC0415 -- loaded only where something is trained

        self._bag = torch.nn.functional.embedding_bag
        moments = np.bincount(features.columns, features.values**2, minlength=features.width) / max(1, len(features))
        self.spread = torch.from_numpy(moments.astype(np.float32))[:, None]
        self._count = len(features)
        self._sides = [
            (torch.from_numpy(each.columns), torch.from_numpy(each.starts), torch.from_numpy(each.values))
            for each in (features, features.transposed())
        ]

    def __len__(self) -> int:
        return self._count

    def times(self, right: "torch.Tensor") -> "torch.Tensor":
        return self._product(0, right)

    def transposed_times(self, right: "torch.Tensor") -> "torch.Tensor":
        return self._product(1, right)

    def forth(self, layer: Linear) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch  # noqa: PLC0415 -- loaded only where something is trained

        return torch.from_numpy(layer.weight).T, torch.from_numpy(layer.bias)

    def back(self, weight: "torch.Tensor", bias: "torch.Tensor") -> Linear:
        return Linear(weight.T.contiguous().numpy(), bias.clone().numpy())

    def _product(self, side: int, right: "torch.Tensor") -> "torch.Tensor":
        columns, starts, values = self._sides[side]
        # An offset behind the last value tells the function where the last row ends.
        return self._bag(
            columns, right.contiguous(), starts, mode="sum", per_sample_weights=values, include_last_offset=True
        )


def prepared(features: Floats | SparseRows) -> Prepared:
    """Prepares features for several fits: for dense ones this takes as long as some steps of a search."""
    return _Sparse(features) if isinstance(features, SparseRows) else _Dense(features)
