"""Models of tables in time order: features, kinds of models, training, updating, recalibration, choice and keeping."""
