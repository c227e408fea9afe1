"""A model tuned on the owner's requests answers from the passages that retrieval finds."""
