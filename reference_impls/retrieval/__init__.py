"""Finds the chunks that bear on a question: BM25, dense vectors and their fusion, from one index on disk."""
