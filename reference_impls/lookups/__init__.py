"""Live structured data: declared read-only look-ups, matched to a question and answered with the row as citation."""
