"""A contact as OpenSend shows it: alone, after an update, in lists and in webhooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lookalike.call import Call
from lookalike.stores import View
from lookalike.stores.collection import Document
from lookalike.vendors.opensend.topics import TOPICS


def status_of(contact: Document) -> str:
    return "unsubscribed" if contact["unsubscribed"] else "subscribed"


def patched_json(contact: Document) -> dict[str, Any]:
    """A contact as PATCH shows it: without memberships."""
    return {
        "object": "contact",
        "id": contact["id"],
        "email": contact["email"],
        "first_name": contact["first_name"],
        "last_name": contact["last_name"],
        "unsubscribed": contact["unsubscribed"],
        "properties": _properties(contact),
        "created_at": contact["created_at"],
    }


def _properties(contact: Document) -> dict[str, Any] | None:
    """The properties. PATCH stores any JSON, but what is no object is not shown."""
    properties = contact["properties"]
    return properties if isinstance(properties, dict) else None


def contact_json(contact: Document) -> dict[str, Any]:
    """A contact on its own; preferences for topics deleted since still show here."""
    shown = patched_json(contact)
    created_at = shown.pop("created_at")
    shown["segments"] = contact["segments"]
    shown["topics"] = [{"id": one["topicId"], "subscription": subscription(one)} for one in contact["topics"]]
    shown["created_at"] = created_at
    return shown


def subscription(preference: dict[str, Any]) -> str:
    return "opt_in" if preference["subscribed"] else "opt_out"


def named_preferences(contact: Document, names: dict[str, str]) -> list[dict[str, Any]]:
    """Preferences with their topics' names; those whose topic is gone are left out."""
    return [
        {"id": one["topicId"], "name": names[one["topicId"]], "subscription": subscription(one)}
        for one in contact["topics"]
        if one["topicId"] in names
    ]


def topic_names(call: Call, contacts: Iterable[Document]) -> dict[str, str]:
    """The names of the topics that these contacts have preferences for."""
    ids = {one["topicId"] for contact in contacts for one in contact["topics"]}
    return {topic["id"]: topic["name"] for topic in call.collection(TOPICS).get_many(ids)} if ids else {}


def item_json(contact: Document, names: dict[str, str]) -> dict[str, Any]:
    """A contact as an item of a list, in both casings."""
    return {
        "id": contact["id"],
        "email": contact["email"],
        "firstName": contact["first_name"],
        "lastName": contact["last_name"],
        "first_name": contact["first_name"],
        "last_name": contact["last_name"],
        "unsubscribed": contact["unsubscribed"],
        "status": status_of(contact),
        "segments": contact["segments"],
        "topics": named_preferences(contact, names) if contact["topics"] else [],
        "created_at": contact["created_at"],
    }


def _item_without_topics(contact: Document, _workspace: str) -> dict[str, Any] | None:
    return None if contact["topics"] else item_json(contact, {})


ITEM = View("item", _item_without_topics)
"""A list item as far as it depends on the contact alone: topics show by name, and those may change."""


def webhook_json(contact: Document) -> dict[str, Any]:
    """A contact as webhooks carry it."""
    shown = contact_json(contact)
    del shown["object"]
    return shown | {"properties": shown["properties"] or {}, "topics": contact["topics"]}
