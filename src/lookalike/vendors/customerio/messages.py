"""Messages that were made for people, and what they said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors
from lookalike.vendors.customerio.customers import customer
from lookalike.vendors.customerio.deliveries import DELIVERIES, place
from lookalike.vendors.customerio.problems import bad_request, missing
from lookalike.vendors.customerio.schemas.messages import (
    ArchivedMessageAnswer,
    CustomerMessagesQuery,
    MessageAnswer,
    MessageList,
    MessageQuery,
    MessagesQuery,
    Window,
)

routes = Routes("messages", doc="https://docs.customer.io/integrations/api/app/tag/messages/")

LONGEST_WINDOW = 184 * 86400
"""Six months between `start_ts` and `end_ts`, in seconds; that more is refused is inferred."""

_PARENTS = (
    "campaign_id",
    "action_id",
    "parent_action_id",
    "newsletter_id",
    "content_id",
    "broadcast_id",
    "trigger_event_id",
)

_ASKED = {
    "campaign_id": "campaign_id",
    "newsletter_id": "newsletter_id",
    "action_id": "action_id",
    "transactional_id": "transactional_message_id",
    "trigger_id": "trigger_id",
    "template_id": "template_id",
    "content_id": "content_id",
}
"""Parameters of a list that name one parent, and what a delivery calls it."""


def message_json(document: Document) -> dict[str, Any]:
    """A delivery as a message."""
    whose = document["customer_identifiers"]
    template = document.get("template_id")
    return {
        "id": document["id"],
        "deduplicate_id": f"{document['id']}:{max(document['metrics'].values(), default=document['created'])}",
        "message_template_id": template,
        "msg_template_id": template,
        "customer_id": whose["id"] if whose else None,
        "customer_identifiers": whose,
        "recipient": document["recipient"],
        "subject": document["subject"],
        "metrics": document["metrics"],
        "created": document["created"],
        "failure_message": document["failure_message"],
        **{name: document[name] for name in _PARENTS},
        "forgotten": _is_forgotten(document),
        "type": document["type"],
    }


def _is_forgotten(document: Document) -> bool:
    """Whether whoever sent it asked that what it said be not kept."""
    return "archived" in document and document["archived"] is None


def archived_json(document: Document) -> dict[str, Any]:
    """What a delivery said; of one that nobody kept the texts are null (I)."""
    kept = document.get("archived") or {}
    return {
        "id": document["id"],
        "body": kept.get("body"),
        "from": kept.get("from"),
        "reply_to": kept.get("reply_to"),
        "recipient": document["recipient"],
        "subject": document["subject"],
        "cc": kept.get("cc"),
        "bcc": kept.get("bcc"),
        "fake_bcc": kept.get("fake_bcc"),
        "preheader_text": kept.get("preheader_text"),
        "url": kept.get("url"),
        "request_method": kept.get("request_method"),
        "headers": kept.get("headers"),
        "forgotten": _is_forgotten(document),
    }


def message(call: Call, id: str) -> Document:
    """The delivery of that id. Raises the vendor's 404."""
    found = call.collection(DELIVERIES).get(id)
    if found is None:
        raise missing("message")
    return found


def _page(call: Call, query: Window, within: str, wanted: Callable[[Document], bool]) -> dict[str, Any]:
    """Deliveries of a part of the order, newest first, as far as they lie in the window of time."""
    since, until = query.start_ts, query.end_ts
    if since is not None and until is not None and until - since > LONGEST_WINDOW:
        raise bad_request("start_ts and end_ts cannot be more than 6 months apart")
    after = cursors.decode(query.start, int, int, str)
    if until is not None:
        bound = (until + 1, -1, "")
        after = bound if after is None else min(after, bound)
    walk: Iterator[Document] = cursors.walk(
        call.collection(DELIVERIES),
        "newest",
        within=within,
        after=after,
        descending=True,
        expected=query.limit + 1,
    )
    if since is not None:
        walk = takewhile(lambda delivery: delivery["created"] >= since, walk)
    found, last = cursors.cut(filter(wanted, walk), query.limit)
    shown = [message_json(delivery) for delivery in found]
    return {"messages": shown, "next": cursors.following(last, "created", "number", "id")}


@routes.get("/v1/customers/{customer_id}/messages", query=CustomerMessagesQuery, returns=MessageList)
def get_person_messages(call: Call, customer_id: str, query: CustomerMessagesQuery) -> dict[str, Any]:
    """List the messages made for a person, newest first (I)."""
    return _page(call, query, place(customer(call, query.id_type, customer_id)["id"]), lambda _: True)


@routes.get("/v1/messages", query=MessagesQuery, returns=MessageList)
def list_messages(call: Call, query: MessagesQuery) -> dict[str, Any]:
    """List messages, newest first (I); what narrows the list down is looked for from the newest on."""
    asked = {ours: value for theirs, ours in _ASKED.items() if (value := getattr(query, theirs)) is not None}
    if query.trigger_id is not None and "campaign_id" in asked:  # where a trigger is asked for, that is its broadcast
        asked["broadcast_id"] = asked.pop("campaign_id")

    def wanted(delivery: Document) -> bool:
        return (
            ("drafted" in delivery["metrics"]) == query.drafts
            and (query.metric is None or query.metric in delivery["metrics"])
            and all(delivery.get(name) == value for name, value in asked.items())
        )

    answer = _page(call, query, place(None, query.type), wanted)
    if query.get_tracked_responses:  # those to surveys inside of apps, of which there are none here
        for shown in answer["messages"]:
            shown["tracked_responses"] = {}
    return answer


@routes.get("/v1/messages/{message_id}", query=MessageQuery, returns=MessageAnswer)
def get_message(call: Call, message_id: str, query: MessageQuery) -> dict[str, Any]:
    """Get a message, and what it said if that is asked for; where that stands is inferred."""
    document = message(call, message_id)
    shown = message_json(document) | ({"tracked_responses": {}} if query.get_tracked_responses else {})
    return {"message": shown} | ({"archived_message": archived_json(document)} if query.archived_message else {})


@routes.get("/v1/messages/{message_id}/archived_message", returns=ArchivedMessageAnswer)
def get_archived_message(call: Call, message_id: str) -> dict[str, Any]:
    """Get what a message said."""
    return {"archived_message": archived_json(message(call, message_id))}
