"""`python -m lookalike` is `lookalike`."""

from __future__ import annotations

from lookalike.cli import main

main(prog_name="lookalike")
