"""The embedder learns from pairs of questions and right passages, with hard negatives of its own search."""
