"""The questionnaire: which question next, how it is put, and how answers are kept."""
