"""Money, memory, time and staleness: the arithmetic from the figures of rules/prices.yaml and the user's own."""

from advisor.economics.estimate import economics

__all__ = ["economics"]
