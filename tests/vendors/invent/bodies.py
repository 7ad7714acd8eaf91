"""What Invent's answers are made of, for tests to compare whole bodies with."""

from __future__ import annotations

from typing import Any

from tests.support import Like, Reply

START = "2026-03-17T10:30:00.000Z"
LATER = "2026-03-17T10:30:01.000Z"

CONTACTS = "/orgs/c/contacts"
SEGMENTS = "/orgs/c/segments"
BROADCASTS = "/orgs/c/broadcasts"


def an_id(kind: str) -> Like:
    return Like(kind + "_[0-9A-Za-z]{22}")


NOBODY = "ctc_0000000000000000000000"


def error(status: int, words: str, message: str, *issues: tuple[list[str | int], str]) -> dict[str, Any]:
    body: dict[str, Any] = {"statusCode": status, "error": words, "message": message}
    if issues:
        body["issues"] = [{"path": path, "message": text} for path, text in issues]
    return body


def missing(thing: str) -> dict[str, Any]:
    return error(404, "Not Found", f"{thing} not found")


def invalid(*issues: tuple[list[str | int], str]) -> dict[str, Any]:
    """A 400 about fields: path and message of each."""
    return error(400, "Bad Request", issues[0][1], *issues)


def refused(message: str) -> dict[str, Any]:
    """A 400 about the state of things."""
    return error(400, "Bad Request", message)


ROUTE_NOT_FOUND = error(404, "Not Found", "Route not found")
UNAUTHORIZED = error(401, "Unauthorized", "Invalid or missing API key")
MALFORMED = refused("Malformed JSON in request body")
NO_OBJECT = invalid(([], "body must be an object"))


def channel(user_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": an_id("cch"),
        "type": "custom",
        "user_id": user_id,
        "avatar": None,
        "name": None,
        "username": None,
        "email": None,
        "phone": None,
        "country": None,
        "agent": None,
        "ip": None,
        "language": None,
        "platform_data": {},
        "created_at": START,
        "updated_at": START,
        "link": None,
        **more,
    }


def contact(*channels: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": an_id("ctc"),
        "name": None,
        "blocked": False,
        "unsubscribed": False,
        "is_admin": False,
        "channels": list(channels),
        "segments": [],
        "created_at": START,
        "updated_at": START,
        "blocked_at": None,
        "unsubscribed_at": None,
        "unsubscribe_reason": None,
        "unsubscribe_feedback": None,
        **more,
    }


def by_email(email: str, **more: Any) -> dict[str, Any]:
    """The contact that creating one with this address alone makes."""
    return contact(channel(email, email=email), **more)


def embedded(name: str, count: int, **more: Any) -> dict[str, Any]:
    return {
        "id": an_id("seg"),
        "name": name,
        "color": "neutral",
        "contacts_count": count,
        "created_at": START,
        "updated_at": START,
        **more,
    }


def segment(name: str, count: int = 0, **more: Any) -> dict[str, Any]:
    return embedded(name, count, **{"boards": [], **more})


def template(**more: Any) -> dict[str, Any]:
    return {
        "id": an_id("brt"),
        "broadcast_id": an_id("brd"),
        "connection_id": None,
        "integration_id": "custom",
        "recipients_count": 0,
        "config": {},
        "error": None,
        "created_at": START,
        "updated_at": START,
        **more,
    }


def broadcast(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": an_id("brd"),
        "name": name,
        "status": "DRAFT",
        "scheduled_at": None,
        "started_at": None,
        "completed_at": None,
        "contacts_count": 0,
        "recipients_count": 0,
        "skipped_count": 0,
        "sent_count": 0,
        "failed_count": 0,
        "delivered_count": 0,
        "opened_count": 0,
        "played_count": 0,
        "click_count": 0,
        "complained_count": 0,
        "unsubscribed_count": 0,
        "error_message": None,
        "segments": [],
        "send_to_all": False,
        "templates": [template()],
        "created_at": START,
        "updated_at": START,
        **more,
    }


def recipient(broadcast_name: str, **more: Any) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    for name in ("skipped", "failed", "bounced", "sent", "delivered", "complained", "unsubscribed", "opened", "played"):
        flags |= {f"is_{name}": False, f"is_{name}_at": None}
    return {
        "id": an_id("brr"),
        "broadcast_id": an_id("brd"),
        "broadcast_name": broadcast_name,
        "template_id": an_id("brt"),
        "integration_id": "custom",
        "user_id": None,
        "name": None,
        "username": None,
        "phone": None,
        "email": None,
        "status": "SENDING",
        **flags,
        "error_message": None,
        "external_message_id": None,
        "created_at": START,
        "updated_at": START,
        "contact": None,
        **more,
    }


def happened(*names: str, at: str = START) -> dict[str, Any]:
    """The members of a recipient to whom these things happened, the last one last."""
    flags: dict[str, Any] = {"status": names[-1].upper()}
    for name in names:
        flags |= {f"is_{name}": True, f"is_{name}_at": at}
    return flags


def make(client: Any, *emails: str, **members: Any) -> list[str]:
    """Create contacts; their ids."""
    return [make_contact(client, email=email, **members)["id"] for email in emails]


def make_contact(client: Any, segment_ids: Any = (), **fields: Any) -> dict[str, Any]:
    """Create a contact with these channel fields."""
    reply = client.post(CONTACTS, {"channel": fields, "segment_ids": list(segment_ids)})
    assert reply.status == 200, reply.text
    return dict(reply.json)


def make_segment(client: Any, name: str, **members: Any) -> str:
    reply = client.post(SEGMENTS, {"name": name, **members})
    assert reply.status == 200, reply.text
    return str(reply.json["id"])


def make_broadcast(client: Any, name: str, **members: Any) -> str:
    reply = client.post(BROADCASTS, {"name": name, **members})
    assert reply.status == 200, reply.text
    return str(reply.json["id"])


def make_trigger(client: Any, name: str, **members: Any) -> str:
    """A transactional broadcast that is open."""
    id = make_broadcast(client, name, type="TRANSACTIONAL", **members)
    assert client.post(f"{BROADCASTS}/{id}/activate").status == 200
    return id


def get(client: Any, path: str) -> Any:
    reply = client.get(path)
    assert reply.status == 200, reply.text
    return reply.json


def paging(reply: Reply) -> tuple[str, str, str]:
    return tuple(reply.headers[f"pagination-{name}"] for name in ("count", "page", "take"))  # type: ignore[return-value]


def held(client: Any) -> list[Any]:
    """Every document of the organization, to see that nothing changed."""
    found = client.sandbox.store.contents("default", "invent")
    return [(resource.name, documents) for resource, documents in found if documents]


def change(client: Any, resource: Any, id: str, **members: Any) -> None:
    """Have a document hold what no operation can put there."""
    collection = client.sandbox.workspace("default").part("invent").collection(resource)
    collection.put({**collection.get(id), **members})
