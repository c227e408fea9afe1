"""Question files and the metrics that judge retrieval and answers."""
