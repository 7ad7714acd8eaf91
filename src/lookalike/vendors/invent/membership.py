"""Who is in which segment, for those who ask about any vendor: Invent knows no rules, so only hands change it."""

from __future__ import annotations

from lookalike.living import Living
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.contact_views import SEGMENTS
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.schemas.fields import normal_phone


def find(part: Part, text: str) -> Document | None:
    """The contact of an id, an address, a user id or a phone number; of several the one written first."""
    spellings = (("email", text.strip().lower()), ("user_id", text), ("phone", normal_phone(text)))
    found = (contact for name, value in spellings for contact in people.found_by(part, name, value))
    return part.collection(CONTACTS).get(text) or next(found, None)


def title(contact: Document) -> str:
    """What people call a contact: its address, or what else it is known by."""
    known = (channel.get(name) for name in ("email", "phone", "user_id") for channel in contact["channels"])
    return str(next((text for text in known if text), contact["name"] or contact["id"]))


LIVING = Living(
    groups=SEGMENTS,
    members=CONTACTS,
    field="segment_ids",
    order="newest",
    everyone=("newest", people.EVERYBODY),
    read=lambda _part, contact: contact.get,
    changes=lambda _before, _after: (),
    find=find,
    title=title,
)
