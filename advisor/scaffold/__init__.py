"""RECOMMENDATION -> MANIFEST: plans a project, writes it, and brings it up to date later."""
