"""Which senders of texts (SMS, WhatsApp) people do not want to hear from."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
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


def _of(call: Call, cio_id: str) -> list[dict[str, str]]:
    found = call.collection(OPTOUTS).get(cio_id)
    return [] if found is None else found["optouts"]


@routes.get("/v1/customers/{customer_id}/optouts", query=PersonQuery, returns=CustomerOptOuts)
def get_person_optouts(call: Call, customer_id: str, query: PersonQuery) -> dict[str, Any]:
    """List the senders that a person has opted out of."""
    return {"optouts": _of(call, customer(call, query.id_type, customer_id)["id"])}


@routes.put("/v1/customers/{customer_id}/optouts", query=PersonQuery, body=OptOutsInput, status=204)
def update_person_optouts(call: Call, customer_id: str, query: PersonQuery, body: OptOutsInput) -> Answer:
    """Opt a person out of senders, or in again; senders that are not named stay as they are (I)."""
    cio_id = customer(call, query.id_type, customer_id)["id"]
    chosen = {(entry["channel"], entry["from"]): True for entry in _of(call, cio_id)}
    for change in body.optouts:
        chosen.pop((change.channel, change.from_), None)
        if change.optout:
            chosen[change.channel, change.from_] = True
    entries = [{"channel": channel, "from": sender} for channel, sender in chosen]
    if entries:
        call.collection(OPTOUTS).put({"id": cio_id, "optouts": entries})
    else:
        call.collection(OPTOUTS).delete(cio_id)
    return Answer(204)


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
