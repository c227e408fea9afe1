"""What was measured, as answers that `advisor recommend` reads."""
