"""Reporting webhooks: where what happens to people and deliveries is told to those who asked for it."""

from __future__ import annotations

from typing import Any

from lookalike.workspace import Part


def tell(part: Part, object_type: str, metric: str, data: dict[str, Any]) -> None:
    """Tell of one event, as in `tell(part, "customer", "unsubscribed", {...})`."""
