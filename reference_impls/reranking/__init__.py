"""Orders retrieved passages anew with a second model that reads question and passage together."""
