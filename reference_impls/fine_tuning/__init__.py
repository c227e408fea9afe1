"""Fine-tuning on labelled data of one's own: a ladder of rungs, of which the cheapest that wins is kept."""
