"""Versions of models on disk, one of them in service, replaced by one rename."""
