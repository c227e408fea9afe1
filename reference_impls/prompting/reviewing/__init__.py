"""A person looks at outputs and says with one key what went wrong."""
