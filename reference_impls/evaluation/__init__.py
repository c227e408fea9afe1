"""The metrics that judge retrieval, answers, labels and spans, how sure they are, and how two systems compare."""
