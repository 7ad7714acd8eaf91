"""Subscription topics, and what a person prefers among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document

PREFERENCES = "cio_subscription_preferences"
COMPUTED = "_cio_subscription_preferences_computed"

TOPICS = Resource("subscription_topics", orders=(Order("number", ("number",)),))
"""id ("4"), number (4), identifier ("topic_4"), name, description, subscribed_by_default. No interface makes them."""


def add_topic(part: Part, name: str, description: str, subscribed_by_default: bool) -> Document:
    """A new topic, numbered from 1."""
    topics = part.collection(TOPICS)
    number = topics.count() + 1
    topic: Document = {
        "id": str(number),
        "number": number,
        "identifier": f"topic_{number}",
        "name": name,
        "description": description,
        "subscribed_by_default": subscribed_by_default,
    }
    topics.put(topic)
    return topic


def merged(before: Any, changes: Mapping[str, Any]) -> Any:
    """What preferences become: the whole object replaces, dotted names change one member each (D)."""
    after = before if isinstance(before, dict) else {}
    if PREFERENCES in changes:
        after = _read(changes[PREFERENCES])
        if not isinstance(after, dict):
            return after
    after = {name: dict(value) if isinstance(value, dict) else value for name, value in after.items()}
    for name, value in changes.items():
        group, _, member = name.removeprefix(PREFERENCES + ".").partition(".")
        if group and member:
            members = after.setdefault(group, {})
            if isinstance(members, dict):
                _put(members, member, value)
    return after


def difference(before: Any, after: Any) -> dict[str, Any]:
    """What preferences say anew, in their own form."""
    old, new = (one if isinstance(one, dict) else {} for one in (before, after))
    changed: dict[str, Any] = {}
    for group, members in new.items():
        known = old.get(group)
        if isinstance(members, dict) and isinstance(known, dict):
            fresh = {name: value for name, value in members.items() if name not in known or known[name] != value}
            changed |= {group: fresh} if fresh else {}
        elif members != known:
            changed[group] = members
    return changed


def _put(members: dict[str, Any], name: str, value: Any) -> None:
    if value in (None, ""):
        members.pop(name, None)
    else:
        members[name] = value


def _read(value: Any) -> Any:
    """Preferences may come as their own JSON text too, since that is how they are shown (I)."""
    if not isinstance(value, str):
        return value
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    return found if isinstance(found, dict) else value


def is_subscribed(person: Document, topic: Document) -> bool:
    """What a person chose, or the topic's default."""
    preferences = person["attributes"].get(PREFERENCES)
    chosen = preferences.get("topics") if isinstance(preferences, dict) else None
    choice = chosen.get(topic["identifier"]) if isinstance(chosen, dict) else None
    return choice if isinstance(choice, bool) else bool(topic["subscribed_by_default"])


def topics_in_order(part: Part) -> list[Document]:
    """All topics by number."""
    return list(part.collection(TOPICS).scan("number"))


def computed(part: Part, person: Document) -> dict[str, Any]:
    """`{"topics": {"topic_1": true, ...}}` with every topic that there is; empty without topics."""
    topics = topics_in_order(part)
    if not topics:
        return {}
    return {"topics": {topic["identifier"]: is_subscribed(person, topic) for topic in topics}}
