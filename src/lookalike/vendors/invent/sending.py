"""Sending a broadcast: to its audience, or to the one recipient that a call names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.clock import parse_instant
from lookalike.models import RequestModel
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.broadcast_documents import BROADCASTS, broadcast_json, broadcast_of
from lookalike.vendors.invent.broadcasts import RESTING
from lookalike.vendors.invent.contacts import contact_of
from lookalike.vendors.invent.delivery import Overrides, deliver
from lookalike.vendors.invent.membership import title
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.problems import missing, rejected
from lookalike.vendors.invent.recipients import RECIPIENTS, recipients_json
from lookalike.vendors.invent.schemas.broadcasts import Broadcast, Trigger, Triggered

routes = Routes(
    "broadcasts", doc="https://docs.useinvent.com/api-reference/orgs-broadcasts/send-a-transactional-broadcast"
)

_AT_ONCE = 10
"""Recipients served between which nobody else comes in."""

_LOT = 50
"""The same of a broadcast that was scheduled; a server that is stopped goes on with the next lot."""

AUDIENCES = Resource("broadcast_audiences")
"""Whom a scheduled broadcast that is under way goes to, in lots: ids of contacts, and of what they were sent."""


@routes.post(
    "/orgs/{org_id}/broadcasts/{broadcast_id}/send",
    accepts=Trigger,
    returns=Triggered | Broadcast,
)
def send_a_broadcast(call: Call, org_id: str, broadcast_id: str) -> Lengthy | dict[str, Any]:
    """Send a marketing broadcast to its audience, or fire a transactional one for one recipient."""
    broadcast = broadcast_of(call, broadcast_id)
    data = call.json() if call.body.strip() else {}
    validate(RequestModel, data)
    if broadcast["type"] == "TRANSACTIONAL":
        return _trigger(call, broadcast, validate(Trigger, data))
    if broadcast["status"] not in RESTING:
        raise rejected("Only broadcasts in DRAFT, CANCELLED or FAILED status can be sent")
    if _is_ahead(call.part, broadcast["scheduled_at"]):
        return _schedule(call.part, broadcast)
    return in_pieces(call.part, _send(call.part, broadcast))


# --- to an audience --------------------------------------------------------------------------------------------------


def _is_ahead(part: Part, at: str | None) -> bool:
    return at is not None and parse_instant(at) > part.clock.now()


def _schedule(part: Part, broadcast: Document) -> dict[str, Any]:
    at: str = broadcast["scheduled_at"]
    after = broadcast | {"status": "SCHEDULED", "updated_at": part.clock.iso()}
    part.collection(BROADCASTS).put(after)
    part.later(parse_instant(at) - part.clock.now(), "send_scheduled", {"id": broadcast["id"], "at": at})
    return broadcast_json(part, after)


def send_scheduled(part: Part, payload: dict[str, Any]) -> None:
    """Begin to send what was scheduled for now, unless it was cancelled or put off since."""
    broadcast = part.collection(BROADCASTS).get(payload["id"])
    if broadcast is None or (broadcast["status"], broadcast["scheduled_at"]) != ("SCHEDULED", payload["at"]):
        return
    lots = [
        {"id": f"{broadcast['id']}/{number}", "contacts": ids, "messages": []}
        for number, ids in enumerate(pieces(_begin(part, broadcast), _LOT))
    ]
    part.collection(AUDIENCES).extend(lots)
    send_lot(part, {"id": broadcast["id"], "lot": 0, "lots": len(lots)})


def send_lot(part: Part, payload: dict[str, Any]) -> None:
    """Send what was scheduled to the next ones of its audience, and see to the others or end it."""
    id, number, last = payload["id"], payload["lot"], payload["lots"] - 1
    lots, known = part.collection(AUDIENCES), part.collection(BROADCASTS).get(id) is not None
    lot = lots.get(f"{id}/{number}")
    if known and lot is not None:
        lots.put({**lot, "messages": _serve(part, id, lot["contacts"])})
    if known and number < last:
        part.later(0, "send_lot", {**payload, "lot": number + 1})
        return
    served = lots.get_many([f"{id}/{number}" for number in range(last + 1)])
    for lot in served:
        lots.delete(lot["id"])
    if known:
        _end(part, id, "schedule", [message for lot in served for message in lot["messages"]])


TASKS = {"send_scheduled": send_scheduled, "send_lot": send_lot}


def _send(part: Part, broadcast: Document) -> Steps[dict[str, Any]]:
    """Deliver to everybody in the audience; meanwhile the broadcast is under way."""
    sent: list[str] = []
    for piece in pieces(_begin(part, broadcast), _AT_ONCE):
        sent += _serve(part, broadcast["id"], piece)
        yield
    return broadcast_json(part, _end(part, broadcast["id"], "api", sent))


def _begin(part: Part, broadcast: Document) -> list[str]:
    """Note that a broadcast is under way; whom it goes to."""
    audience, at = _audience(part, broadcast), part.clock.iso()
    under_way = {"status": "SENDING", "started_at": at, "contacts_count": len(audience), "updated_at": at}
    part.collection(BROADCASTS).put(broadcast | under_way)
    return audience


def _serve(part: Part, broadcast_id: str, contact_ids: Sequence[str]) -> list[str]:
    """Deliver to some; the ids of the messages. Raises the vendor's 404 where the broadcast is no more."""
    broadcast, sent = _under_way(part, broadcast_id), list[str]()
    for contact in part.collection(CONTACTS).get_many(contact_ids):
        sent += _message_ids(_deliver_all(part, broadcast, broadcast["templates"], contact, Overrides()))
    part.collection(BROADCASTS).put(broadcast)
    return sent


