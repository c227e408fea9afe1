"""The checks of the smoke run."""
