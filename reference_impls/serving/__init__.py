"""An HTTP service round whatever a component answers: limits, health, identity, errors of one shape, and its pages."""