def _end(part: Part, broadcast_id: str, trigger: str, sent: list[str]) -> Document:
    broadcast, at = _under_way(part, broadcast_id), part.clock.iso()
    broadcast |= {"status": "SENT", "completed_at": at, "updated_at": at}
    part.collection(BROADCASTS).put(broadcast)
    _keep_run(part, "broadcast", broadcast, trigger, None, sent)
    return broadcast


def _under_way(part: Part, broadcast_id: str) -> Document:
    broadcast = part.collection(BROADCASTS).get(broadcast_id)
    if broadcast is None:
        raise missing("Broadcast")
    return broadcast


def _message_ids(rows: list[Document]) -> list[str]:
    return [row["external_message_id"] for row in rows if row["external_message_id"] is not None]


def _keep_run(
    part: Part, kind: str, broadcast: Document, trigger: str, contact: str | None, messages: list[str]
) -> None:
    by = {"type": trigger, "broadcast_id": broadcast["id"]}
    part.keep_run(kind=kind, name=broadcast["name"], trigger=by, contact=contact, messages=messages)


def _shelves(broadcast: Document) -> list[str]:
    return [people.EVERYBODY] if broadcast["send_to_all"] else list(broadcast["segment_ids"])


def _audience(part: Part, broadcast: Document) -> list[str]:
    return list(dict.fromkeys(id for shelf in _shelves(broadcast) for id in people.ids_on(part, shelf)))


def _deliver_all(
    part: Part,
    broadcast: Document,
    templates: list[Document],
    contact: Document,
    overrides: Overrides,
    channel: Document | None = None,
) -> list[Document]:
    """Deliver by each template and count it in the broadcast, which is not stored here."""
    rows = []
    for template in templates:
        row = deliver(part, broadcast, template, contact, overrides, channel)
        part.collection(RECIPIENTS).put(row)
        template["recipients_count"] += 1
        broadcast["recipients_count"] += 1
        broadcast["skipped_count" if row["is_skipped"] else "sent_count"] += 1
        rows.append(row)
    return rows


# --- to one recipient ------------------------------------------------------------------------------------------------


def _trigger(call: Call, broadcast: Document, body: Trigger) -> dict[str, Any]:
    if broadcast["status"] != "ACTIVE":
        raise rejected("Broadcast is not active")
    if not (body.contact_channel_id or body.contact_id or body.phone or body.email):
        raise rejected("One of contact_channel_id, contact_id, phone and email is required")
    templates = _chosen(broadcast, body.template_ids)
    contact, channel = _recipient(call, body)
    overrides = Overrides(body.phone or None, body.email or None, body.name, body.variables)
    rows = _deliver_all(call.part, broadcast, templates, contact, overrides, channel)
    call.collection(BROADCASTS).put(broadcast)
    _keep_run(call.part, "transactional", broadcast, "api", title(contact), _message_ids(rows))
    if body.background:
        rows = [_enqueued(row) for row in rows]
    return {"recipients": recipients_json(call.part, rows)}


def _chosen(broadcast: Document, ids: list[str] | None) -> list[Document]:
    templates: list[Document] = broadcast["templates"]
    if ids is None:
        return templates
    if not set(ids) <= {template["id"] for template in templates}:
        raise missing("Template")
    return [template for template in templates if template["id"] in ids]


def _recipient(call: Call, body: Trigger) -> tuple[Document, Document | None]:
    """Whom a call means, found or made, and the channel if it names one."""
    if body.contact_channel_id is not None:
        found = people.by_channel(call.part, body.contact_channel_id)
        if found is None:
            raise missing("Channel")
        return found
    if body.contact_id is not None:
        return contact_of(call, body.contact_id), None
    said = {name: value for name, value in (("phone", body.phone), ("email", body.email)) if value}
    for name, value in said.items():
        known = people.found_by(call.part, name, value)
        if known:
            return known[0], None
    return people.upsert(call.part, {"user_id": body.email or body.phone, **said}, ()), None


def _enqueued(row: Document) -> Document:
    """What a call that does not wait is told of a recipient: as it stood before the send."""
    if row["is_skipped"]:
        return row
    return row | {"status": "SENDING", "is_sent": False, "is_sent_at": None, "external_message_id": None}
