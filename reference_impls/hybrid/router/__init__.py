"""A tuned classifier sends repeated requests to their fixed handling, and all others to retrieval."""
