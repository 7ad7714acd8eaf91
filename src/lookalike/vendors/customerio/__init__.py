"""Customer.io: the Track, App and Pipelines APIs behind one prefix."""

from __future__ import annotations

from lookalike.call import Call
from lookalike.living import Living
from lookalike.problem import Problem
from lookalike.vendor import Vendor
from lookalike.vendors.customerio import (
    account,
    activity_log,
    broadcasts,
    campaign_runs,
    campaign_triggers,
    campaigns,
    collections,
    customers,
    delivering,
    entity,
    esp_suppression,
    exports,
    imports,
    messages,
    object_reads,
    optouts,
    people,
    pipelines,
    reporting_webhooks,
    segmentation,
    segments,
    senders,
    sends,
    snippets,
    subscription_center,
    subscription_page,
    track_deliveries,
    track_events,
    track_forms,
    track_people,
    track_segments,
    transactional,
    workspace_info,
)
from lookalike.vendors.customerio.activities import ACTIVITIES
from lookalike.vendors.customerio.credentials import key_header, permit, read_key
from lookalike.vendors.customerio.deliveries import DELIVERIES
from lookalike.vendors.customerio.headers import dress, gate, limits
from lookalike.vendors.customerio.identity import COUNTERS
from lookalike.vendors.customerio.message_events import happen
from lookalike.vendors.customerio.objects import OBJECT_TYPES, OBJECTS, RELATIONSHIPS
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.problems import CONTENT_TYPE, render
from lookalike.vendors.customerio.reporting_sender import SENDER
from lookalike.vendors.customerio.schemas.errors import ErrorAnswer
from lookalike.vendors.customerio.seeding import seed
from lookalike.vendors.customerio.segmentation import SEGMENTS
from lookalike.vendors.customerio.subscriptions import TOPICS
from lookalike.vendors.customerio.suppression import SUPPRESSIONS


def unrouted(_call: Call, allowed: tuple[str, ...]) -> None:
    """404 for a path that nobody knows, 405 for a method that a path does not take (I)."""
    raise Problem("no_method" if allowed else "no_route")


VENDOR = Vendor(
    name="customerio",
    title="Customer.io",
    hosts=(
        "track.customer.io",
        "track-eu.customer.io",
        "api.customer.io",
        "api-eu.customer.io",
        "cdp.customer.io",
        "cdp-eu.customer.io",
    ),
    base_path="",
    sample_key="cio_lookalike",
    key_header=key_header,
    modules=(
        # Track
        account.routes,
        track_people.routes,
        track_events.routes,
        track_segments.routes,
        track_forms.routes,
        track_deliveries.routes,
        entity.routes,
        # App
        customers.routes,
        optouts.routes,
        segments.routes,
        activity_log.routes,
        messages.routes,
        exports.routes,
        imports.routes,
        collections.routes,
        object_reads.routes,
        subscription_center.routes,
        subscription_page.routes,
        sends.routes,
        broadcasts.routes,
        reporting_webhooks.routes,
        snippets.routes,
        senders.routes,
        esp_suppression.routes,
        workspace_info.routes,
        transactional.routes,
        campaigns.routes,
        # Pipelines
        pipelines.routes,
    ),
    resources=(
        PEOPLE,
        SEGMENTS,
        TOPICS,
        ACTIVITIES,
        DELIVERIES,
        OBJECT_TYPES,
        OBJECTS,
        RELATIONSHIPS,
        SUPPRESSIONS,
        track_forms.FORMS,
        optouts.OPTOUTS,
        exports.EXPORTS,
        exports.FILES,
        exports.LINKS,
        imports.IMPORTS,
        imports.FILES,
        collections.COLLECTIONS,
        subscription_center.CHANNELS,
        subscription_page.LINKS,
        reporting_webhooks.WEBHOOKS,
        snippets.SNIPPETS,
        senders.SENDERS,
        esp_suppression.ENTRIES,
        transactional.TEMPLATES,
        broadcasts.BROADCASTS,
        broadcasts.TRIGGERS,
        broadcasts.AUDIENCES,
        campaign_triggers.CAMPAIGNS,
        COUNTERS,
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
    plan=campaign_runs.plan,
    webhooks=SENDER,
    living=Living(
        groups=SEGMENTS,
        members=PEOPLE,
        field="segments",
        order="members",
        everyone=("id", None),
        read=segmentation.read,
        changes=segmentation.changes,
        find=people.called,
        title=people.title,
        passed=campaign_triggers.passed,
    ),
    tasks={**exports.TASKS, **imports.TASKS, **delivering.TASKS, **broadcasts.TASKS, **campaign_runs.TASKS},
    content_type=CONTENT_TYPE,
    snippet="export CUSTOMERIO_URL={url} CUSTOMERIO_SITE_ID={key} CUSTOMERIO_API_KEY={key} CUSTOMERIO_APP_KEY={key}",
    environment={
        "CUSTOMERIO_URL": "{url}",
        "CUSTOMERIO_SITE_ID": "{key}",
        "CUSTOMERIO_API_KEY": "{key}",
        "CUSTOMERIO_APP_KEY": "{key}",
        "CIO_WEBHOOK_SECRET": "{key}",
    },
    package=__name__,
)
