"""The shapes of OpenSend's requests and answers, one module for each family."""
