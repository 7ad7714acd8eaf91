"""Transactional sends: one message for one person, through any channel.

A message belongs to the person whom `identifiers` name; the address in `to` makes nobody and changes nobody.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

import orjson

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.vendors.customerio import attachments, delivering, devices, senders
from lookalike.vendors.customerio.deliveries import add_delivery
from lookalike.vendors.customerio.identification import identify
from lookalike.vendors.customerio.identity import delivery_id
from lookalike.vendors.customerio.problems import refused
from lookalike.vendors.customerio.schemas.sends import (
    Device,
    EmailInput,
    InAppInput,
    PushInput,
    Queued,
    Send,
    SmsInput,
    WhatsAppInput,
)
from lookalike.vendors.customerio.transactional import UNNAMED, template_of

MOST_RECIPIENTS = 15
_BETWEEN_COMMAS = re.compile(r'(?:[^,"]|"[^"]*"?)+')
_NOT_SAID = {"to", "identifiers", "transactional_message_id", "send_at", "queue_draft", "auto_create"}
LATEST = 90 * 86400
"""Seconds that `send_at` may lie ahead."""

routes = Routes("sends", doc="https://docs.customer.io/integrations/api/app/tag/send-messages/")


@routes.post("/v1/send/email", body=EmailInput, returns=Queued)
def send_email(call: Call, body: EmailInput) -> dict[str, Any]:
    """Send a mail. A `from` whose domain nobody verified is accepted (I)."""
    to = _addresses(body.to)
    _require(to, "to")
    if body.transactional_message_id is None:
        for name, value in (("body", body.body), ("subject", body.subject), ("from", body.from_)):
            _require(value, name)
    if len(to) + len(_addresses(body.cc)) + len(_addresses(body.bcc)) > MOST_RECIPIENTS:
        raise refused(f"Total number of recipients must not exceed {MOST_RECIPIENTS}.")
    attachments.check(body.attachments or {})
    answer = _queue(call, "email", body, to=to, subject=body.subject)
    if body.from_:
        senders.note_sender(call.part, body.from_)
    return answer


@routes.post("/v1/send/push", body=PushInput, returns=Queued)
def send_push(call: Call, body: PushInput) -> dict[str, Any]:
    """Send a push to all devices, the one used last or one token; `custom_device` becomes the person's."""
    if body.custom_payload is None:
        _require(body.transactional_message_id, "transactional_message_id")
    to = [body.to or "all"]
    return _queue(call, "push", body, to=to, subject=body.title, device=body.custom_device)


@routes.post("/v1/send/sms", body=SmsInput, returns=Queued)
def send_sms(call: Call, body: SmsInput) -> dict[str, Any]:
    """Send an SMS."""
    _require(body.to, "to")
    answer = _queue(call, "twilio", body, to=[body.to])
    if body.from_:
        senders.note_sender(call.part, body.from_, is_phone=True)
    return answer


@routes.post("/v1/send/whatsapp", body=WhatsAppInput, returns=Queued)
def send_whatsapp(call: Call, body: WhatsAppInput) -> dict[str, Any]:
    """Send a WhatsApp message."""
    return _queue(call, "whatsapp", body, to=[body.to] if body.to else [])


@routes.post("/v1/send/in_app", body=InAppInput, returns=Queued)
def send_in_app(call: Call, body: InAppInput) -> dict[str, Any]:
    """Send an in-app message."""
    return _queue(call, "in_app", body, to=[])


@routes.post("/v1/send/inbox_message", body=InAppInput, returns=Queued)
def send_inbox_message(call: Call, body: InAppInput) -> dict[str, Any]:
    """Send a message to the inbox; as a delivery it counts among the in-app ones (I)."""
    return _queue(call, "in_app", body, to=[], channel="inbox_message")


def _require(value: Any, name: str) -> None:
    if value in (None, []) or (isinstance(value, str) and not value.strip()):
        raise refused(f'Missing required field: "{name}"')


def _addresses(text: str | None) -> list[str]:
    """The bare addresses of a comma-separated list, where quoted names may hold commas. Raises the 400 for others."""
    found = []
    for piece in _BETWEEN_COMMAS.findall(text or ""):
        address = parseaddr(piece)[1]
        if "@" in address:
            found.append(address)
        elif piece.strip():
            raise refused(f'Invalid email address: "{piece.strip()}"')
    return found


def _template(part: Part, body: Send, channel: str) -> int:
    """The number of the template that a send names; one that names none counts for `UNNAMED`."""
    named = UNNAMED if body.transactional_message_id is None else body.transactional_message_id
    number: int = template_of(part, named, channel, auto_create=body.auto_create is True)["number"]
    return number


def _said(body: Send) -> dict[str, Any]:
    """What a message says, as `archived` (shown by the App API) and `more` (in the outbox alone)."""
    more = body.model_dump(by_alias=True, exclude_none=True, exclude=_NOT_SAID)
    headers = more.pop("headers", None)
    archived = {name: more.pop(name, None) for name in ("from", "reply_to", "cc", "bcc", "fake_bcc")}
    archived["body"] = more.pop("body", None) or more.get("message")
    archived["preheader_text"] = more.pop("preheader", None)
    archived["headers"] = (
        orjson.dumps(headers).decode() if headers and not isinstance(headers, str) else headers or None
    )
    return {"archived": archived, "more": more}


def _queue(
    call: Call,
    type: str,
    body: Send,
    *,
    to: list[str],
    subject: str | None = None,
    device: Device | None = None,
    channel: str | None = None,
) -> dict[str, Any]:
    """Make the delivery and send it, now or when its time comes."""
    part, now = call.part, int(call.clock.now())
    wait = (body.send_at or now) - now
    if wait > LATEST:
        raise refused('"send_at" must be within the next 90 days.')
    ((id_type, identifier),) = body.identifiers.items()
    number = _template(part, body, channel or type)
    person = identify(part, id_type, identifier, {})
    if person is not None and device is not None:
        person = devices.put_device(
            part, person, device.token, device.platform, device.last_used, device.attributes or {}
        )
    delivery = add_delivery(
        part,
        person,
        {
            "id": delivery_id(part),
            "type": type,
            "recipient": ", ".join(to) or identifier,
            "to": to or [identifier],
            "subject": subject,
            "metrics": {"created": now},
            "transactional_message_id": number,
            "of_template": body.transactional_message_id is not None,
            **_said(body),
            "draft": body.queue_draft is True,
            "send_to_unsubscribed": body.send_to_unsubscribed is not False,
            "forget": body.disable_message_retention is True,
        },
    )
    answer = {"delivery_id": delivery["id"], "queued_at": now}
    if wait <= 0:
        delivering.send(part, delivery)
        return answer
    part.later(wait, "send_delivery", {"id": delivery["id"]})
    return {**answer, "send_at": body.send_at}
