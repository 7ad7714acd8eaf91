"""Reporting webhooks: what happens to people and deliveries is told here.

Nobody is told yet: webhooks are kept and shown, and nothing is posted to their endpoints.
"""

from __future__ import annotations

from typing import Any

from lookalike.workspace import Part


def tell(part: Part, object_type: str, metric: str, data: dict[str, Any]) -> None:
    """Take one event, as in `tell(part, "customer", "unsubscribed", {...})`, with `data` as the webhook has it."""
