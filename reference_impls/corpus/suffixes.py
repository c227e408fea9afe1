"""Which files are read, told apart by the ends of their names; the parsers themselves are slow to load."""

SUFFIXES = (".md", ".markdown", ".txt", ".html", ".htm", ".rst", ".pdf", ".docx", ".csv", ".tsv", ".jsonl")
