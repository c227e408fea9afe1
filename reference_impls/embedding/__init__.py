"""Turns texts into vectors with one model, by whatever way is quickest on the machine."""
