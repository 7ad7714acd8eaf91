"""Transactional sends: accepted, judged against the suppressions, and kept as messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.vendors.autosend import suppressions
from lookalike.vendors.autosend.handlebars import fill
from lookalike.vendors.autosend.identity import new_id
from lookalike.vendors.autosend.message_events import SENT_AFTER
from lookalike.vendors.autosend.problems import rejected
from lookalike.vendors.autosend.schemas.fields import Success
from lookalike.vendors.autosend.schemas.mails import (
    Address,
    BulkInput,
    BulkQueued,
    Content,
    Queued,
    Recipient,
    SendInput,
)

IDEMPOTENCY = Resource("idempotency")
"""The answers given to an `Idempotency-Key`; `forget_answer` takes them away again."""

_REMEMBERED_SECONDS = 86400.0
_MOST_ADDRESSES = 50

routes = Routes("mails", doc="https://docs.autosend.com/api-reference/mails")


@routes.post("/v1/mails/send", accepts=SendInput, returns=Success[Queued])
def send_email(call: Call) -> dict[str, Any]:
    """Send one mail.

    A suppressed recipient does not fail the call (I). Every sending domain counts as verified, and any template id as
    known (I).
    """
    return _once(call, _send)


@routes.post("/v1/mails/bulk", accepts=BulkInput, returns=Success[BulkQueued])
def send_bulk_email(call: Call) -> dict[str, Any]:
    """Send a mail to up to 100 recipients, one message each; a recipient that is no address only counts as failed."""
    return _once(call, _send_bulk)


def _send(call: Call) -> dict[str, Any]:
    body = validate(SendInput, _present(call, "from", "to"))
    _check_content(body)
    addresses = [*body.to, *(body.cc or ()), *(body.bcc or ())]
    if len(addresses) > _MOST_ADDRESSES:
        raise rejected("to", f"The total of to, cc and bcc must not exceed {_MOST_ADDRESSES} recipients")
    message = compose(call.part, body, body.from_, body.to, cc=body.cc, bcc=body.bcc, data=body.dynamicData)
    queue(call.part, message)
    data = {
        "emailId": message["id"],
        "message": "Email queued successfully.",
        "totalRecipients": len(addresses),
    }
    return {"success": True, "data": data}


def _send_bulk(call: Call) -> dict[str, Any]:
    body = validate(BulkInput, _present(call, "from", "recipients"))
    _check_content(body)
    batch, failed = call.ids.uuid4(), 0
    for row in body.recipients:
        try:
            one = validate(Recipient, row)
        except Problem:
            failed += 1
            continue
        data = {**(body.dynamicData or {}), **(one.dynamicData or {})} or None
        to = [Address(email=one.email, name=one.name)]
        message = compose(call.part, body, body.from_, to, cc=one.cc, bcc=one.bcc, data=data)
        queue(call.part, {**message, "batchId": batch})
    total = len(body.recipients)
    counts = {"totalRecipients": total, "successCount": total - failed, "failedCount": failed}
    return {"success": True, "data": {"batchId": batch, **counts}}


def queue(part: Part, message: dict[str, Any]) -> None:
    """Keep a message, and have it sent unless everybody is suppressed."""
    part.keep_message(message)
    if message["status"] == "queued":
        part.later(SENT_AFTER, "send_mail", {"id": message["id"]})


def _present(call: Call, *names: str) -> dict[str, Any]:
    """The body as an object that has these members; of a missing one the vendor complains in a form of its own."""
    data = call.json()
    if not isinstance(data, dict):
        raise Problem("invalid")
    for name in names:
        if data.get(name) is None:
            # S for `to`; the others by analogy (I).
            raise Problem("invalid", f"The '{name}' field is required")
    return data


def _check_content(body: Content) -> None:
    if body.templateId:
        return
    if not body.subject:
        raise rejected("subject", "Subject is required")
    if not body.html and not body.text:
        raise rejected("html", "Provide html, text or templateId")


def compose(
    part: Part,
    content: Content,
    sender: Address,
    to: list[Address],
    *,
    cc: list[Address] | None,
    bcc: list[Address] | None,
    data: dict[str, Any] | None,
) -> dict[str, Any]:
    """A message as the outbox keeps it, its variables filled in and judged against the suppressions."""
    suppressed = [] if content.bypassSuppressions else _suppressed(part, to, content.unsubscribeGroupId)
    more = content.model_dump(
        include={"templateId", "unsubscribeGroupId", "trackingClick", "trackingOpen", "headers", "test"},
        exclude_none=True,
    )
    if content.attachments:
        more["attachments"] = [item.model_dump(exclude_none=True) for item in content.attachments]
    if content.replyTo is not None:
        more["replyTo"] = content.replyTo.email
    names = {address.email: address.name for address in (*to, *(cc or ()), *(bcc or ())) if address.name is not None}
    if names:
        more["names"] = names
    return {
        "id": new_id(part),
        "from": sender.email,
        "fromName": sender.name,
        "to": [address.email for address in to],
        "cc": [address.email for address in cc or ()],
        "bcc": [address.email for address in bcc or ()],
        **_filled(part, content, to[0].email, data),
        "dynamicData": data,
        "created_at": part.clock.iso(),
        "status": "suppressed" if len(suppressed) == len(to) else "queued",
        "suppressed": suppressed,
        **more,
    }


def _filled(part: Part, content: Content, email: str, data: dict[str, Any] | None) -> dict[str, str | None]:
    """Subject, html and text with the variables in them, `email` and `date` included; what a template holds is unknown.

    Only in html are values escaped, and the form of `date` is ours (I).
    """
    values = {"email": email, "date": part.clock.iso()[:10], **(data or {})}
    return {
        name: None if text is None else fill(text, values, escape=name == "html")
        for name, text in (("subject", content.subject), ("html", content.html), ("text", content.text))
    }


def _suppressed(part: Part, to: list[Address], group: str | None) -> list[str]:
    return [address.email for address in to if suppressions.is_suppressed(part, address.email, group)]


def _once(call: Call, act: Callable[[Call], dict[str, Any]]) -> dict[str, Any]:
    """Act, unless the same `Idempotency-Key` was answered within 24 hours: then that answer again (I)."""
    key = call.header("Idempotency-Key")
    if key is None:
        return act(call)
    answers = call.collection(IDEMPOTENCY)
    id = f"{call.path} {key}"
    known = answers.get(id)
    if known is not None:
        answer: dict[str, Any] = known["answer"]
        return answer
    answer = act(call)
    answers.put({"id": id, "answer": answer})
    call.part.later(_REMEMBERED_SECONDS, "forget_answer", {"id": id})
    return answer


def forget_answer(part: Part, payload: dict[str, Any]) -> None:
    """Let an `Idempotency-Key` be used anew."""
    part.collection(IDEMPOTENCY).delete(payload["id"])


TASKS = {"forget_answer": forget_answer}
