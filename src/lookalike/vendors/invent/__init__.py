"""Invent: contacts with their channels, duplicates, segments and broadcasts."""

from __future__ import annotations

from lookalike.vendor import Vendor
from lookalike.vendors.invent import (
    assistants,
    broadcasts,
    bulk,
    channels,
    contact_fields,
    contact_segments,
    contacts,
    duplicates,
    kinship,
    recipients,
    segments,
    sending,
)
from lookalike.vendors.invent.broadcast_documents import BROADCASTS
from lookalike.vendors.invent.contact_views import SEGMENTS
from lookalike.vendors.invent.headers import dress, gate, limits, unrouted
from lookalike.vendors.invent.identity import permit, read_key
from lookalike.vendors.invent.membership import membership
from lookalike.vendors.invent.message_events import happen
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.problems import CONTENT_TYPE, render
from lookalike.vendors.invent.schemas.errors import ErrorAnswer
from lookalike.vendors.invent.seeding import seed

VENDOR = Vendor(
    name="invent",
    title="Invent",
    hosts=("api.useinvent.com",),
    base_path="",
    sample_key="inv_lookalike",
    key_header=lambda key, _path: ("Authorization", f"Bearer {key}"),
    modules=(
        contacts.routes,
        contact_segments.routes,
        duplicates.routes,
        contact_fields.routes,
        bulk.routes,
        channels.routes,
        segments.routes,
        broadcasts.routes,
        sending.routes,
        recipients.routes,
        assistants.routes,
    ),
    resources=(
        CONTACTS,
        kinship.GROUPS,
        contact_fields.FIELDS,
        SEGMENTS,
        BROADCASTS,
        recipients.RECIPIENTS,
        sending.AUDIENCES,
        assistants.ASSISTANTS,
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
    happen=happen,
    tasks=sending.TASKS,
    membership=membership,
    content_type=CONTENT_TYPE,
    body_limit=10 * 1024 * 1024,
    snippet="export INVENT_BASE_URL={url} INVENT_API_KEY={key}",
    environment={"INVENT_BASE_URL": "{url}", "INVENT_API_KEY": "{key}"},
    package=__name__,
)
