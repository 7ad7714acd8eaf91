"""What can be waited for: what is described, whether it has happened, and what came close."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from typing import Any

from pydantic import BaseModel, Field, field_validator

from lookalike.control.messages import MessagesFilter, message_json
from lookalike.control.parsing import ControlBody, fit
from lookalike.control.refusal import Refusal
from lookalike.control.requests import RequestsFilter
from lookalike.control.rules import check_when
from lookalike.control.sink import received_json
from lookalike.control.targets import served
from lookalike.control.verification import NEAR, near_misses
from lookalike.control.webhooks import DeliveriesFilter, delivery_json
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.living import Living
from lookalike.messages import Message
from lookalike.part import Part
from lookalike.sandbox import Sandbox
from lookalike.sinks import NAME, NAME_RULE
from lookalike.stores.collection import Document
from lookalike.workspace import Workspace

LOOKED_AT = 300
"""How many of a workspace's newest messages and deliveries are looked at: others wait meanwhile."""

Found = dict[str, Any]
Difference = dict[str, Any]


class ExpectedSink(ControlBody):
    """A request to a sink."""

    name: str

    @field_validator("name")
    @classmethod
    def _is_name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(NAME_RULE)
        return name


class ExpectedMember(ControlBody):
    """A contact in a group, or with `in` false not in it; both by what the vendor calls them (an id, an address)."""

    vendor: str
    workspace: str = DEFAULT_WORKSPACE
    segment: str
    contact: str
    in_: bool = Field(default=True, alias="in")


@dataclass(frozen=True, slots=True)
class Watch:
    """`find` gives what happened, as shown, newest first; `near` what came close, and in what it differs.

    What falls due in the workspaces of the glob `workspace` is done meanwhile: no request may come that does it.
    """

    find: Callable[[], Iterable[Found]]
    near: Callable[[], list[Found]]
    workspace: str = "*"


def _request(sandbox: Sandbox, wanted: dict[str, Any]) -> Watch:
    filters = fit(RequestsFilter, wanted)
    expected = filters.expected()
    check_when(sandbox, expected, unimplemented=True)
    journal = sandbox.journal
    return Watch(
        find=lambda: (entry.as_json() for entry in filters.select(journal.newest_first(filters.workspace))),
        near=lambda: near_misses(expected, journal.newest_first(filters.workspace)),
        workspace=filters.workspace,
    )


def _message(sandbox: Sandbox, wanted: dict[str, Any]) -> Watch:
    filters = fit(MessagesFilter, wanted)

    def newest(filters: MessagesFilter) -> Iterator[Found]:
        for workspace in filters.concerned(sandbox):
            with workspace.lock:
                found = list(islice(_candidates(workspace, filters), LOOKED_AT))
            yield from (message_json(workspace, message) for message in found)

    return Watch(
        find=lambda: newest(filters),
        near=lambda: _nearest(filters, newest(MessagesFilter(workspace=filters.workspace)), _message_has),
        workspace=filters.workspace,
    )


def _candidates(workspace: Workspace, filters: MessagesFilter) -> Iterator[Message]:
    if filters.recipient is not None:  # those are found without a search
        return filters.select(workspace)
    return filter(filters.fits, islice(workspace.messages.scan("newest", descending=True), LOOKED_AT))


def _message_has(message: Found) -> dict[str, Any]:
    recipients = [address for member in ("to", "cc", "bcc") for address in message.get(member) or ()]
    return {**message, "recipient": recipients}


def _delivery(sandbox: Sandbox, wanted: dict[str, Any]) -> Watch:
    filters = fit(DeliveriesFilter, wanted)

    def newest(filters: DeliveriesFilter) -> Iterator[Found]:
        for workspace in filters.concerned(sandbox):
            with workspace.lock:
                found = list(islice(workspace.deliveries.newest_first(), LOOKED_AT))
            yield from (delivery_json(workspace, one) for one in found if filters.fits(one))

    return Watch(
        find=lambda: newest(filters),
        near=lambda: _nearest(filters, newest(DeliveriesFilter(workspace=filters.workspace)), dict),
        workspace=filters.workspace,
    )


def _sink(sandbox: Sandbox, wanted: ExpectedSink) -> Watch:
    sinks = sandbox.sinks

    def near() -> list[Found]:
        others = [sinks.find(name) for name in sinks.names() if name != wanted.name]
        return [{"name": sink.name, "count": sink.count} for sink in others[-NEAR:]]

    return Watch(
        find=lambda: (received_json(one) for one in reversed(list(sinks.find(wanted.name).received))), near=near
    )


def _member(sandbox: Sandbox, wanted: ExpectedMember) -> Watch:
    vendor = served(sandbox, wanted.vendor)
    ask = vendor.membership or (partial(_membership, vendor.living) if vendor.living is not None else None)
    if ask is None:
        raise Refusal(400, f"{vendor.title} has no groups of contacts: wait for a request instead.")
    workspace = sandbox.workspace(wanted.workspace)

    def seen() -> Found:
        with workspace.unit():
            contact, segment, is_in = ask(sandbox.part(workspace, vendor), wanted.contact, wanted.segment)
            return {**wanted.model_dump(by_alias=True), "in": is_in, "ids": {"contact": contact, "segment": segment}}

    def find() -> list[Found]:
        now = seen()
        # Of what is not there nothing can be said to be out of a group: more often it is misspelled.
        known = None not in now["ids"].values()
        return [now] if known and now["in"] is wanted.in_ else []

    return Watch(find=find, near=lambda: [seen()], workspace=wanted.workspace)


def _membership(living: Living, part: Part, contact: str, segment: str) -> tuple[str | None, str | None, bool]:
    """What `Vendor.membership` tells, by what a vendor says of its rule-based groups: those without a rule included."""
    found, group = living.find(part, contact), _group(part, living, segment)
    if found is None or group is None:
        return None if found is None else found["id"], None if group is None else group["id"], False
    order = next(order for order in living.members.orders if order.name == living.order)
    return found["id"], group["id"], group["id"] in order.partitions(found)


def _group(part: Part, living: Living, segment: str) -> Document | None:
    """A group by its id or its name."""
    groups = part.collection(living.groups)
    scanned = groups.scan(living.groups.orders[0].name)
    named = (group for group in scanned if str(group.get("name")) == segment)
    return groups.get(segment) or next(named, None)


KINDS: dict[str, Callable[[Sandbox, Any], Watch]] = {
    "request": _request,
    "message": _message,
    "delivery": _delivery,
    "sink": _sink,
    "member": _member,
}


def _nearest(filters: BaseModel, shown: Iterable[Found], has: Callable[[Found], dict[str, Any]]) -> list[Found]:
    """What differs least from what was expected, and in what."""
    judged = ((one, list(_differences(filters, has(one)))) for one in shown)
    nearest = heapq.nsmallest(NEAR, judged, key=lambda pair: len(pair[1]))
    names = ("id", "workspace", "vendor", *type(filters).model_fields)
    return [
        {**{name: one[name] for name in names if name in one}, "differences": differences}
        for one, differences in nearest
    ]


def _differences(filters: BaseModel, actual: dict[str, Any]) -> Iterator[Difference]:
    for name in type(filters).model_fields:
        expected, value = getattr(filters, name), actual.get(name)
        texts = [parseaddr(text)[1].lower() for text in value] if isinstance(value, list) else [str(value or "")]
        wanted = expected.lower() if isinstance(value, list) and expected is not None else expected
        if wanted is not None and not any(fnmatchcase(text, wanted) for text in texts):
            yield {"member": name, "expected": expected, "actual": value}
