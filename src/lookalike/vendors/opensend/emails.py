"""Sending: one email, or up to a hundred at once."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.clock import parse_instant
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.opensend import jsonb, outgoing, sandbox_recipients, unsubscribe
from lookalike.vendors.opensend.credentials import caller
from lookalike.vendors.opensend.logs import logged
from lookalike.vendors.opensend.outgoing import EMAILS
from lookalike.vendors.opensend.problems import flatten, invalid, public
from lookalike.vendors.opensend.rendering import rendered, wants_unsubscribe_link, with_unsubscribe_link
from lookalike.vendors.opensend.schedules import MESSAGE, parse_schedule
from lookalike.vendors.opensend.schemas.emails import BatchInput, BatchSent, EmailInput, EmailSent
from lookalike.vendors.opensend.suppressions import suppressed
from lookalike.vendors.opensend.templates import TEMPLATES
from lookalike.vendors.opensend.topics import TOPICS
from lookalike.vendors.opensend.validation import check, read_json

DOCS = "https://opensend.namuh.co/docs/api-reference/emails"

routes = Routes("emails", doc=DOCS)

REPLAYED_FOR = 86_400.0
"""Seconds for which an idempotency key answers with what it first led to."""

MIXED = "Sandbox test recipients cannot be mixed with real recipients or different sandbox outcomes in the same email."


@routes.post(
    "/emails",
    "/api/emails",
    accepts=EmailInput,
    returns=EmailSent,
    source="S",
    doc=f"{DOCS}/send-email",
    extras={"envelope": "B", "sending": True, "traced": True, "fallback": "Failed to send email."},
)
@logged
def send_email(call: Call) -> dict[str, Any]:
    """Send an email, now or at a scheduled time."""
    key = _idempotency_key(call)
    body = _read(call, EmailInput)
    _require_domain(call, [body])
    _require_topic(call, body, ("topic_id",))
    known = _known(call, key)
    if known is not None:
        call.notes["emails"] = [known["id"]]
        return {"id": known["id"]}
    refusal = _mixed(body) or _suppressed(call, body)
    if refusal is not None:
        raise refusal
    email = outgoing.accept(call.part, _draft(call, body) | {"idempotency_key": key})
    call.notes["emails"] = [email["id"]]
    return {"id": email["id"]}


@routes.post(
    "/emails/batch",
    "/api/emails/batch",
    accepts=BatchInput,
    returns=BatchSent,
    source="S",
    doc=f"{DOCS}/send-batch-emails",
    extras={"envelope": "B", "sending": True, "traced": True, "fallback": "Failed to send batch emails."},
)
@logged
def send_batch(call: Call) -> dict[str, Any]:
    """Send up to 100 emails; those to suppressed recipients get their refusal in their slot."""
    key = _idempotency_key(call)
    known = _known(call, key)
    if known is not None:
        answer: dict[str, Any] = known["idempotent_answer"] or {"data": [{"id": known["id"]}]}
        call.notes["emails"] = [slot["id"] for slot in answer["data"] if "id" in slot]
        return answer
    bodies = _read(call, BatchInput)
    _require_domain(call, bodies)
    for index, body in enumerate(bodies):
        _require_topic(call, body, (index, "topic_id"))
    mixed = next((refusal for body in bodies if (refusal := _mixed(body)) is not None), None)
    if mixed is not None:
        raise mixed
    return _send_all(call, bodies, key)


def _send_all(call: Call, bodies: list[dict[str, Any]], key: str | None) -> dict[str, Any]:
    slots: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    refusals = [_suppressed(call, body) for body in bodies]
    for body, refusal in zip(bodies, refusals, strict=True):
        if refusal is not None:
            slots.append({"error": _envelope(refusal)})
            continue
        draft = _draft(call, {name: body[name] for name in body if name != "template"})
        email = outgoing.accept(call.part, draft | {"idempotency_key": None if sent else key})
        sent.append(email)
        slots.append({"id": email["id"]})
    answer = {"data": slots}
    if key is not None and sent:
        call.collection(EMAILS).put(sent[0] | {"idempotent_answer": answer})
    call.notes["emails"] = [email["id"] for email in sent]
    return answer


def _envelope(problem: Problem) -> dict[str, Any]:
    return {
        "name": problem.code,
        "code": problem.code,
        "message": problem.message,
        "statusCode": 422,
        "details": problem.details,
    }


# --- reading ----------------------------------------------------------------------------------------------------


def _idempotency_key(call: Call) -> str | None:
    """The key, if there is one. Raises Problem("malformed") for one that is too long."""
    key = call.header("Idempotency-Key")
    if key is not None and len(key) > 256:
        message = "Idempotency-Key must be between 1 and 256 characters."
        raise public("malformed", "invalid_idempotency_key", message)
    return key


def _known(call: Call, key: str | None) -> dict[str, Any] | None:
    """The email that a key led to within the last day."""
    email = call.collection(EMAILS).one("idempotency_key", key) if key is not None else None
    if email is None or parse_instant(email["created_at"]) < call.clock.now() - REPLAYED_FOR:
        return None
    return email


def _read(call: Call, model: Any) -> Any:
    """The body by its model and, since only the clock can tell, by its schedules. Raises Problem."""
    try:
        data = read_json(call)
    except Problem:
        call.notes["asked"] = {"error": "invalid_json"}
        raise
    call.notes["asked"] = data
    late = _late(call, data)
    try:
        body = check(model, data)
    except Problem as problem:
        raise invalid(*problem.extra["issues"], *late) from None
    if late:
        raise invalid(*late)
    return jsonb.stored(body)


def _late(call: Call, data: Any) -> list[tuple[tuple[str | int, ...], str]]:
    items = [((index,), item) for index, item in enumerate(data)] if isinstance(data, list) else [((), data)]
    now = call.clock.now()
    return [
        ((*path, "scheduled_at"), MESSAGE)
        for path, item in items
        if isinstance(item, dict)
        and isinstance(item.get("scheduled_at"), str)
        and parse_schedule(item["scheduled_at"], now) is None
    ]


def _listed(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name) or []
    return [value] if isinstance(value, str) else value


def _recipients(body: dict[str, Any]) -> list[str]:
    return [address for name in ("to", "cc", "bcc") for address in _listed(body, name)]


# --- what may not be sent ---------------------------------------------------------------------------------------


def _require_domain(call: Call, bodies: list[dict[str, Any]]) -> None:
    """A sending key that was made for one domain sends from no other."""
    key = caller(call)
    allowed = key["domain"]
    if allowed is None or key["permission"] != "sending_access":
        return
    for body in bodies:
        domain = body["from"].rpartition("@")[2].lower()
        if domain != allowed.lower():
            message = "This API key is restricted to sending from a different domain."
            details = {"restrictedDomain": allowed, "fromDomain": domain}
            raise public("forbidden", "api_key_domain_restricted", message, details=details)


def _require_topic(call: Call, body: dict[str, Any], path: tuple[str | int, ...]) -> None:
    topic_id = body.get("topic_id")
    if topic_id is not None and call.collection(TOPICS).get(topic_id.lower()) is None:
        raise invalid((path, "topic_id must reference a topic owned by the authenticated user."))


def _mixed(body: dict[str, Any]) -> Problem | None:
    if len(sandbox_recipients.outcomes(_recipients(body))) <= 1:
        return None
    message = f"{MIXED} Use separate batch items instead."
    return public("invalid", "validation_error", message, details=flatten([((), MIXED)]))


def _suppressed(call: Call, body: dict[str, Any]) -> Problem | None:
    """The refusal of an email to suppressed recipients, told to the webhooks too."""
    recipients = _recipients(body)
    if sandbox_recipients.outcomes(recipients) == {"suppressed"}:
        found = [{"email": address, "reason": "suppressed"} for address in recipients]
        because = "" if len(found) == 1 else None
        scope = "sandbox"
    else:
        found = [{"email": one["email"], "reason": one["reason"]} for one in suppressed(call.part, _listed(body, "to"))]
        because = " because it " + ("bounced" if found and found[0]["reason"] == "bounced" else "complained")
        scope = "user"
    if not found:
        return None
    _tell_suppressed(call, found)
    message = (
        "One or more recipients are suppressed."
        if because is None
        else f"Recipient {found[0]['email']} is suppressed{because}. Remove the suppression before sending again."
    )
    details = {
        "recipients": ",".join(one["email"] for one in found),
        "reason": found[0]["reason"],
        "scope": scope,
    }
    return public("invalid", "recipient_suppressed", message, details=details)


def _tell_suppressed(call: Call, found: list[dict[str, str]]) -> None:
    now = call.clock.iso()
    payload = {
        "reason": "recipient_suppressed",
        "recipients": found,
        "recipient_count": len(found),
        "submitted_at": now,
    }
    outgoing.tell(call.part, "suppressed", payload, email_id=None, at=now)


# --- what is sent -----------------------------------------------------------------------------------------------


def _draft(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """What `outgoing.accept` takes, with the template and the unsubscribe link filled in."""
    schedule = body.get("scheduled_at")
    content = {"subject": body["subject"], "html": body.get("html", ""), "text": body.get("text", "")}
    if "template" in body:
        content = _from_template(call, body["template"], body["subject"])
    draft = {
        "from": body["from"],
        **{name: _listed(body, name) for name in ("to", "cc", "bcc", "reply_to")},
        **content,
        "tags": body.get("tags", []),
        "headers": body.get("headers", {}),
        "attachments": [{"id": call.ids.uuid4(), **attachment} for attachment in body.get("attachments", [])],
        "scheduled_at": parse_schedule(schedule, call.clock.now()) if schedule is not None else None,
        "topic_id": body.get("topic_id"),
    }
    return draft | _linked(call, draft)


def _linked(call: Call, draft: dict[str, Any]) -> dict[str, Any]:
    """The unsubscribe link in place, for the only recipient, if they are a contact who is not unsubscribed."""
    if len(draft["to"]) != 1 or not wants_unsubscribe_link(draft):
        return {}
    link = unsubscribe.link_for(call.part, call.base_url, draft["to"][0])
    return {} if link is None else with_unsubscribe_link(draft, link)


def _from_template(call: Call, use: dict[str, Any], subject: str) -> dict[str, str]:
    template = call.collection(TEMPLATES).get(use["id"].lower())
    if template is None:
        raise public("not_found", "not_found", "Template not found.")
    return rendered(template, use.get("variables", {}), subject)
