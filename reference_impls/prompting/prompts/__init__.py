"""Prompts as files with a name and a version, and the outputs that they declare."""
