"""SegMailer: contacts, segments that follow their attributes, events, webhooks.

Only two pages describe its API; `coverage.yaml` says operation by operation what of it is inferred.
"""

from __future__ import annotations

from operator import itemgetter

from lookalike.living import Living
from lookalike.vendor import Vendor
from lookalike.vendors.segmailer import (
    attributes,
    bulk,
    contacts,
    engagement,
    events,
    membership,
    segments,
    webhooks,
    workflows,
)
from lookalike.vendors.segmailer.headers import dress, gate, limits, read_key, unrouted
from lookalike.vendors.segmailer.membership import CONTACTS, SEGMENTS
from lookalike.vendors.segmailer.problems import render
from lookalike.vendors.segmailer.schemas.errors import ErrorAnswer
from lookalike.vendors.segmailer.seeding import seed

VENDOR = Vendor(
    name="segmailer",
    title="SegMailer",
    hosts=("api.segmailer.com",),
    base_path="",
    sample_key="sm_lookalike",
    key_header=lambda key, _path: ("Authorization", f"Bearer {key}"),
    modules=(
        contacts.routes,
        bulk.routes,
        events.routes,
        segments.routes,
        attributes.routes,
        webhooks.routes,
        workflows.routes,
    ),
    resources=(
        CONTACTS,
        SEGMENTS,
        events.EVENTS,
        attributes.ATTRIBUTES,
        webhooks.WEBHOOKS,
        workflows.WORKFLOWS,
    ),
    read_key=read_key,
    render=render,
    unrouted=unrouted,
    error_model=ErrorAnswer,
    gate=gate,
    dress=dress,
    limits=limits,
    seed=seed,
    happen=engagement.happen,
    compose=engagement.compose,
    living=Living(
        groups=SEGMENTS,
        members=CONTACTS,
        field="segmentIds",
        order="newest",
        everyone=("newest", membership.EVERYBODY),
        read=membership.read,
        changes=membership.changes,
        find=membership.find,
        title=itemgetter("email"),
        passed=workflows.passed,
    ),
    plan=workflows.plan,
    webhooks=webhooks.SENDER,
    snippet="export SEGMAILER_URL={url} SEGMAILER_API_KEY={key}",
    environment={"SEGMAILER_URL": "{url}", "SEGMAILER_API_KEY": "{key}"},
    package=__name__,
)
