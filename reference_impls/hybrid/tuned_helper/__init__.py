"""A small tuned model marks the facts in what a closed model says, and what no passage supports is mended or kept back."""
