"""API-triggered broadcasts: one message for many, set off by a call.

No operation makes a broadcast, so the sandbox takes them as made: each number up to `HIGHEST` stands for a broadcast,
which is listed from its first trigger on. It mails whomever the trigger names; of its own it has no audience.
"""

from __future__ import annotations

from typing import Any

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, at_once, in_pieces, pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import audiences, delivering
from lookalike.vendors.customerio.data_files import File, with_file
from lookalike.vendors.customerio.deliveries import add_delivery
from lookalike.vendors.customerio.identity import delivery_id, next_number, ulid
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.problems import bad_request, missing, unprocessable
from lookalike.vendors.customerio.schemas.broadcasts import (
    BroadcastAnswer,
    Broadcasts,
    ErrorsQuery,
    Trigger,
    Triggered,
    TriggerErrors,
    TriggerInput,
    Triggers,
)

HIGHEST = 999
AT_ONCE = 1000
"""People who are served before the trigger is answered, and in each second after that (I)."""
LOT = 50
"""People who are served in one go."""

BROADCASTS = Resource("broadcasts", orders=(Order("number", ("number",)),))
TRIGGERS = Resource(
    "triggers", orders=(Order("number", ("number",)), Order("listed", ("number",), within="broadcast_id"))
)
AUDIENCES = Resource("trigger_audiences")
"""Whom a trigger names, in lots: rows of cio_id and data. Gone when they are served."""

_DOC = "https://docs.customer.io/integrations/api/app/tag/"

routes = Routes("broadcasts", doc=_DOC + "broadcasts/")


# --- triggers --------------------------------------------------------------------------------------------------------


@routes.post(
    "/v1/campaigns/{broadcast_id}/triggers",
    body=TriggerInput,
    returns=Triggered,
    doc=_DOC + "send-messages/triggerBroadcast/",
)
def trigger_broadcast(call: Call, broadcast_id: str, body: TriggerInput) -> dict[str, Any] | Lengthy:
    """Send a broadcast. One that names people who are not there is kept with its errors and sends nothing."""
    part, number = call.part, _existing(broadcast_id)
    audiences.check(body)
    return with_file(part, body.data_file_url, lambda file: in_pieces(part, _trigger_now(part, number, body, file)))


def _trigger_now(part: Part, number: int, body: TriggerInput, file: File) -> Steps[dict[str, Any]]:
    audience = yield from audiences.read(part, body, file)
    _note_broadcast(part, number)
    trigger: Document = {
        "number": next_number(part, TRIGGERS),
        "broadcast_id": number,
        "created_at": int(part.clock.now()),
        "processed_at": None,
        "errors": audience.errors,
        "data": body.data,
    }
    trigger["id"] = str(trigger["number"])
    failed = bool(audience.errors) and body.data_file_url is None
    part.collection(TRIGGERS).put(trigger | ({"processed_at": trigger["created_at"]} if failed else {}))
    if failed:
        raise unprocessable(
            "Errors were found while processing per user data (ids, emails or json data)."
            f" More detail available from the errors endpoint for trigger {trigger['number']}",
            "/data/attributes/per_user_data",
        )
    rows = [] if audience.errors else audience.rows
    for lot, piece in enumerate(pieces(rows, LOT)):
        part.collection(AUDIENCES).put({"id": f"{trigger['id']}/{lot}", "rows": piece})
        yield
    lots = range(0, min(len(rows), AT_ONCE), LOT)
    sent: list[str] = []
    for lot in range(len(lots)):
        yield from _serve(part, trigger, lot, sent)
    _go_on(part, trigger, len(lots))
    by = {"type": "api", "broadcast_id": number, "trigger_id": trigger["number"]}
    part.keep_run(kind="broadcast", name=f"Broadcast {number}", trigger=by, contact=None, messages=sent)
    return {"id": trigger["number"]}


def _number(id: str) -> int:
    if not (id.isascii() and id.isdigit() and len(id) < 10):
        raise bad_request()
    return int(id)


def _existing(broadcast_id: str) -> int:
    number = _number(broadcast_id)
    if not 1 <= number <= HIGHEST:
        raise missing(f"broadcast with id {number} does not exist", exact=True)
    return number


def serve(part: Part, payload: dict[str, Any]) -> None:
    """Serve the next lot of a trigger's people."""
    trigger = part.collection(TRIGGERS).get(payload["id"])
    if trigger is not None:
        at_once(_serve(part, trigger, payload["lot"], []))
        _go_on(part, trigger, payload["lot"] + 1)


def _serve(part: Part, trigger: Document, lot: int, sent: list[str]) -> Steps[None]:
    """Make and send the messages for one lot; `sent` gains their ids."""
    waiting = part.collection(AUDIENCES)
    audience = waiting.get(f"{trigger['id']}/{lot}")
    for cio_id, data in audience["rows"] if audience is not None else ():
        person = part.collection(PEOPLE).get(cio_id)
        if person is not None:
            sent += _mail(part, trigger, person, data)
        yield
    waiting.delete(f"{trigger['id']}/{lot}")


