"""What is sent to a model, what it costs, and what comes back."""
