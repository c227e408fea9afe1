"""Retrieval-augmented generation: retrieve, decide whether anything supports an answer, answer or refuse."""
