"""The shapes of AutoSend's requests and answers, a module for each resource."""
