"""OpenSend: contacts, segments, topics, events, suppressions, webhooks, sends, templates, broadcasts, domains."""

from __future__ import annotations

from lookalike.vendor import Vendor
from lookalike.vendors.opensend import (
    api_keys,
    broadcasts,
    bulk,
    contacts,
    credentials,
    domains,
    emails,
    emails_reading,
    events,
    limits,
    logs,
    memberships,
    outgoing,
    properties,
    receiving,
    routing,
    seeding,
    segments,
    status,
    suppressions,
    templates,
    topics,
    unsubscribe,
    webhooks,
)
from lookalike.vendors.opensend.problems import CONTENT_TYPE, render
from lookalike.vendors.opensend.schemas.errors import ErrorAnswer

MODULES = (
    contacts,
    memberships,
    bulk,
    segments,
    topics,
    properties,
    events,
    suppressions,
    webhooks,
    emails,
    emails_reading,
    receiving,
    logs,
    templates,
    broadcasts,
    domains,
    api_keys,
    status,
    unsubscribe,
)
"""Each has `routes` and `RESOURCES` (the collections it declares, maybe none)."""

VENDOR = Vendor(
    name="opensend",
    title="OpenSend",
    hosts=("opensend.namuh.co",),
    base_path="",
    sample_key="os_lookalike",
    key_header=lambda key, _path: ("Authorization", f"Bearer {key}"),
    modules=tuple(module.routes for module in MODULES),
    resources=tuple(resource for module in (credentials, *MODULES) for resource in module.RESOURCES),
    read_key=credentials.read_key,
    permit=credentials.permit,
    render=render,
    gate=routing.gate,
    unrouted=routing.unrouted,
    dress=routing.dress,
    limits=limits.limits,
    error_model=ErrorAnswer,
    seed=seeding.seed,
    tasks={**outgoing.TASKS, **broadcasts.TASKS},
    content_type=CONTENT_TYPE,
    body_limit=10 * 1024 * 1024,
    snippet="export RESEND_BASE_URL={url} RESEND_API_URL={url} RESEND_API_KEY={key}",
    environment={
        "OPENSEND_BASE_URL": "{url}",
        "OPENSEND_API_KEY": "{key}",
        "RESEND_BASE_URL": "{url}",
        "RESEND_API_URL": "{url}",
        "RESEND_API_KEY": "{key}",
    },
    package=__name__,
)
