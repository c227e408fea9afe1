"""Continued pre-training: a language model reads on in raw domain text, with general text mixed in."""
