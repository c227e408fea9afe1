"""Prompting as a proper baseline: prompts as versioned files, measured on an evaluation set of one's own."""
