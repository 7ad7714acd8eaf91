"""What happens to mails: SegMailer's own campaigns and workflows send them, so tests make them up or run a workflow.

Opened, clicked, bounced, marked as spam and unsubscribed is what webhooks tell of (D); what follows for the contact is
inferred, but that having opened a campaign is something a segment may ask for.
"""

from __future__ import annotations

from typing import Any

from lookalike.messages import CannotHappen, Draft, Happening, Message
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import mails, people, webhooks
from lookalike.vendors.segmailer.attributes import Tally

_TYPES = {
    "opened": "email.opened",
    "clicked": "email.clicked",
    "bounced": "email.bounced",
    "complained": "email.complained",
    "unsubscribed": "contact.unsubscribed",
}
"""What webhooks call that which happens; of a delivery they do not tell."""


def compose(part: Part, draft: Draft) -> str:
    """Keep a campaign's mail that a test makes up; its id."""
    made = mails.message(
        part,
        draft.to,
        draft.subject,
        sender=draft.sender,
        html=draft.html,
        text=draft.text,
        campaign=draft.campaign,
    )
    part.keep_message(made)
    return str(made["id"])


def happen(part: Part, message: Message, happening: Happening) -> None:
    """Draw the consequences for every recipient who is a contact: status, segments, webhooks."""
    found = [people.by_email(part, address) for address in happening.recipients]
    contacts = [contact for contact in found if contact is not None]
    if not contacts:
        raise CannotHappen("None of its recipients is a contact: create one with that address first.")
    for contact in contacts:
        _tell(part, _affected(part, contact, happening), message, happening)


def _affected(part: Part, contact: Document, happening: Happening) -> Document:
    change = _change(happening)
    if all(contact[name] == value for name, value in change.items()):
        return contact
    after = {**contact, **change} if "opened" in change else people.changed(part, contact, **change)
    people.write(part, contact, after, Tally(part))
    return after


def _change(happening: Happening) -> dict[str, Any]:
    """What becomes of the contact; soft bounces and clicks leave it as it is."""
    if happening.type == "opened":
        return {"opened": True}
    if happening.type in ("complained", "unsubscribed") or happening.bounce == "permanent":
        return {"status": happening.type}
    return {}


def _tell(part: Part, contact: Document, message: Message, happening: Happening) -> None:
    type_ = _TYPES.get(happening.type)
    if type_ is None:
        return
    told: dict[str, Any] = {
        "contact": {"id": contact["id"], "identifier": {"email": contact["email"]}},
        "campaignId": message.get("campaignId"),
    }
    if happening.type == "clicked":
        told["url"] = happening.url
    if happening.type == "bounced":
        told["bounceType"] = "hard" if happening.bounce == "permanent" else "soft"
    webhooks.emit(part, type_, told, happening.at)
