"""Webhooks on their way out: what a vendor declares about them, what is due, what came of it, and who sends it.

A vendor says by `Vendor.webhooks` (a `Sender`) how a request is made and what follows from its outcome, and leaves
a delivery by `part.deliver(...)`. The rest is here: deliveries are the core's own documents, so every store keeps
them; a thread of the outbox sends what is due on the workspace's clock, never under the workspace's lock.
"""

from __future__ import annotations

from lookalike.outbox.sender import Delivery, Outcome, Outgoing, Refused, Sender, delay_after

__all__ = ["Delivery", "Outcome", "Outgoing", "Refused", "Sender", "delay_after"]
