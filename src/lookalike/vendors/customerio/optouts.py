"""Which senders of texts (SMS, WhatsApp) people do not want to hear from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors
from lookalike.vendors.customerio.customers import customer
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.schemas.identifiers import PersonQuery
from lookalike.vendors.customerio.schemas.optouts import CustomerOptOuts, OptOutList, OptOutsInput, OptOutsQuery

OPTOUTS = Resource(
    "optouts",
    orders=(Order("id"), Order("senders", within=lambda document: {entry["from"] for entry in document["optouts"]})),
)
"""id (the person's cio_id), optouts [{channel, from}]; "senders" is by person within a sender's number."""

routes = Routes("optouts", doc="https://docs.customer.io/integrations/api/app/tag/customers/")


def _of(part: Part, cio_id: str) -> list[dict[str, str]]:
    found = part.collection(OPTOUTS).get(cio_id)
    return [] if found is None else found["optouts"]


@routes.get("/v1/customers/{customer_id}/optouts", query=PersonQuery, returns=CustomerOptOuts)
def get_person_optouts(call: Call, customer_id: str, query: PersonQuery) -> dict[str, Any]:
    """List the senders that a person has opted out of."""
    return {"optouts": _of(call.part, customer(call, query.id_type, customer_id)["id"])}


@routes.put("/v1/customers/{customer_id}/optouts", query=PersonQuery, body=OptOutsInput, status=204)
def update_person_optouts(call: Call, customer_id: str, query: PersonQuery, body: OptOutsInput) -> Answer:
    """Opt a person out of senders, or in again; senders that are not named stay as they are (I)."""
    cio_id = customer(call, query.id_type, customer_id)["id"]
    change(call.part, cio_id, {(one.channel, one.from_): one.optout for one in body.optouts})
    return Answer(204)


def change(part: Part, cio_id: str, optouts: Mapping[tuple[str, str], bool]) -> None:
    """Opt somebody out of senders, each a channel and a number, or in again (False)."""
    chosen = {(entry["channel"], entry["from"]): True for entry in _of(part, cio_id)}
    for sender, optout in optouts.items():
        chosen.pop(sender, None)
        if optout:
            chosen[sender] = True
    entries = [{"channel": channel, "from": sender} for channel, sender in chosen]
    if entries:
        part.collection(OPTOUTS).put({"id": cio_id, "optouts": entries})
    else:
        part.collection(OPTOUTS).delete(cio_id)


@routes.get("/v1/optouts", query=OptOutsQuery, returns=OptOutList)
def list_optouts(call: Call, query: OptOutsQuery) -> dict[str, Any]:
    """List everybody who has opted out of something, or of one sender, in the order of their creation (I)."""
    people, order = call.collection(PEOPLE), "id" if query.from_ is None else "senders"
    after = cursors.decode(query.start, str)
    walk = cursors.walk(call.collection(OPTOUTS), order, within=query.from_, after=after, expected=query.limit + 1)
    found, last = cursors.cut(
        (
            {"id": person["id"], "user_id": person["user_id"], "optouts": entry["optouts"]}
            for entry in walk
            if (person := people.get(entry["id"])) is not None
        ),
        query.limit,
    )
    return {
        "optouts": [_entry_json(entry, query.from_) for entry in found],
        "next": cursors.following(last, "id"),
    }


def _entry_json(entry: Document, sender: str | None) -> dict[str, Any]:
    """A person's entry, with what concerns the sender asked for alone (I)."""
    shown = [optout for optout in entry["optouts"] if sender in (None, optout["from"])]
    return {"cio_id": entry["id"], "customer_id": entry["user_id"], "optouts": shown}
