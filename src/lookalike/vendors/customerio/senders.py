"""Sender identities: whom messages come from.

No operation makes one; a message that is sent with a new `from` does, and that sender counts as generated (I).
"""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.cursors import decode, encode
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import missing
from lookalike.vendors.customerio.schemas.senders import SenderAnswer, Senders, SendersQuery, SenderUsage


def _shelves(sender: Document) -> tuple[str, ...]:
    return ("all", "hidden" if sender["hidden"] else "shown")


SENDERS = Resource(
    "sender_identities",
    unique=("address",),
    orders=(Order("number", ("number",)), Order("listed", ("number",), within=_shelves)),
)

routes = Routes("sender_identities", doc="https://docs.customer.io/integrations/api/app/tag/sender-identities/")


def note_sender(part: Part, sender: str, *, is_phone: bool = False) -> None:
    """Keep whom a message comes from, unless that is known: `Name <a@b>`, an address, or a phone number."""
    senders = part.collection(SENDERS)
    name, email = ("", "") if is_phone else parseaddr(sender)
    address = sender if is_phone or not email else formataddr((name, email)) if name else email
    if senders.one("address", address) is not None:
        return
    number = next_number(part, SENDERS)
    senders.put(
        {
            "id": str(number),
            "number": number,
            "updated_at": int(part.clock.now()),
            "name": name or email or sender,
            "email": None if is_phone else email or sender,
            "address": address,
            "template_type": "phone" if is_phone else "email",
            "auto_generated": True,
            "phone": sender if is_phone else None,
            "hidden": False,
        }
    )


def sender_json(sender: Document) -> dict[str, Any]:
    """A sender as the App API shows it; a phone number has no email address."""
    shown = {"id": sender["number"], "deduplicate_id": f"{sender['number']}:{sender['updated_at']}"}
    for name in ("name", "email", "address", "template_type", "auto_generated", "phone", "hidden"):
        shown[name] = sender[name]
    if sender["template_type"] == "phone":
        shown["address"] = None
    return shown


def _sender(call: Call, id: str) -> Document:
    found = call.collection(SENDERS).get(id)
    if found is None:
        raise missing("sender identity")
    return found


@routes.get("/v1/sender_identities", query=SendersQuery, returns=Senders)
def list_senders(call: Call, query: SendersQuery) -> dict[str, Any]:
    """List senders by id: all, or only the hidden ones, or only the others (S)."""
    page = call.collection(SENDERS).page(
        "listed",
        within="all" if query.hidden is None else "hidden" if query.hidden else "shown",
        limit=query.limit,
        after=decode(query.start, int, str),
        descending=query.sort == "desc",
    )
    last = page.documents[-1] if page.has_more else None
    following = "" if last is None else encode(last["number"], last["id"])
    return {"sender_identities": [sender_json(sender) for sender in page.documents], "next": following}


@routes.get("/v1/sender_identities/{sender_id}", returns=SenderAnswer)
def get_sender(call: Call, sender_id: str) -> dict[str, Any]:
    """Get a sender."""
    return {"sender_identity": sender_json(_sender(call, sender_id))}


@routes.get("/v1/sender_identities/{sender_id}/used_by", returns=SenderUsage)
def get_sender_usage(call: Call, sender_id: str) -> dict[str, Any]:
    """Say what uses a sender: nothing, since campaigns and newsletters cannot be made here."""
    _sender(call, sender_id)
    return {"campaigns": [], "sent_newsletters": [], "draft_newsletters": []}
