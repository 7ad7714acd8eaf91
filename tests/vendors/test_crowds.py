"""A crowd's people are, member for member, what the vendor's own API would have made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookalike.audience import Audience, Person
from lookalike.clock import iso, parse_instant
from lookalike.seeding.crowd import crowd
from tests.every_vendor.worlds import contents
from tests.support import Client

NOW = parse_instant("2026-03-01T12:00:00Z")


def autosend(client: Client, person: Person) -> None:
    lists = {one["name"]: one["id"] for one in client.get("/v1/contact-lists").json["data"]["lists"]}
    body = {
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "userId": person.user_id,
        "customFields": {"contact_city" if k == "city" else k: value for k, value in person.attributes.items()},
        "listIds": [lists[name] for name in person.groups],
    }
    reply = client.post("/v1/contacts", body)
    assert reply.status < 300, reply.text


def opensend(client: Client, person: Person) -> None:
    segments = {one["name"]: one["id"] for one in client.get("/segments").json["data"]}
    topics = {one["name"]: one["id"] for one in client.get("/topics").json["data"]}
    texts = {name: str(value) for name, value in person.attributes.items()}
    body = {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "unsubscribed": person.unsubscribed,
        "properties": {"user_id": person.user_id, **texts},
        "topics": [
            {"id": topics[name], "subscription": "opt_in" if agreed else "opt_out"}
            for name, agreed in person.consents.items()
        ],
    }
    reply = client.post("/contacts", body)
    assert reply.status == 201, reply.text
    for name in person.groups:
        joined = client.post(f"/contacts/{reply.json['id']}/segments/{segments[name]}")
        assert joined.status < 300, joined.text


def segmailer(client: Client, person: Person) -> None:
    attributes = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "userId": person.user_id,
        **person.attributes,
        **({"groups": list(person.groups)} if person.groups else {}),
        **({"topics": agreed} if (agreed := [name for name, said in person.consents.items() if said]) else {}),
    }
    body = {"identifier": {"email": person.email}, "attributes": attributes}
    status = {"status": "unsubscribed"} if person.unsubscribed else {}
    reply = client.post("/api/v2/contacts", {**body, **status})
    assert reply.status < 300, reply.text


VENDORS: dict[str, Callable[[Client, Person], None]] = {one.__name__: one for one in (autosend, opensend, segmailer)}


def held(client: Client) -> dict[str, dict[str, Any]]:
    """The contacts by address, without what says when and in what order they were told."""
    found = {one["email"]: one for one in contents(client)["contacts"]}
    for contact in found.values():
        del contact["id"]
        if "living" in contact:
            del contact["living"]["made"]
    return found


@pytest.mark.parametrize("vendor", VENDORS)
def test_they_are_as_if_made_by_the_api(vendor: str):
    told, made = Client(vendor), Client(vendor)
    audience = next(crowd(1, 60, 7, NOW))
    for client, people in ((told, audience.people), (made, ())):
        client.clock(freeze=iso(NOW))
        client.sandbox.prepare()
        workspace = client.sandbox.workspace("default")
        part = client.sandbox.part(workspace, client.sandbox.vendors[vendor])
        assert part.vendor.seed is not None
        with workspace.unit():
            part.vendor.seed(part, Audience(NOW, people, audience.properties, audience.groups, audience.topics))
    for person in audience.people:
        made.clock(freeze=iso(person.created_at))
        VENDORS[vendor](made, person)
    expected, found = held(made), held(told)
    assert len(found) == 60
    assert any(person.unsubscribed for person in audience.people)
    assert found == expected
