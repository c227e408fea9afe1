"""Adapters for language models that write: trained on conversations, merged, and served."""
