"""Words, sentences, encodings and near-duplicate signatures of texts."""
