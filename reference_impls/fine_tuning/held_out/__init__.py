"""Judges a version by held-out data: figures, floors, confidence, what was forgotten, and its card."""
