"""Many contacts at once, for real or to see what would become of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.contacts import check_segments
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.schemas.contacts import BulkInput, BulkResult, ChannelOption
from lookalike.vendors.invent.schemas.fields import LONGEST, normal_email, normal_phone

routes = Routes("contacts", doc="https://docs.useinvent.com/api-reference/dry-run-create-multiple-contacts")

Result = dict[str, list[dict[str, Any]]]

_AT_ONCE = 20
"""Entries between which nobody else comes in."""


@routes.post("/orgs/{org_id}/contacts/bulk/dry", body=BulkInput, returns=BulkResult)
def dry_run_create_multiple_contacts(call: Call, org_id: str, body: BulkInput) -> Lengthy | Result:
    """Say which of up to 10,000 entries would make a contact, which would change one, and which are no good."""
    return _bulk(call.part, body, apply=False)


@routes.post("/orgs/{org_id}/contacts/bulk", body=BulkInput, returns=BulkResult, source="I")
def create_multiple_contacts(call: Call, org_id: str, body: BulkInput) -> Lengthy | Result:
    """Create or change up to 10,000 contacts; entries that are no good are passed over."""
    return _bulk(call.part, body, apply=True)


def _bulk(part: Part, body: BulkInput, *, apply: bool) -> Lengthy | Result:
    segment_ids = [] if body.segment_id is None else [body.segment_id]
    check_segments(part, segment_ids)
    return in_pieces(part, _steps(part, body.channels, segment_ids, apply=apply))


def _steps(part: Part, options: list[ChannelOption], segment_ids: list[str], *, apply: bool) -> Steps[Result]:
    result: Result = {"created": [], "updated": [], "invalid": []}
    seen: set[str] = set()
    for piece in pieces(options, _AT_ONCE):
        for option, said, owner in _judged(part, piece):
            verdict = "invalid" if said is None else _verdict(part, said, owner, seen)
            result[verdict].append(option.model_dump(include=option.model_fields_set))
            if said is not None and apply:
                people.upsert(part, said, segment_ids, owner)
        yield
    return result


def _verdict(part: Part, said: dict[str, str], owner: Document | None, seen: set[str]) -> str:
    """Whether an entry makes a contact or changes one; what an earlier entry made is there already."""
    user_id = said["user_id"]
    known = owner is not None or user_id in seen or people.by_user_id(part, user_id) is not None
    seen.add(user_id)
    return "updated" if known else "created"


def _judged(
    part: Part, options: Sequence[ChannelOption]
) -> Iterator[tuple[ChannelOption, dict[str, str] | None, Document | None]]:
    """Each entry, what it says of a channel (None where it is no good), and the contact it names."""
    for option in options:
        owner = None if option.contact_id is None else part.collection(CONTACTS).get(option.contact_id)
        lost = option.contact_id is not None and owner is None
        yield option, None if lost else _channel_fields(option), owner


def _channel_fields(option: ChannelOption) -> dict[str, str] | None:
    email = None if option.email is None else normal_email(option.email)
    phone = normal_phone(option.phone or "")
    user_id = option.user_id or email or phone
    if not user_id or len(phone) > LONGEST or (option.email is not None and email is None):
        return None
    said = {"user_id": user_id, "name": option.name, "email": email, "phone": phone}
    return {name: value for name, value in said.items() if value}
