"""A scheduled broadcast going out, as the job of the real server sends it: one e-mail for every contact who gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lookalike.part import Part
from lookalike.vendors.opensend import outgoing, unsubscribe
from lookalike.vendors.opensend.contacts import CONTACTS
from lookalike.vendors.opensend.outgoing import EMAILS
from lookalike.vendors.opensend.rendering import with_unsubscribe_link
from lookalike.vendors.opensend.shelves import SEGMENTS, shelf
from lookalike.vendors.opensend.topics import TOPICS

DEFAULT_SENDER = "system@opensend.com"

COUNTED: dict[str, tuple[str, ...]] = {
    "delivered": ("delivered",),
    "bounced": ("bounced", "hard_bounced", "soft_bounced"),
    "complained": ("complained",),
    "opened": ("opened",),
    "clicked": ("clicked",),
}
"""What the metrics count: the states that e-mails are in now."""

RATES = {"delivery_rate": "delivered", "open_rate": "opened", "click_rate": "clicked", "bounce_rate": "bounced"}

_VARIABLE = re.compile(r"\{\{\s*(FIRST_NAME|LAST_NAME|EMAIL)\s*\}\}")


def send(part: Part, broadcast: dict[str, Any]) -> None:
    """Have an e-mail for each recipient taken in, with the contact's names and unsubscribe link in it."""
    for contact in _recipients(part, broadcast):
        outgoing.accept(part, _draft(part, broadcast, contact))


def metrics(part: Part, id: str) -> dict[str, Any]:
    """How a broadcast's e-mails stand."""
    emails = part.collection(EMAILS)
    total = emails.count("broadcast", id)
    counts = {
        name: sum(emails.count("broadcast", f"{id} {status}") for status in statuses)
        for name, statuses in COUNTED.items()
    }
    rates = {name: _per_cent(counts[count], total) for name, count in RATES.items()}
    return {"object": "broadcast_metrics", "broadcast_id": id, "total": total, **counts, **rates}


def _per_cent(count: int, total: int) -> float:
    rate = count / total * 100 if total else 0
    # A whole number is written without a fraction, as JavaScript writes it.
    return int(rate) if rate == int(rate) else rate


def _recipients(part: Part, broadcast: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Subscribed contacts who bear the segment's name; with a topic, those of them who want it."""
    within = shelf(status="subscribed")
    if broadcast["audience_id"] is not None:
        segment = part.collection(SEGMENTS).get(broadcast["audience_id"])
        if segment is None:
            return
        within = shelf(segment["name"], status="subscribed")
    topic = None
    if broadcast["topic_id"] is not None:
        topic = part.collection(TOPICS).get(broadcast["topic_id"])
        if topic is None:
            return
    for contact in part.collection(CONTACTS).scan("shelf", within=within):
        if topic is None or _wants(contact, topic):
            yield contact


def _wants(contact: dict[str, Any], topic: dict[str, Any]) -> bool:
    for preference in contact["topics"]:
        if preference["topicId"] == topic["id"]:
            return bool(preference["subscribed"])
    return bool(topic["default_subscription"] == "opt_in")


def _draft(part: Part, broadcast: dict[str, Any], contact: dict[str, Any]) -> dict[str, Any]:
    values = {
        "FIRST_NAME": contact["first_name"] or "",
        "LAST_NAME": contact["last_name"] or "",
        "EMAIL": contact["email"],
    }
    link = unsubscribe.link(part, broadcast["base"], contact["id"])
    if broadcast["topic_id"] is not None:
        link += f"&topic_id={broadcast['topic_id']}"
    link += f"&broadcast_id={broadcast['id']}"
    content = {"html": _filled(broadcast["html"], values), "text": broadcast["text"], "headers": {}}
    return {
        "from": broadcast["from"] or DEFAULT_SENDER,
        "to": [contact["email"]],
        "cc": None,
        "bcc": None,
        "reply_to": None,
        "subject": _filled(broadcast["subject"], values),
        **with_unsubscribe_link(content, link),
        "topic_id": broadcast["topic_id"],
        "tags": [{"name": "broadcast_id", "value": broadcast["id"]}],
    }


def _filled(content: str | None, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: values[match[1]], content or "")
