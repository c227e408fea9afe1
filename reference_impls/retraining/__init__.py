"""Retraining: whether a model decays, which policy of retraining pays, and how it is run without a bad day."""
