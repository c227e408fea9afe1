"""Rows in the order of time: read, typed, cut into windows, and searched for columns that leak the target."""
