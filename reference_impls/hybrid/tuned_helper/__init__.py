"""A small tuned model marks facts in what a closed model says; what no passage supports is mended or kept back."""
