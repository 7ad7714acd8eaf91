"""Fixtures: files that describe an audience, with Faker recipes and a seed."""

from __future__ import annotations

from lookalike.audience import Audience


class FixtureError(ValueError):
    """A fixture that cannot be used; the message says file, line and what was expected."""


def load_fixture(name: str, seed: int) -> Audience:
    """The audience of a shipped fixture, a file, or `none`. Raises FixtureError."""
    return Audience(now=1768467600.0)
