"""The answering model is trained on the passages that search returns, distractors among them (RAFT)."""
