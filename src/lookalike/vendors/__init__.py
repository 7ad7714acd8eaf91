"""The vendors that ship with lookalike: one package each, all of one shape."""
