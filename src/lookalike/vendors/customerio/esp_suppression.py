"""Addresses that the email service provider suppresses: they bounced, complained or were put there by hand.

They have nothing to do with the people whom Track suppresses. A send to one of them is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.cursors import decode, encode
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import bad_request
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.esp_suppression import (
    DomainSuppressionsQuery,
    Suppressions,
    SuppressionsPage,
    SuppressionsQuery,
)

CATEGORIES: Mapping[str, str] = {
    "blocks": "bounces",
    "bounces": "bounces",
    "spam_reports": "spam",
    "invalid_emails": "bounces",
}
"""Type -> the category that lists name. Only the two categories are documented; which type has which is inferred."""


def _shelves(entry: Document) -> tuple[str, ...]:
    type = entry["type"]
    return (type, f"{type} {entry['address']}", entry["address"])


ENTRIES = Resource(
    "esp_suppression",
    orders=(Order("number", ("number",)), Order("listed", ("number",), within=_shelves)),
)

routes = Routes("esp_suppression", doc="https://docs.customer.io/integrations/api/app/tag/esp-suppression/")


def is_suppressed(part: Part, email: str) -> bool:
    """Whether the provider would drop a message to this address."""
    entries = part.collection(ENTRIES)
    return any(entries.get(_id(type, email)) is not None for type in CATEGORIES)


def entry_json(entry: Document) -> dict[str, Any]:
    """A suppressed address as the App API shows it."""
    return {name: entry[name] for name in ("created", "email", "reason", "status")}


def _id(type: str, email: str) -> str:
    return f"{type} {email.lower()}"


def add_entry(part: Part, type: str, email: str, reason: str) -> None:
    """Suppress an address, or say anew why."""
    entries = part.collection(ENTRIES)
    entries.put(
        {
            "id": _id(type, email),
            "number": next_number(part, ENTRIES),
            "type": type,
            "address": email.lower(),
            "created": int(part.clock.now()),
            "email": email,
            "reason": reason,
            "status": "550",
        }
    )


def _known(type: str) -> str:
    if type not in CATEGORIES:
        raise bad_request()
    return type


def _address(email: str) -> str:
    name, at, domain = email.strip().partition("@")
    if not name or not at or not domain or " " in email.strip() or "@" in domain:
        raise bad_request()
    return email.strip()


@routes.get("/v1/esp/search_suppression/{email_address}", returns=Suppressions)
def get_suppression(call: Call, email_address: str) -> dict[str, Any]:
    """Look an address up in all types; the category is that of the newest entry (I)."""
    found = list(call.collection(ENTRIES).scan("listed", within=_address(email_address).lower()))
    category = CATEGORIES[found[-1]["type"]] if found else "bounces"
    return {"category": category, "suppressions": [entry_json(entry) for entry in found]}


@routes.get("/v1/esp/suppression/{suppression_type}", query=SuppressionsQuery, returns=Suppressions)
def get_suppression_by_type(call: Call, suppression_type: str, query: SuppressionsQuery) -> dict[str, Any]:
    """List the addresses of one type, oldest first (I): those of every sending domain, whichever is asked for (I)."""
    within = _id(_known(suppression_type), query.email or "").strip()
    page = call.collection(ENTRIES).page("listed", within=within, limit=query.limit, offset=query.offset)
    return {"category": CATEGORIES[suppression_type], "suppressions": [entry_json(entry) for entry in page.documents]}


@routes.get(
    "/v1/esp/domains/{domain_name}/suppression/{suppression_type}",
    query=DomainSuppressionsQuery,
    returns=SuppressionsPage,
)
def get_domain_suppressions_by_type(
    call: Call, domain_name: str, suppression_type: str, query: DomainSuppressionsQuery
) -> dict[str, Any]:
    """List the addresses of one type for a sending domain: all of them, since there is no telling them apart (I)."""
    del domain_name
    within = _id(_known(suppression_type), query.email or "").strip()
    after = decode(query.start, int, str)
    page = call.collection(ENTRIES).page("listed", within=within, limit=query.limit, after=after)
    last = page.documents[-1] if page.has_more else None
    return {
        "category": CATEGORIES[suppression_type],
        "suppressions": [entry_json(entry) for entry in page.documents],
        "next": "" if last is None else encode(last["number"], last["id"]),
    }


@routes.post("/v1/esp/suppression/{suppression_type}/{email_address}", returns=Empty)
def post_suppression(call: Call, suppression_type: str, email_address: str) -> dict[str, Any]:
    """Suppress an address; once more changes nothing (I)."""
    email = _address(email_address)
    if call.collection(ENTRIES).get(_id(_known(suppression_type), email)) is None:
        add_entry(call.part, suppression_type, email, "Uploaded manually via api.customer.io")
    return {}


@routes.delete("/v1/esp/suppression/{suppression_type}/{email_address}", status=204)
def delete_suppression(call: Call, suppression_type: str, email_address: str) -> Answer:
    """Lift a suppression; one that is not there is no trouble (I)."""
    call.collection(ENTRIES).delete(_id(_known(suppression_type), _address(email_address)))
    return Answer(204)
