"""A neutral audience in SegMailer's terms."""

from __future__ import annotations

from lookalike.audience import Audience
from lookalike.workspace import Part


def seed(part: Part, audience: Audience) -> None:
    """Fill a fresh workspace."""
