"""The channels by which a contact is reached."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.parsing import read_body
from lookalike.routes import Routes
from lookalike.vendors.invent import people
from lookalike.vendors.invent.contact_views import channel_json
from lookalike.vendors.invent.contacts import contact_of
from lookalike.vendors.invent.problems import missing, rejected
from lookalike.vendors.invent.schemas.contacts import Channel, ChannelPatch

routes = Routes(
    "contacts",
    doc="https://docs.useinvent.com/api-reference/update-a-contact-channel-only-for-custom-channels",
)


@routes.patch(
    "/orgs/{org_id}/contacts/{contact_id}/channels/{channel_id}",
    accepts=ChannelPatch,
    returns=Channel,
)
def update_a_contact_channel(call: Call, org_id: str, contact_id: str, channel_id: str) -> dict[str, Any]:
    """Change a custom channel; the answer is the channel."""
    contact = contact_of(call, contact_id)
    channel = next((found for found in contact["channels"] if found["id"] == channel_id), None)
    if channel is None:
        raise missing("Channel")
    body = read_body(call, ChannelPatch)
    if channel["type"] != "custom":
        raise rejected("Only custom channels can be updated")
    said = channel | body.model_dump(include=body.model_fields_set) | {"updated_at": call.clock.iso()}
    changed = {name: value for name, value in said.items() if value not in (None, "")}
    others = [changed if found["id"] == channel_id else found for found in contact["channels"]]
    people.save(call.part, {**contact, "channels": others}, contact)
    return channel_json(changed)
