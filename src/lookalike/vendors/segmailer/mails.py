"""The mails of SegMailer's campaigns and workflows, as the outbox keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.clock import iso
from lookalike.messages import Message
from lookalike.part import Part

_SENDER = "SegMailer <campaigns@segmailer.example>"


def message(
    part: Part,
    to: Sequence[str],
    subject: str,
    *,
    sender: str | None = None,
    html: str | None = None,
    text: str | None = None,
    campaign: str | None = None,
    at: float | None = None,
) -> Message:
    """A mail of a campaign or of a workflow, as the outbox keeps it."""
    return {
        "id": part.ids.uuid4(),
        "from": sender or _SENDER,
        "to": list(to),
        "subject": subject,
        "html": html,
        "text": text,
        "campaignId": campaign,
        "created_at": part.clock.iso() if at is None else iso(at),
    }
