"""What follows from something that happened to a sent email, as the provider's notifications lead to it.

The provider is SES, and what it says is stored and told to webhooks as it came (S): the payloads are its own, in the
shapes it documents. Delivery, bounce and complaint change the email's state; an open and a click do not (S), so that
neither `last_event` nor a broadcast's metrics know of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lookalike.clock import iso, parse_instant
from lookalike.messages import CannotHappen, Happening, Message
from lookalike.part import Part
from lookalike.vendors.opensend import outgoing, unsubscribe
from lookalike.vendors.opensend.contacts import CONTACTS
from lookalike.vendors.opensend.outgoing import EMAILS
from lookalike.vendors.opensend.topics import TOPICS

Document = dict[str, Any]

MTA = "a8-70.smtp-out.amazonses.com"
_AGENT = "Mozilla/5.0 (compatible; lookalike)"
_IP = "127.0.0.1"

_BOUNCES = {
    "permanent": ("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 (Unknown User)"),
    "transient": ("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 (Mailbox full)"),
}
"""Type, kind, status and words of a bounce; the words are those of the sandbox's own recipients, or ours."""

_COMPLAINTS = ("abuse", "auth-failure", "fraud", "not-spam", "other", "virus")
"""The kinds of complaints that mail providers tell of (RFC 5965)."""

_CHANGES_STATE = ("delivered", "bounced", "complained")
_SUPPRESSES = {"bounced": ("bounceType", "Permanent"), "complained": ("complaintFeedbackType", None)}
"""What suppresses the recipients: the member of the payload that the suppression repeats, and its only value if any."""


def happen(part: Part, message: Message, happening: Happening) -> None:
    """Draw the consequences. Raises CannotHappen, with nothing changed."""
    email = _under_way(part, message["id"])
    if happening.type == "unsubscribed":
        contacts = _unsubscribed(part, email, happening)
        _send(part, email)
        for contact in contacts:
            part.collection(CONTACTS).put(contact)
        return
    payload = _PAYLOADS[happening.type](part, happening)
    email = _send(part, email)
    if happening.type in _CHANGES_STATE:
        outgoing.keep(part, email | {"status": happening.type})
    outgoing.tell(part, happening.type, payload, email_id=email["id"], at=iso(happening.at))
    _suppress(part, email, happening, payload)


def _under_way(part: Part, id: str) -> Document:
    """The email, sent or just about to be. Raises CannotHappen."""
    email = part.collection(EMAILS).get(id)
    if email is None:
        raise CannotHappen("OpenSend no longer has this email.")
    if email["status"] == "scheduled":
        when = email["scheduled_at"] or "a time that nobody set"
        raise CannotHappen(f"The email waits for {when}: move the clock there first.")
    if email["status"] == "canceled":
        raise CannotHappen("The email was canceled, so it was never sent.")
    return email


def _send(part: Part, email: Document) -> Document:
    """The email, handed over if it was just taken in."""
    if email["status"] != "queued":
        return email
    outgoing.send(part, email, part.clock.iso())
    return part.collection(EMAILS).get(email["id"]) or email


def _delivery(_part: Part, happening: Happening) -> Document:
    return {
        "timestamp": iso(happening.at),
        "processingTimeMillis": 500,
        "recipients": list(happening.recipients),
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": MTA,
    }


def _bounce(part: Part, happening: Happening) -> Document:
    type, kind, status, words = _BOUNCES[happening.bounce or "permanent"]
    said = {"action": "failed", "status": status, "diagnosticCode": happening.reason or words}
    return {
        "bounceType": type,
        "bounceSubType": kind,
        "bouncedRecipients": [{"emailAddress": address, **said} for address in happening.recipients],
        "timestamp": iso(happening.at),
        "feedbackId": _provider_id(happening.at, part.ids.uuid4()),
        "reportingMTA": f"dsn; {MTA}",
    }


def _complaint(part: Part, happening: Happening) -> Document:
    kind = happening.reason or "abuse"
    if kind not in _COMPLAINTS:
        raise CannotHappen(f"A complaint has no kind {kind!r}: use one of {', '.join(_COMPLAINTS)}.")
    return {
        "complainedRecipients": [{"emailAddress": address} for address in happening.recipients],
        "timestamp": iso(happening.at),
        "feedbackId": _provider_id(happening.at, part.ids.uuid4()),
        "complaintSubType": None,
        "complaintFeedbackType": kind,
        "arrivalDate": iso(happening.at),
    }


def _open(_part: Part, happening: Happening) -> Document:
    return {
        "timestamp": iso(happening.at),
        "userAgent": happening.user_agent or _AGENT,
        "ipAddress": happening.ip or _IP,
    }


def _click(part: Part, happening: Happening) -> Document:
    return {**_open(part, happening), "link": happening.url, "linkTags": None}


_PAYLOADS: dict[str, Callable[[Part, Happening], Document]] = {
    "delivered": _delivery,
    "bounced": _bounce,
    "complained": _complaint,
    "opened": _open,
    "clicked": _click,
}


def _provider_id(at: float, uuid: str) -> str:
    """An id as SES makes them: the time in milliseconds and a UUID."""
    return f"01000{int(at * 1000):011x}-{uuid}-000000"


def _suppress(part: Part, email: Document, happening: Happening, payload: Document) -> None:
    """A permanent bounce and a complaint suppress those concerned (S)."""
    name, only = _SUPPRESSES.get(happening.type, (None, None))
    if name is None or (only is not None and payload[name] != only):
        return
    event_id = part.ids.uuid4()
    message_id = _provider_id(parse_instant(email["created_at"]), email["id"])
    outgoing.suppress_recipients(
        part, email, list(happening.recipients), happening.type, event_id, message_id, {name: payload[name]}
    )


def _unsubscribed(part: Part, email: Document, happening: Happening) -> list[Document]:
    """The contacts as they are once they have used the email's link; with a `group`, a topic, they only opt out of it.

    No webhook is told of it. Raises CannotHappen.
    """
    if "List-Unsubscribe" not in email["headers"]:
        raise CannotHappen(
            "The email has no unsubscribe link: put {{{OPENSEND_UNSUBSCRIBE_URL}}} into one to a contact."
        )
    contacts = [_contact(part, address) for address in happening.recipients]
    if happening.group is None:
        return [unsubscribe.unsubscribed(contact) for contact in contacts]
    topic = _topic(part, happening.group)
    return [unsubscribe.opted_out(contact, topic["id"]) for contact in contacts]


def _contact(part: Part, address: str) -> Document:
    contact = part.collection(CONTACTS).one("email", address.lower())
    if contact is None:
        raise CannotHappen(f"{address} is no contact any more.")
    return contact


def _topic(part: Part, name: str) -> Document:
    topics = part.collection(TOPICS)
    found = topics.get(name) or topics.one("name", name)
    if found is None:
        raise CannotHappen(f"There is no topic {name!r}: give a topic's id or name.")
    return found
