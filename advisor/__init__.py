"""Choose between prompting, RAG, fine-tuning, retraining and hybrids, with reasons that can be traced."""

__version__ = "0.1.0"

__all__ = ["__version__"]
