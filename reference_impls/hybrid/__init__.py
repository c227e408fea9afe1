"""Retrieval and a tuned part together, each pattern judged beside both of its halves alone."""
