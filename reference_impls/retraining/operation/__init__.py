"""What runs a model over the years: training, judging, watching, replacing, and telling how things stand."""
