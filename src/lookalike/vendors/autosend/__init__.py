"""AutoSend: contacts, lists and segments, events, suppression groups, webhooks, sends, mail that comes in."""

from __future__ import annotations

from lookalike.call import Call
from lookalike.living import Living
from lookalike.problem import Problem
from lookalike.vendor import Vendor
from lookalike.vendors.autosend import (
    contacts,
    events,
    inbound,
    inbound_mail,
    lists,
    mails,
    members,
    message_events,
    people,
    properties,
    segments,
    suppressions,
    webhook_sending,
    webhooks,
)
from lookalike.vendors.autosend.headers import dress, gate, limits
from lookalike.vendors.autosend.identity import permit, read_key
from lookalike.vendors.autosend.people import CONTACTS
from lookalike.vendors.autosend.problems import CONTENT_TYPE, render
from lookalike.vendors.autosend.schemas.errors import ErrorAnswer
from lookalike.vendors.autosend.seeding import seed
from lookalike.vendors.autosend.segments import LISTS


def unrouted(_call: Call, _allowed: tuple[str, ...]) -> None:
    """Express answers a wrong method as it answers an unknown path."""
    raise Problem("no_route")


VENDOR = Vendor(
    name="autosend",
    title="AutoSend",
    hosts=("api.autosend.com",),
    base_path="/v1",
    sample_key="AS_lookalike",
    key_header=lambda key, _path: ("Authorization", f"Bearer {key}"),
    modules=(
        contacts.routes,
        lists.routes,
        members.routes,
        properties.routes,
        events.routes,
        suppressions.routes,
        webhooks.routes,
        mails.routes,
        inbound.routes,
    ),
    resources=(
        CONTACTS,
        LISTS,
        properties.PROPERTIES,
        events.EVENTS,
        events.OCCURRENCES,
        suppressions.GROUPS,
        suppressions.ENTRIES,
        webhooks.WEBHOOKS,
        webhooks.LOGS,
        mails.IDEMPOTENCY,
        inbound_mail.INBOUND,
    ),
    read_key=read_key,
    render=render,
    unrouted=unrouted,
    error_model=ErrorAnswer,
    gate=gate,
    permit=permit,
    dress=dress,
    limits=limits,
    seed=seed,
    happen=message_events.happen,
    receive=inbound_mail.receive,
    webhooks=webhook_sending.SENDER,
    tasks={**mails.TASKS, **message_events.TASKS},
    living=Living(
        groups=LISTS,
        members=CONTACTS,
        field="segmentIds",
        order="members",
        everyone=("newest", None),
        read=segments.read,
        changes=segments.changes,
        find=people.find,
        title=lambda contact: str(contact["email"]),
    ),
    content_type=CONTENT_TYPE,
    snippet="export AUTOSEND_BASE_URL={url} AUTOSEND_API_KEY={key}",
    environment={"AUTOSEND_BASE_URL": "{url}", "AUTOSEND_API_KEY": "{key}"},
    package=__name__,
)
