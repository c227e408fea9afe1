"""Whole corpora: all of it in one prompt, or one prompt a document and plain code that adds up."""
