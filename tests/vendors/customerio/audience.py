"""People, objects and segments for the App API's tests, and what their answers share."""

from __future__ import annotations

from typing import Any

from tests.support import Client
from tests.vendors.customerio.bodies import CIO_ID, Referenced


def part_of(client: Client) -> Any:
    """What handlers act upon, for what no interface makes."""
    return client.sandbox.workspace("default").part("customerio")


def person(client: Client, id: str | None = None, **attributes: Any) -> str:
    """Somebody, made through Track; by the email where there is no id. Says the cio_id."""
    identifier = id or attributes["email"]
    reply = client.put(f"/api/v1/customers/{identifier}", attributes)
    assert reply.status == 200, reply.text
    kind = "id" if id else "email"
    return client.get(f"/v1/customers/{identifier}/attributes?id_type={kind}").json["customer"]["identifiers"]["cio_id"]


def segment(client: Client, name: str = "Buyers", *members: str) -> int:
    """A manual segment with these people (their ids)."""
    number = client.post("/v1/segments", {"segment": {"name": name}}).json["segment"]["id"]
    if members:
        reply = client.post(f"/api/v1/segments/{number}/add_customers", {"ids": list(members)})
        assert reply.status == 200, reply.text
    return number


def thing(client: Client, type: str, id: str, *related: str, **attributes: Any) -> None:
    """An object, and the people (their ids) who are related to it as `role: member`."""
    body = {
        "type": "object",
        "action": "identify",
        "identifiers": {"object_type_id": type, "object_id": id},
        "attributes": attributes,
        "cio_relationships": [
            {"identifiers": {"id": one}, "relationship_attributes": {"role": "member"}} for one in related
        ],
    }
    reply = client.post("/api/v2/entity", body)
    assert reply.status == 200, reply.text


def known(id: str | None = None, email: str | None = None, cio_id: Any = CIO_ID) -> dict[str, Any]:
    """How answers name somebody."""
    return {"email": email, "id": id, "cio_id": cio_id}


def invalid(*pointers: str) -> dict[str, Any]:
    """The 400 about members of a body or query."""
    return {
        "errors": [
            {"detail": Referenced("bad request"), "status": "400", "source": {"pointer": pointer}}
            for pointer in pointers
        ]
    }


def pages(client: Client, read: Any, query: dict[str, Any], more: str) -> list[Any]:
    """Every page to the end: `read(query)` answers one, `more` is the member that holds its items."""
    found, start = [], ""
    for _ in range(50):
        reply = read({**query, **({"start": start} if start else {})})
        assert reply.status == 200, reply.text
        found.append(reply.json[more])
        start = reply.json["next"]
        if not start:
            return found
    raise AssertionError("the pages have no end")
