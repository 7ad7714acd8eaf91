"""What becomes of a mail: it is sent, and what is then said to have happened to it has its consequences.

Half a second after it was queued a mail counts as sent (I); the rest is for the control API to tell. Webhooks are told
of each recipient, since an event names one. Permanent bounces and complaints suppress an address globally (I, as the
vendor's own entries do), unsubscribing does so in a group or globally. What an event's data says of it beside the
documented members is inferred: `bounceType`, `url`, `userAgent`, `ipAddress`; events on subscriptions are documented to
be of another form, which is inferred as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.clock import iso
from lookalike.messages import CannotHappen, Happening, Message
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import suppressions
from lookalike.vendors.autosend.webhooks import emit

SENT_AFTER = 0.5
"""Seconds from queued to sent."""

_EVENTS = {
    "delivered": "email.delivered",
    "opened": "email.opened",
    "clicked": "email.clicked",
    "bounced": "email.bounced",
    "complained": "email.spam_reported",
}
_STATUSES = {"complained": "spam_reported"}
_TRACKED = {"opened": "trackingOpen", "clicked": "trackingClick"}
_BOUNCES = {"permanent": "Permanent", "transient": "Transient"}
_FAILURES = {"bounced": "BOUNCE", "complained": "SPAM_COMPLAINT"}
_PARENTS = ("campaignId", "templateId", "workflowAutomationId", "batchId")


def send_mail(part: Part, payload: dict[str, Any]) -> None:
    """Send a queued mail, unless that was done before."""
    message = part.workspace.messages.get(payload["id"])
    if message is not None and message["status"] == "queued":
        _send(part, message)


def _send(part: Part, message: Message) -> Message:
    sent = {**message, "status": "sent"}
    part.keep_message(sent)
    reached = [address for address in _addresses(message) if address not in message["suppressed"]]
    _tell(part, "email.sent", sent, reached, {})
    return sent


def happen(part: Part, message: Message, happening: Happening) -> None:
    """Draw the consequences. Raises CannotHappen, with nothing changed."""
    _check(message, happening)
    group = None
    if happening.type == "unsubscribed":
        group = _group(part, happening.group or message.get("unsubscribeGroupId"))
    if message["status"] == "queued":
        message = _send(part, message)
    if group is not None:
        _unsubscribe(part, group, happening)
    else:
        _tell(part, _EVENTS[happening.type], message, happening.recipients, _details(happening))
        _suppress(part, happening)
    part.keep_message({**message, "status": _STATUSES.get(happening.type, happening.type)})


def _check(message: Message, happening: Happening) -> None:
    gone = [address for address in happening.recipients if address.lower() in message.get("suppressed", ())]
    if gone:
        raise CannotHappen(f"{gone[0]} is suppressed, so the mail was never sent there: name another recipient.")
    tracked = _TRACKED.get(happening.type)
    if tracked is not None and message.get(tracked) is False:
        raise CannotHappen(f"The mail was sent with {tracked} false, so AutoSend does not see it {happening.type}.")


def _addresses(message: Message) -> list[str]:
    return list(dict.fromkeys(address for name in ("to", "cc", "bcc") for address in message.get(name) or ()))


def _tell(part: Part, type: str, message: Message, addresses: Iterable[str], details: Mapping[str, Any]) -> None:
    names = message.get("names", {})
    for address in addresses:
        to = {"email": address} | ({"name": names[address]} if address in names else {})
        data = {"emailId": message["id"], "from": message["from"], "to": to, "subject": message["subject"]}
        data["test"] = bool(message.get("test"))
        parents = {name: message[name] for name in _PARENTS if message.get(name) is not None}
        emit(part, type, {**data, **parents, **details})


def _details(happening: Happening) -> dict[str, Any]:
    said = {
        "bounceType": _BOUNCES.get(happening.bounce or ""),
        "reason": happening.reason,
        "url": happening.url,
        "userAgent": happening.user_agent,
        "ipAddress": happening.ip,
    }
    return {name: value for name, value in said.items() if value is not None}


def _suppress(part: Part, happening: Happening) -> None:
    reason = _FAILURES.get(happening.type)
    if reason is None or happening.bounce == "transient":
        return
    group, at = suppressions.standing(part, "global"), iso(happening.at)
    for address in happening.recipients:
        suppressions.suppress(part, address.lower(), group, reason, at)


def _unsubscribe(part: Part, group: Document, happening: Happening) -> None:
    for address in happening.recipients:
        email = address.lower()
        suppressions.suppress(part, email, group, "unsubscribed", iso(happening.at))
        if group["isGlobal"]:
            emit(part, "email.unsubscribed", {"email": email})
        else:
            emit(part, "email.group_unsubscribed", {"email": email, "groupId": group["groupId"]})


def _group(part: Part, code: str | None) -> Document:
    """What is unsubscribed from: the named group or the mail's own, else everything. Raises CannotHappen."""
    if code is None:
        return suppressions.standing(part, "global")
    groups = part.collection(suppressions.GROUPS)
    found = groups.one("groupId", code) or groups.get(code) or groups.one("name", code)
    if found is None:
        raise CannotHappen(f"There is no suppression group {code!r}: give a group's code, id or name.")
    return found


TASKS = {"send_mail": send_mail}
