"""What a prompt is worth: marks, intervals, latency, tokens and cost, and two versions in pairs."""
