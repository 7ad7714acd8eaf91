"""The shapes of Invent's requests and answers, a module for each resource."""