def _go_on(part: Part, trigger: Document, lot: int) -> None:
    """Have the next lot served soon, or note that there is none."""
    if part.collection(AUDIENCES).get(f"{trigger['id']}/{lot}") is not None:
        part.later(LOT / AT_ONCE, "serve_broadcast", {"id": trigger["id"], "lot": lot})
    else:
        part.collection(TRIGGERS).put({**trigger, "processed_at": int(part.clock.now())})


def _mail(part: Part, trigger: Document, person: Document, data: dict[str, Any] | None) -> list[str]:
    """Make and send somebody's message; its id if it went out."""
    email = person["attributes"].get("email")
    told = {**(trigger["data"] or {}), **(data or {})}
    delivery = add_delivery(
        part,
        person,
        {
            "id": delivery_id(part),
            "type": "email",
            "recipient": email or person["user_id"] or person["id"],
            "to": [email] if email else [],
            "subject": None,
            "metrics": {"created": int(part.clock.now())},
            "broadcast_id": trigger["broadcast_id"],
            "action_id": trigger["broadcast_id"],
            "trigger_id": trigger["number"],
            "journey_id": ulid(part, part.clock.now()),
            "archived": {},
            "more": {"trigger": told},
            "draft": False,
            "send_to_unsubscribed": False,
            "forget": False,
        },
    )
    return [delivery["id"]] if delivering.send(part, delivery) else []


TASKS = {"serve_broadcast": serve}


def trigger_json(trigger: Document) -> dict[str, Any]:
    """A trigger as the App API shows it."""
    shown = {"id": trigger["number"]}
    return shown | {name: trigger[name] for name in ("broadcast_id", "created_at", "processed_at")}


def _trigger(call: Call, broadcast_id: str, trigger_id: str) -> Document:
    number = _number(broadcast_id)
    found = call.collection(TRIGGERS).get(str(_number(trigger_id)))
    if found is None or found["broadcast_id"] != number:
        raise Problem("not_found")
    return found


@routes.get("/v1/campaigns/{broadcast_id}/triggers/{trigger_id}", returns=Trigger)
def broadcast_status(call: Call, broadcast_id: str, trigger_id: str) -> dict[str, Any]:
    """Get a trigger; `processed_at` is null while messages are still made."""
    return trigger_json(_trigger(call, broadcast_id, trigger_id))


@routes.get(
    "/v1/campaigns/{broadcast_id}/triggers/{trigger_id}/errors",
    query=ErrorsQuery,
    returns=TriggerErrors,
    doc=_DOC + "broadcasts/broadcastErrors/",
)
def broadcast_errors(call: Call, broadcast_id: str, trigger_id: str, query: ErrorsQuery) -> dict[str, Any]:
    """List what was wrong with a trigger's audience."""
    errors = _trigger(call, broadcast_id, trigger_id)["errors"]
    end = query.start + query.limit
    return {"errors": errors[query.start : end], "next": end if end < len(errors) else 0}


@routes.get("/v1/broadcasts/{broadcast_id}/triggers", returns=Triggers)
def list_broadcast_triggers(call: Call, broadcast_id: str) -> dict[str, Any]:
    """List a broadcast's triggers, oldest first (I)."""
    found = call.collection(TRIGGERS).scan("listed", within=_existing(broadcast_id))
    return {"triggers": [trigger_json(trigger) for trigger in found]}


# --- broadcasts ------------------------------------------------------------------------------------------------------


def _note_broadcast(part: Part, number: int) -> None:
    broadcasts = part.collection(BROADCASTS)
    if broadcasts.get(str(number)) is None:
        broadcasts.put({"id": str(number), "number": number, "created": int(part.clock.now())})


def broadcast_json(broadcast: Document) -> dict[str, Any]:
    """A broadcast as the App API shows it, with one mail as its only action (I)."""
    number, created = broadcast["number"], broadcast["created"]
    return {
        "id": number,
        "deduplicate_id": f"{number}:{created}",
        "name": f"Broadcast {number}",
        "type": "triggered_broadcast",
        "created": created,
        "updated": created,
        "active": True,
        "state": "running",
        "actions": [{"id": number, "type": "email"}],
        "msg_template_ids": [{"id": number, "type": "email"}],
        "first_started": created,
        "tags": None,
    }


@routes.get("/v1/broadcasts", returns=Broadcasts)
def list_broadcasts(call: Call) -> dict[str, Any]:
    """List the broadcasts that were triggered, by number."""
    return {"broadcasts": [broadcast_json(found) for found in call.collection(BROADCASTS).scan("number")]}


@routes.get("/v1/broadcasts/{broadcast_id}", returns=BroadcastAnswer)
def get_broadcast(call: Call, broadcast_id: str) -> dict[str, Any]:
    """Get one of these broadcasts."""
    found = call.collection(BROADCASTS).get(str(_number(broadcast_id)))
    if found is None:
        raise Problem("not_found")
    return {"broadcast": broadcast_json(found)}
