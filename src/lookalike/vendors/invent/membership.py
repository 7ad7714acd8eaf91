"""Who is in which segment, for those who ask about any vendor."""

from __future__ import annotations

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


def membership(part: Part, contact: str, segment: str) -> tuple[str | None, str | None, bool]:
    """See `Vendor.membership`; a segment is named by its id or its name."""
    found, segments = find(part, contact), part.collection(SEGMENTS)
    group = segments.get(segment) or next(iter(segments.find("name", segment)), None)
    is_in = found is not None and group is not None and group["id"] in found["segment_ids"]
    return None if found is None else found["id"], None if group is None else group["id"], is_in
