"""Classifiers and taggers on a text encoder, from word counts to full tuning."""
