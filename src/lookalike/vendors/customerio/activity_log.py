"""What happened, in the whole workspace or to one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors, people
from lookalike.vendors.customerio.activities import ACTIVITIES, place
from lookalike.vendors.customerio.customers import customer
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.schemas.activities import Activities, ActivitiesQuery, CustomerActivitiesQuery

routes = Routes("activities", doc="https://docs.customer.io/integrations/api/app/tag/activities/")


def activity_json(document: Document) -> dict[str, Any]:
    """An activity; a page's name is shown as its `url`, and only those of messages name a delivery."""
    shown = {"id": document["id"], "type": document["type"]}
    if document["name"] is not None:
        shown["url" if document["type"] == "page" else "name"] = document["name"]
    shown |= {name: document[name] for name in ("timestamp", "customer_id", "customer_identifiers", "data")}
    if document["delivery_id"] is not None:
        shown |= {"delivery_id": document["delivery_id"], "delivery_type": document["delivery_type"]}
    return shown


def _page(call: Call, query: CustomerActivitiesQuery, whose: str | None, shown: Callable[[Document], bool]) -> Any:
    """Activities of one person, or of all; newest first."""
    after = cursors.decode(query.start, int, str)
    collection = call.collection(ACTIVITIES)
    within = place(whose, query.type, query.name)
    walk: Iterator[Document] = cursors.walk(
        collection, "newest", within=within, after=after, descending=True, expected=query.limit + 1
    )
    found, last = cursors.cut(filter(shown, walk), query.limit)
    return {"activities": [activity_json(one) for one in found], "next": cursors.following(last, "timestamp", "id")}


@routes.get("/v1/customers/{customer_id}/activities", query=CustomerActivitiesQuery, returns=Activities)
def get_person_activities(call: Call, customer_id: str, query: CustomerActivitiesQuery) -> Any:
    """List what happened to a person, newest first (I)."""
    return _page(call, query, customer(call, query.id_type, customer_id)["id"], _is_wanted(query))


@routes.get("/v1/activities", query=ActivitiesQuery, returns=Activities)
def list_activities(call: Call, query: ActivitiesQuery) -> Any:
    """List what happened in the workspace, newest first (I).

    With `deleted` it is what happened to people who are not there any more, else to the others (I).
    """
    held = call.collection(PEOPLE)

    def shown(activity: Document) -> bool:
        cio_id = activity["cio_id"]
        return query.deleted == (cio_id is not None and held.get(cio_id) is None)

    if query.customer_id is None:
        return _page(call, query, None, shown)
    person = people.find(call.part, query.id_type, query.customer_id)
    if person is not None and not query.deleted:
        return _page(call, query, person["id"], _is_wanted(query))
    return _page(call, query, None, lambda activity: shown(activity) and _is_of(activity, query))


def _is_wanted(query: CustomerActivitiesQuery) -> Callable[[Document], bool]:
    """Whether one of a person's activities has the type and the name asked for."""
    return lambda activity: (
        query.type in (None, activity["type"]) and (query.name is None or query.name in activity["names"])
    )


def _is_of(activity: Document, query: ActivitiesQuery) -> bool:
    """Whether an activity is of the person asked for, by the identifiers of its time."""
    found, asked = (activity["customer_identifiers"] or {}).get(query.id_type), query.customer_id or ""
    if query.id_type == "email":
        return found is not None and found.lower() == asked.lower()
    return bool(found == (asked.removeprefix("cio_") if query.id_type == "cio_id" else asked))
