"""Policies of retraining, replayed on the history: what each would have reached, and what it would have cost."""
