"""Answers with a model: single texts, whole files, two models side by side, and over HTTP."""
