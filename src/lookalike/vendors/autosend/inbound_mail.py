"""Mail that comes in: what is kept of it, which conversation it belongs to, and the webhook that tells of it.

What it looks like is documented. Inferred is how threads are told apart, whom which status concerns, what stands among
the headers beside the documented ones, and how the members of the webhook's data are called (which facts it tells is
documented: message id, sender, recipients, subject, domain, threading).
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from lookalike.arrivals import Arrival, CannotArrive, Party
from lookalike.messages import Message
from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend.identity import new_id
from lookalike.vendors.autosend.schemas.fields import normal_email
from lookalike.vendors.autosend.schemas.inbound import STATUSES
from lookalike.vendors.autosend.webhooks import emit

_VERDICTS = ("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict")
_THREADING = ("threadId", "inReplyTo", "inReplyToEmailActivityId", "inReplyToInboundEmailId")
_OUR_HOST = "@autosend.email"
"""What the Message-IDs of mail that was sent end in (I)."""

_ITEM = ("id", "messageId", "domainName", "from", "to", "cc", "subject", "status")
_EVENT = ("id", "messageId", "domainName", "from", "to", "cc", "subject", *_THREADING, "receivedAt")
_ATTACHMENT = ("attachmentId", "filename", "contentType", "size", "index")


def _shelves(mail: Document) -> tuple[str, ...]:
    return ("all",) if mail["status"].startswith("BLOCKED_") else ("all", "let in")


INBOUND = Resource(
    "inbound", indexes=("messageId",), orders=(Order("newest", ("receivedAt",), within=_shelves, text=True),)
)


def receive(part: Part, arrival: Arrival) -> dict[str, Any]:
    """Take in a mail, and tell the webhooks of one that is processed (I). Raises CannotArrive, with nothing changed."""
    status = arrival.status or "PROCESSED"
    if status not in STATUSES:
        raise CannotArrive(f"AutoSend has no status {status!r}: use one of {', '.join(STATUSES)}.")
    headers = {name.lower(): value for name, value in arrival.headers.items()}
    threading, references = _threading(part, arrival.in_reply_to or headers.get("in-reply-to"))
    sender, to = _address(arrival.sender), [_address(party) for party in arrival.to]
    cc, reply_to = ([_address(party) for party in parties] for parties in (arrival.cc, arrival.reply_to))
    id = new_id(part)
    mail: Document = {
        "id": id,
        "providerMessageId": part.ids.hex(40),
        "messageId": headers.get("message-id") or f"<{part.ids.hex(32)}@{_domain(sender)}>",
        "domainName": _domain(to[0]),
        "from": sender,
        "to": to,
        "cc": cc,
        "bcc": [],
        "replyTo": reply_to,
        "subject": arrival.subject,
        "text": arrival.text or "",
        "html": arrival.html or "",
        "attachments": [
            {
                "attachmentId": f"att_{new_id(part)}",
                "filename": file.filename,
                "contentType": file.content_type,
                "size": len(file.content),
                "index": index,
                "content": b64encode(file.content).decode(),
            }
            for index, file in enumerate(arrival.attachments)
        ],
        **dict.fromkeys(_VERDICTS, "PASS"),
        "status": status,
        **{"threadId": id, **threading},
        "receivedAt": part.clock.iso(),
    }
    mail["headers"] = _headers(mail, references, part.clock.now()) | headers
    part.collection(INBOUND).put(mail)
    if status == "PROCESSED":
        emit(part, "email.received", {name: mail[name] for name in _EVENT})
    return inbound_json(mail)


def inbound_json(mail: Document) -> dict[str, Any]:
    """A mail as AutoSend shows it whole; of its attachments the content is not shown."""
    attachments = [{name: file[name] for name in _ATTACHMENT} for file in mail["attachments"]]
    return {
        **{name: mail[name] for name in ("id", "providerMessageId", "messageId", "domainName", "from", "to", "cc")},
        **{name: mail[name] for name in ("bcc", "replyTo", "subject", "text", "html")},
        "attachments": attachments,
        **{name: mail[name] for name in ("headers", *_VERDICTS, "status", *_THREADING, "receivedAt")},
    }


def item_json(mail: Document) -> dict[str, Any]:
    """A mail as lists show it."""
    shown = {name: mail[name] for name in _ITEM}
    return {**shown, "attachmentCount": len(mail["attachments"]), "receivedAt": mail["receivedAt"]}


def references_to(mail: Document) -> str:
    """The header `References` of what answers a mail: all that its own names, and the mail."""
    return " ".join(filter(None, (mail["headers"].get("references"), mail["messageId"])))


def _threading(part: Part, answered: str | None) -> tuple[dict[str, Any], str | None]:
    """What a mail says of what it answers, with the thread where that follows from it, and its references.

    All replies to a mail that was sent are one thread; it has the mail's id unless that was a reply itself (I).
    """
    told: dict[str, Any] = {name: None for name in _THREADING if name != "threadId"}
    if answered is None:
        return told, None
    mails = part.collection(INBOUND)
    mail = mails.get(answered) or mails.one("messageId", answered)
    if mail is not None:
        told |= {"threadId": mail["threadId"], "inReplyToInboundEmailId": mail["id"]}
        return told | {"inReplyTo": mail["messageId"]}, references_to(mail)
    sent = _sent(part, answered)
    if sent is not None:
        message_id = f"<{sent['id']}{_OUR_HOST}>"
        told |= {"threadId": sent.get("threadId", sent["id"]), "inReplyToEmailActivityId": sent["id"]}
        earlier = (sent.get("headers") or {}).get("References")
        return told | {"inReplyTo": message_id}, f"{earlier} {message_id}" if earlier else message_id
    if not answered.startswith("<"):
        raise CannotArrive(f"There is no mail {answered!r} to reply to: give its id, or a Message-ID in <...>.")
    return told | {"inReplyTo": answered}, answered


def _sent(part: Part, answered: str) -> Message | None:
    """The mail that was sent under this id or Message-ID."""
    ours = answered.startswith("<") and answered.endswith(f"{_OUR_HOST}>")
    message = part.workspace.messages.get(answered[1 : -len(_OUR_HOST) - 1] if ours else answered)
    return message if message is not None and message["vendor"] == part.vendor.name else None


def _address(party: Party) -> dict[str, str | None]:
    if normal_email(party.email) is None:
        raise CannotArrive(f"{party.email!r} is no address for AutoSend: use one like ann@example.com.")
    return {"email": party.email, "name": party.name}


def _domain(address: dict[str, str | None]) -> str:
    return str(address["email"]).rpartition("@")[2].lower()


def _headers(mail: Document, references: str | None, now: float) -> dict[str, str]:
    """The headers that follow from the rest; their names are in lower case (D)."""
    told = {
        "from": _written([mail["from"]]),
        "to": _written(mail["to"]),
        "cc": _written(mail["cc"]),
        "reply-to": _written(mail["replyTo"]),
        "subject": mail["subject"],
        "date": format_datetime(datetime.fromtimestamp(now, UTC)),
        "message-id": mail["messageId"],
        "in-reply-to": mail["inReplyTo"],
        "references": references,
    }
    return {name: value for name, value in told.items() if value}


def _written(addresses: list[dict[str, str | None]]) -> str:
    return ", ".join(
        f"{one['name']} <{one['email']}>" if one["name"] is not None else str(one["email"]) for one in addresses
    )
