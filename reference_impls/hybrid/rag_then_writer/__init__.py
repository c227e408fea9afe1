"""Retrieval states facts with citations, and a tuned writer words them; what loses a fact is not sent."""
