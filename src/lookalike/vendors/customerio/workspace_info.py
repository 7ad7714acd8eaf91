"""The workspace itself: its counts, the vendor's addresses, and what its data is called."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.vendors.customerio.deliveries import DELIVERIES, place
from lookalike.vendors.customerio.identity import environment_id
from lookalike.vendors.customerio.objects import OBJECT_TYPES, OBJECTS
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.schemas.workspace import (
    AttributesInput,
    EventsInput,
    IpAddresses,
    Workspaces,
)

IP_ADDRESSES = (
    "35.188.196.183",
    "104.198.177.219",
    "104.154.232.87",
    "130.211.229.195",
    "104.198.221.24",
    "104.197.27.15",
    "35.194.9.154",
    "104.154.144.51",
    "104.197.210.12",
    "35.225.6.73",
)
"""What the documentation shows for the United States."""

routes = Routes("workspace", doc="https://docs.customer.io/integrations/api/app/tag/workspaces/")


@routes.get(
    "/v1/info/ip_addresses",
    returns=IpAddresses,
    public=True,
    doc="https://docs.customer.io/integrations/api/app/tag/info/getCioAllowlist/",
)
def get_cio_allowlist(_call: Call) -> dict[str, Any]:
    """List the addresses that the vendor's requests come from; here they are only words."""
    return {"ip_addresses": list(IP_ADDRESSES)}


@routes.get("/v1/workspaces", returns=Workspaces)
def list_workspaces(call: Call) -> dict[str, Any]:
    """List the workspaces of the account: the one that the key belongs to, with what it holds. Mails are billed (I)."""
    deliveries = call.collection(DELIVERIES)
    shown = {
        "id": environment_id(call.workspace.name),
        "name": call.workspace.name,
        "messages_sent": deliveries.count(),
        "billable_messages_sent": deliveries.page("newest", limit=0, within=place(type="email")).total,
        "people": call.collection(PEOPLE).count(),
        "object_types": call.collection(OBJECT_TYPES).count(),
        "objects": call.collection(OBJECTS).count(),
    }
    return {"workspaces": [shown]}


_DATA_INDEX = "https://docs.customer.io/integrations/api/app/tag/data-index/"


@routes.post("/v1/data_index/attributes", body=AttributesInput, status=204, doc=_DATA_INDEX)
def update_attributes_metadata(_call: Call, body: AttributesInput) -> Answer:
    """Describe attributes. Only the vendor's screens show that, so nothing is kept."""
    del body
    return Answer(204)


@routes.post("/v1/data_index/events", body=EventsInput, status=204, doc=_DATA_INDEX)
def update_events_metadata(_call: Call, body: EventsInput) -> Answer:
    """Describe events. Only the vendor's screens show that, so nothing is kept."""
    del body
    return Answer(204)
