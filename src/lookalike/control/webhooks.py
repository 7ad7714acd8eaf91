"""The webhooks that vendors send: what became of each, once more, and how they misbehave on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Literal

from pydantic import Field, field_validator

from lookalike.answer import Lengthy
from lookalike.clock import iso, parse_duration
from lookalike.control.listing import Listing
from lookalike.control.parsing import ControlBody
from lookalike.control.refusal import Refusal
from lookalike.control.targets import Scope, check_workspace_name, served
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.outbox.modes import EVERY, Modes, all_modes, drop_modes, set_modes
from lookalike.outbox.post import Closed
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.stores.collection import Document
from lookalike.workspace import Workspace

routes = Routes("webhooks")

STALE = 3600.0
"""By how many seconds a timestamp is stale where nobody says how much."""


class DeliveriesFilter(Scope):
    """Which deliveries; all members must hold. Those but `status` are globs."""

    subscription: str = "*"
    event: str = "*"
    status: Literal["pending", "held", "delivered", "failed"] | None = None

    def fits(self, delivery: Document) -> bool:
        """Whether a delivery passes, its workspace aside."""
        names = (("vendor", self.vendor), ("subscription", self.subscription), ("event", self.event))
        if any(glob != "*" and not fnmatchcase(delivery[name], glob) for name, glob in names):
            return False
        return self.status in (None, delivery["status"])


class DeliveriesQuery(DeliveriesFilter):
    limit: int = Field(default=100, ge=1, le=10_000)


def delivery_json(workspace: Workspace, delivery: Document) -> Document:
    """A delivery with every attempt."""
    due_at = delivery["due_at"]
    return {
        "id": delivery["id"],
        "workspace": workspace.name,
        "vendor": delivery["vendor"],
        "subscription": delivery["subscription"],
        "event": delivery["event"],
        "reference": delivery["reference"],
        "url": delivery["url"],
        "payload": delivery["payload"],
        "created_at": delivery["created_at"],
        "status": delivery["status"],
        "due_at": None if due_at is None else iso(due_at),
        "attempts": [_attempt_json(attempt) for attempt in delivery["attempts"]],
    }


def _attempt_json(attempt: Document) -> Document:
    answered = attempt["status"] is not None
    sent = attempt["body"] is not None
    return {
        "number": attempt["number"],
        "at": attempt["at"],
        "modes": attempt["modes"],
        "request": {"url": attempt["url"], "headers": dict(attempt["headers"]), "body": attempt["body"]}
        if sent
        else None,
        "status": attempt["status"],
        "answer": {"headers": dict(attempt["answer_headers"]), "body": attempt["answer"]} if answered else None,
        "error": attempt["error"],
        "ms": attempt["ms"],
    }


def _found(sandbox: Sandbox, id: str) -> tuple[Workspace, Document]:
    for workspace in list(sandbox.workspaces.values()):
        delivery = workspace.deliveries.of(id)
        if delivery is not None:
            return workspace, delivery
    raise Refusal(404, f"There is no delivery {id!r}: GET /_lookalike/webhooks/deliveries lists them.")


@routes.get("/webhooks/deliveries", query=DeliveriesQuery)
def list_deliveries(sandbox: Sandbox, query: DeliveriesQuery) -> Lengthy | dict[str, Any]:
    """The deliveries that pass the filters, newest first, with every attempt: what was sent and what came back."""
    listing = Listing("deliveries", lambda workspace: workspace.deliveries.collection, query.fits, delivery_json)
    return listing.answer(query.concerned(sandbox), query.limit)


@routes.get("/webhooks/deliveries/{id}")
def get_delivery(sandbox: Sandbox, id: str) -> Document:
    """One delivery with every attempt."""
    return delivery_json(*_found(sandbox, id))


@routes.post("/webhooks/deliveries/{id}/replay", body=ControlBody)
def send_delivery_again(sandbox: Sandbox, id: str, body: ControlBody) -> Lengthy:
    """Send a delivery once more, signed anew, under its last number; answers with what came of it.

    That is one more attempt in the log: the vendor's own records, status and retries stay as they are.
    """
    workspace, _ = _found(sandbox, id)
    return Lengthy(partial(_replay, sandbox, workspace, id))


def _replay(sandbox: Sandbox, workspace: Workspace, id: str) -> Document:
    try:
        sandbox.outbox.replay(workspace, id)
    except Closed:
        raise Refusal(503, "lookalike is being stopped: start it again.") from None
    return delivery_json(*_found(sandbox, id))


class ModesFilter(Scope):
    """Which modes; all members are globs."""

    subscription: str | None = None

    def select(self, sandbox: Sandbox) -> Iterator[tuple[Workspace, str, str, Modes]]:
        for workspace in self.concerned(sandbox):
            for vendor, subscription, modes in list(all_modes(workspace)):
                if fnmatchcase(vendor, self.vendor) and fnmatchcase(subscription, self.subscription or "*"):
                    yield workspace, vendor, subscription, modes


class ModesBody(ControlBody):
    """How the webhooks of a subscription (`*`: of all that have no modes of their own) misbehave from now on."""

    vendor: str
    workspace: str = DEFAULT_WORKSPACE
    subscription: str = EVERY
    duplicate: bool | int = False
    out_of_order: bool = False
    delayed: str | float = 0.0
    bad_signature: bool = False
    stale_timestamp: bool | str | float = False
    never: bool = False

    _check = field_validator("workspace")(check_workspace_name)

    @field_validator("duplicate")
    @classmethod
    def _some(cls, duplicate: bool | int) -> int:
        if not 0 <= duplicate <= 10:
            raise ValueError("a webhook may be sent 10 times more at most")
        return int(duplicate)

    @field_validator("delayed", "stale_timestamp")
    @classmethod
    def _seconds(cls, duration: bool | str | float) -> float:
        if isinstance(duration, bool):
            return STALE if duration else 0.0
        return parse_duration(str(duration))

    def modes(self) -> Modes:
        """The modes alone."""
        return Modes(**self.model_dump(exclude={"vendor", "workspace", "subscription"}))


def _modes_json(workspace: Workspace, vendor: str, subscription: str, modes: Modes) -> dict[str, Any]:
    return {"workspace": workspace.name, "vendor": vendor, "subscription": subscription, **asdict(modes)}


@routes.get("/webhooks/modes", query=ModesFilter)
def list_modes(sandbox: Sandbox, query: ModesFilter) -> dict[str, Any]:
    """The modes in force."""
    return {"modes": [_modes_json(*found) for found in query.select(sandbox)]}


@routes.put("/webhooks/modes", body=ModesBody)
def put_modes(sandbox: Sandbox, body: ModesBody) -> dict[str, Any]:
    """Say how a subscription's webhooks misbehave: duplicate, out of order, delayed, bad signature, stale, never."""
    vendor = served(sandbox, body.vendor)
    if vendor.webhooks is None:
        raise Refusal(400, f"{vendor.title} sends no webhooks: choose another vendor.")
    workspace = sandbox.workspace(body.workspace)
    with workspace.unit():
        set_modes(workspace, body.vendor, body.subscription, body.modes())
        workspace.deliveries.let_go()
    return _modes_json(workspace, body.vendor, body.subscription, body.modes())


@routes.delete("/webhooks/modes", query=ModesFilter)
def delete_modes(sandbox: Sandbox, query: ModesFilter) -> dict[str, Any]:
    """Have webhooks behave again, all or those that pass the filters; what was held back is sent."""
    found = list(query.select(sandbox))
    for workspace, vendor, subscription, _ in found:
        with workspace.unit():
            drop_modes(workspace, vendor, subscription)
            workspace.deliveries.let_go()
    return {"deleted": [_modes_json(*one) for one in found]}
