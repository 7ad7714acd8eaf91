"""What becomes of a message for one person: sent, dropped, not deliverable, or left as a draft.

The sandbox sends at once, or when the clock reaches `send_at`. It marks a delivery as if the message had arrived,
where the channel itself reports that; an opened mail or a push on its device is for the client to report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import getaddresses
from typing import Any

from lookalike.messages import Happening, recipients
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, deliveries, esp_suppression, people
from lookalike.vendors.customerio.liquid import Missing, render
from lookalike.vendors.customerio.optouts import OPTOUTS
from lookalike.vendors.customerio.reporting import channel_of
from lookalike.vendors.customerio.snippets import SNIPPETS
from lookalike.vendors.customerio.transactional import TEMPLATES

ARRIVES = frozenset({"email", "twilio", "whatsapp"})
"""Types whose arrival is reported by the channel (I); the others end as sent."""

UNKNOWN_PERSON = "Person is suppressed or does not exist"
UNSUBSCRIBED = "Person is unsubscribed"
OPTED_OUT = "Person has opted out of this sender"
NO_ADDRESS = "Person has no email address"
DROPPED = "Address is suppressed by the email service provider"
"""Why nothing was sent (I)."""


def send(part: Part, delivery: Document) -> bool:
    """Send a delivery now, unless something keeps it from being sent; says whether it went out.

    That of a transactional template counts as a run of it.
    """
    person = deliveries.person_of(part, delivery)
    sent = _send_or_not(part, delivery, person)
    if delivery.get("of_template"):
        number = delivery["transactional_message_id"]
        template = part.collection(TEMPLATES).get(str(number))
        part.keep_run(
            kind="transactional",
            name=str(number) if template is None else template["name"],
            trigger={"type": "api", "transactional_message_id": number},
            contact=delivery["recipient"] if person is None else people.title(person),
            messages=[delivery["id"]] if sent else [],
        )
    return sent


def _send_or_not(part: Part, delivery: Document, person: Document | None) -> bool:
    if delivery["draft"]:
        deliveries.mark(part, delivery, "drafted")
    elif person is None:
        _fail(part, delivery, "undeliverable", UNKNOWN_PERSON)
    elif people.is_unsubscribed(person) and not delivery["send_to_unsubscribed"]:
        _fail(part, delivery, "undeliverable", UNSUBSCRIBED)
    elif _is_opted_out(part, delivery):
        _fail(part, delivery, "undeliverable", OPTED_OUT)
    elif not delivery["to"]:
        _fail(part, delivery, "undeliverable", NO_ADDRESS)
    elif _is_dropped(part, delivery):
        _fail(part, delivery, "dropped", DROPPED)
    else:
        return _send_rendered(part, delivery, person)
    return False


def _send_rendered(part: Part, delivery: Document, person: Document) -> bool:
    """Fill in what is said to this person, and send it. A message with a gap fails (D; in words of ours)."""
    try:
        rendered = _rendered(part, delivery, person)
    except Missing as missing:
        _fail(part, delivery, "failed", f"Liquid error: {missing} is not there")
        return False
    _send(part, rendered, person)
    return True


def _rendered(part: Part, delivery: Document, person: Document) -> Document:
    """A delivery with the values of its person, its data and the workspace's snippets in place of their names."""
    more = delivery["more"]
    scope: dict[str, Any] = {
        "customer": {**person["attributes"], "cio_id": person["id"]},
        "trigger": more.get("message_data") or more.get("trigger") or {},
        "event": more.get("event") or {},
    }
    scope["snippets"] = _Snippets(part, dict(scope))

    def fill(held: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
        return {name: render(held[name], scope) for name in names if isinstance(held.get(name), str)}

    archived = delivery["archived"]
    return {
        **delivery,
        **fill(delivery, ("subject",)),
        "archived": {**archived, **fill(archived, ("from", "reply_to", "body", "preheader_text"))},
        "more": {**more, **fill(more, ("body_plain", "body_amp", "title", "message"))},
    }


class _Snippets(dict[str, str]):
    """The workspace's snippets by name, looked up and filled in when one is asked for."""

    def __init__(self, part: Part, scope: Mapping[str, Any]) -> None:
        super().__init__()
        self._part = part
        self._scope = scope

    def get(self, name: str, default: Any = None) -> Any:
        found = self._part.collection(SNIPPETS).get(name)
        return default if found is None else render(found["value"], self._scope)


def _is_dropped(part: Part, delivery: Document) -> bool:
    return delivery["type"] == "email" and all(esp_suppression.is_suppressed(part, to) for to in delivery["to"])


def _is_opted_out(part: Part, delivery: Document) -> bool:
    """Whether the person wants no texts from this sender; of a sender that only the template knows nobody can tell."""
    found = part.collection(OPTOUTS).get(delivery["cio_id"])
    sender = {"channel": channel_of(delivery), "from": delivery["archived"].get("from")}
    return found is not None and sender in found["optouts"]


def _fail(part: Part, delivery: Document, metric: str, why: str) -> None:
    deliveries.mark(part, {**delivery, "failure_message": why}, metric, None, {"failure_message": why})


def _send(part: Part, delivery: Document, person: Document) -> None:
    activities.record(part, person, f"attempted_{delivery['type']}", delivery=delivery)
    sent = deliveries.mark(part, delivery, "sent")
    if delivery["type"] in ARRIVES:
        sent = deliveries.mark(part, sent, "delivered")
    message = message_of(sent, part.clock.iso())
    part.keep_message(message)
    if delivery["type"] in ARRIVES:
        part.note_message(sent["id"], Happening("delivered", part.clock.now(), tuple(recipients(message))))
    if delivery["forget"]:
        part.collection(deliveries.DELIVERIES).put({**sent, "archived": None, "more": {}})


def message_of(delivery: Document, at: str) -> dict[str, Any]:
    """A delivery as the outbox shows it, with all that the sender said."""
    archived: Mapping[str, Any] = delivery["archived"]
    return {
        **delivery["more"],
        **{name: value for name, value in archived.items() if value is not None},
        "id": delivery["id"],
        "channel": delivery["type"],
        "from": archived.get("from"),
        "to": delivery["to"],
        "cc": _addresses(archived.get("cc")),
        "bcc": _addresses(archived.get("bcc")),
        "subject": delivery["subject"],
        "html": archived.get("body"),
        "text": delivery["more"].get("body_plain"),
        "customer": delivery["customer_identifiers"],
        "transactional_message_id": delivery["transactional_message_id"],
        "broadcast_id": delivery["broadcast_id"],
        "campaign_id": delivery["campaign_id"],
        "created_at": at,
    }


def _addresses(text: str | None) -> list[str]:
    return [address for _, address in getaddresses([text or ""]) if address]


def send_later(part: Part, payload: dict[str, Any]) -> None:
    """Send a delivery whose time has come."""
    delivery = part.collection(deliveries.DELIVERIES).get(payload["id"])
    if delivery is not None:
        send(part, delivery)


TASKS = {"send_delivery": send_later}
