"""What the three clients do to one audience, and what is read back of it."""

from __future__ import annotations

import pytest

from tests.clients.customerio_node.support import (
    NOW,
    SENDS,
    app_error,
    new,
    one_error,
    part,
    track_errors,
)
from tests.support import Like

pytestmark = pytest.mark.client

CIO_ID = Like("[0-9a-f]+")
DELIVERY = Like("[A-Za-z0-9_-]+")


def whose(id, email=None):
    return {"email": email, "id": id, "cio_id": CIO_ID}


def test_a_person(drive):
    run = drive(
        ["track", "identify", "ann", {"email": "ann@x.co", "plan": "pro", "seats": 5, "vip": True}],
        ["track", "addDevice", "ann", "token", "ios", {"last_used": 5, "app_version": "1"}],
        ["api", "getAttributes", "ann"],
        ["api", "getCustomersByEmail", "ANN@x.co"],
        ["api", "getAttributes", part(3, "results.0.cio_id"), "cio_id"],
        ["api", "searchCustomers", {"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}],
        ["api", "getCustomersAttributes", ["nobody", "ann"]],
        ["api", "getCustomerSegments", "ann"],
        ["api", "getCustomerRelationships", "ann"],
        ["track", "destroy", "ann"],
        ["api", "searchCustomers", {"attribute": {"field": "plan", "operator": "exists"}}],
    )
    customer = {
        "id": "ann",
        "identifiers": whose("ann", "ann@x.co"),
        "attributes": {
            "cio_id": CIO_ID,
            "id": "ann",
            "email": "ann@x.co",
            "plan": "pro",
            "seats": "5",
            "vip": "true",
        },
        "timestamps": dict.fromkeys(("cio_id", "id", "email", "plan", "seats", "vip"), NOW),
        "unsubscribed": False,
        "devices": [{"id": "token", "platform": "ios", "last_used": 5, "attributes": {"app_version": "1"}}],
    }
    found = {"identifiers": [whose("ann", "ann@x.co")], "ids": ["ann"], "next": ""}
    cio_id = run.oks[3]["results"][0]["cio_id"]
    assert run.oks == [
        {},
        {},
        {"customer": customer},
        {"results": [whose("ann", "ann@x.co")]},
        {"customer": {**customer, "id": cio_id}},
        found,
        {"customers": [{"customer": customer}]},
        {"segments": []},
        {"cio_relationships": [], "next": ""},
        {},
        {"identifiers": [], "ids": [], "next": ""},
    ]


def test_a_segment(drive):
    run = drive(
        ["api", "createSegment", {"name": "Readers", "description": "They read"}],
        ["track", "identify", "ann"],
        ["track", "identify", "bob", {"email": "bob@x.co"}],
        ["track", "addCustomersToSegment", part(0, "segment.id"), ["ann", "bob", "nobody"]],
        ["api", "getSegmentCustomerCount", part(0, "segment.id")],
        ["api", "getSegmentMembership", part(0, "segment.id"), {"limit": 1}],
        ["api", "getSegmentMembership", part(0, "segment.id"), {"start": part(5, "next")}],
        ["track", "removeCustomersFromSegment", part(0, "segment.id"), ["bob@x.co"], "email"],
        ["api", "getSegmentMembership", part(0, "segment.id")],
        ["api", "getCustomerSegments", "ann"],
        ["api", "getSegmentUsedBy", part(0, "segment.id")],
        ["api", "getSegment", part(0, "segment.id")],
        ["api", "deleteSegment", part(0, "segment.id")],
        ["api", "listSegments"],
    )
    number = run.oks[0]["segment"]["id"]
    segment = {
        "id": number,
        "deduplicate_id": f"{number}:{NOW}",
        "name": "Readers",
        "description": "They read",
        "state": "finished",
        "progress": None,
        "type": "manual",
        "tags": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    ann, bob = whose("ann"), whose("bob", "bob@x.co")
    page = {"segment_id": number, "ids": ["ann"], "identifiers": [ann]}
    assert run.oks == [
        {"segment": segment},
        {},
        {},
        {},
        {"segment_id": number, "count": 2},
        {**page, "next": Like(".+")},
        {"segment_id": number, "ids": ["bob"], "identifiers": [bob], "next": ""},
        {},
        {**page, "next": ""},
        {"segments": [{"id": number, "name": "Readers", "description": "They read"}]},
        {"segment_id": number, "used_by": {"campaigns": [], "sent_newsletters": [], "draft_newsletters": []}},
        {"segment": segment},
        {},
        {"segments": []},
    ]


def test_a_mail(drive):
    mail = new(
        "SendEmailRequest",
        to="ann@x.co",
        identifiers={"email": "ann@x.co"},
        body="<p>Hi</p>",
        subject="Hello",
        message_data={"order": 7},
        **{"from": "Team <team@x.co>"},
    )
    run = drive(
        ["api", "sendEmail", mail],
        ["api", "getMessage", part(0, "delivery_id")],
        ["api", "getArchivedMessage", part(0, "delivery_id")],
        ["track", "reportMetric", {"delivery_id": part(0, "delivery_id"), "metric": "opened", "timestamp": NOW + 5}],
    )
    id = run.oks[0]["delivery_id"]
    assert run.oks[0] == {"delivery_id": DELIVERY, "queued_at": NOW}
    message = run.oks[1]["message"]
    assert (message["id"], message["customer_identifiers"]) == (id, whose(None, "ann@x.co"))
    assert message["metrics"] == {"created": NOW, "sent": NOW, "delivered": NOW}
    archived = run.oks[2]["archived_message"]
    assert (archived["body"], archived["from"], archived["headers"]) == ("<p>Hi</p>", "Team <team@x.co>", None)


def test_a_click_on_unsubscribe(drive):
    run = drive(
        ["api", "sendEmail", *SENDS["sendEmail"]],
        ["track", "unsubscribe", part(0, "delivery_id")],
        ["api", "getAttributes", "ann"],
        ["api", "getMessage", part(0, "delivery_id")],
    )
    assert run.oks[2]["customer"]["unsubscribed"] is True
    assert run.oks[3]["message"]["metrics"]["unsubscribed"] == NOW


def test_a_broadcast(drive):
    run = drive(
        ["track", "identify", "ann", {"email": "ann@x.co"}],
        ["api", "triggerBroadcast", 7, {"a": 1}, {"emails": ["ann@x.co", "no@x.co"], "email_ignore_missing": True}],
        ["api", "triggerBroadcast", 7, None, {"per_user_data": [{"id": "ann", "data": {"b": 2}}]}],
        ["api", "triggerBroadcast", 7, None, {"attribute": {"field": "email", "operator": "exists"}}],
        ["api", "getBroadcastTriggers", 7],
        ["api", "getBroadcastTriggerStatus", 7, 3],
        ["api", "getBroadcastTriggerErrors", 7, 3, {"limit": 5}],
        ["api", "getCustomerMessages", "ann"],
    )
    triggers = [{"id": id, "broadcast_id": 7, "created_at": NOW, "processed_at": NOW} for id in (1, 2, 3)]
    assert run.oks[1:7] == [
        {"id": 1},
        {"id": 2},
        {"id": 3},
        {"triggers": triggers},
        triggers[2],
        {"errors": [], "next": 0},
    ]
    assert [one["broadcast_id"] for one in run.oks[7]["messages"]] == [7, 7, 7]


def test_pipelines_reach_the_same_people(drive):
    run = drive(
        ["pipelines", "identify", {"userId": "ann", "traits": {"email": "ann@x.co", "plan": "pro"}}],
        ["pipelines", "track", {"userId": "ann", "event": "visit", "properties": {"page": 1}}],
        ["pipelines", "group", {"userId": "ann", "groupId": "acme", "traits": {"size": 5}}],
        ["api", "getCustomersByEmail", "ann@x.co"],
        ["api", "getCustomerActivities", "ann", {"type": "event"}],
        ["api", "getObjectAttributes", "1", "acme"],
        ["api", "getObjectRelationships", "1", "acme"],
    )
    assert run.oks[:4] == [{}, {}, {}, {"results": [whose("ann", "ann@x.co")]}]
    (activity,) = run.oks[4]["activities"]
    assert (activity["name"], activity["data"]) == ("visit", {"page": 1})
    assert run.oks[5]["object"]["attributes"] == {"size": "5"}
    assert run.oks[6]["cio_relationships"][0]["identifiers"] == whose("ann", "ann@x.co")


def test_what_is_refused(drive):
    long = "value for attribute 'about' cannot be longer than 1000 bytes"
    run = drive(
        ["track", "identify", "ann", {"about": "x" * 1001}],
        ["track", "mergeCustomers", "id", "ann", "id", "bob"],
        ["api", "sendEmail", new("SendEmailRequest", to="a@x.co", identifiers={}, transactional_message_id=3)],
        ["api", "sendEmail", new("SendEmailRequest", identifiers={"id": "a"}, transactional_message_id=3)],
        ["api", "triggerBroadcast", 1000],
        ["api", "triggerBroadcast", 1, None, {"ids": ["nobody"]}],
        ["api", "createSnippet", {"name": "n", "value": "{{ snippets.x }}"}],
        ["api", "createReportingWebhook", {"endpoint": "https://x.co"}],
        ["api", "getSubscriptionCenterToken", "nobody"],
        ["api", "getSegment", ""],
    )
    assert run.answers == [
        track_errors(long),
        {"ok": {}},
        one_error(400, "identifiers: must have exactly one of id, email or cio_id"),
        one_error(400, 'Missing required field: "to"'),
        app_error(404, "broadcast with id 1000 does not exist"),
        app_error(422, "Errors were.* for trigger 1", "/data/attributes/per_user_data"),
        app_error(422, "Snippets cannot contain Liquid code referencing other snippets.", "/value"),
        {**run.answers[7], "status": 400, "message": "Unknown error"},
        app_error(400, "bad request.*"),
        {"name": "MissingParamError", "message": "segmentId is required"},
    ]
