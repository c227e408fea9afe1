"""One training loop for every model that learns by gradients: batches, precision, checkpoints, processes, estimates."""
