"""Customer.io's requests and answers."""
