"""Bulk and import."""

from __future__ import annotations

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


@pytest.fixture
def world(opensend):
    names = {
        "ann": opensend.post("/contacts", {"email": "ann@example.com"}).json["id"],
        "bob": opensend.post("/contacts", {"email": "bob@example.com"}).json["id"],
        "vip": opensend.post("/segments", {"name": "VIP"}).json["id"],
        "unknown": UNKNOWN,
    }
    for name in ("news", "other"):
        body = {"name": name, "default_subscription": "opt_in", "visibility": "public"}
        names[name] = opensend.post("/topics", body).json["id"]
    return names


def done(count):
    return {"object": "bulk_action", "success": True, "count": count}


def test_add_to_segment_writes_names_alone(opensend, world):
    ids = [world["ann"], world["bob"], world["ann"].upper(), UNKNOWN, None]
    for _ in range(2):
        body = {"action": "add_to_segment", "contact_ids": ids, "segment_id": world["vip"]}
        reply = opensend.post("/api/contacts/bulk", body)
        assert (reply.status, reply.json) == (200, done(2))
    assert opensend.get("/contacts/ann@example.com").json["segments"] == ["VIP"]
    assert opensend.get("/segments").json["data"][0]["contacts_count"] == 2
    assert opensend.get(f"/segments/{world['vip']}/contacts").json["data"] == []


def test_subscribe_to_topic_keeps_other_preferences(opensend, world):
    ann = world["ann"]
    chosen = [{"id": world["news"], "subscription": "opt_out"}, {"id": world["other"], "subscription": "opt_out"}]
    opensend.patch(f"/contacts/{ann}/topics", {"topics": chosen})
    body = {"action": "subscribe_to_topic", "contact_ids": [ann, world["bob"]], "topic_id": world["news"]}
    assert opensend.post("/api/contacts/bulk", body).json == done(2)
    assert opensend.get(f"/contacts/{ann}").json["topics"] == [
        {"id": world["news"], "subscription": "opt_in"},
        {"id": world["other"], "subscription": "opt_out"},
    ]
    assert opensend.get("/contacts/bob@example.com").json["topics"] == [{"id": world["news"], "subscription": "opt_in"}]


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ("{{}}", 422, "contact_ids must be a non-empty array"),
        ("[]", 422, "contact_ids must be a non-empty array"),
        ("null", 422, "contact_ids must be a non-empty array"),
        ('{{"action": "delete", "contact_ids": []}}', 422, "contact_ids must be a non-empty array"),
        ('{{"action": "add_to_segment", "contact_ids": "{ann}"}}', 422, "contact_ids must be a non-empty array"),
        ('{{"action": "add_to_segment", "contact_ids": ["{ann}"]}}', 422, "segment_id is required"),
        ('{{"action": "add_to_segment", "contact_ids": ["{ann}"], "segment_id": 5}}', 422, "segment_id is required"),
        ('{{"action": "subscribe_to_topic", "contact_ids": ["x"], "topic_id": []}}', 422, "topic_id is required"),
        (
            '{{"action": "add_to_segment", "contact_ids": ["x"], "segment_id": "{unknown}"}}',
            404,
            "Segment not found",
        ),
        ('{{"action": "subscribe_to_topic", "contact_ids": ["{ann}"]}}', 422, "topic_id is required"),
        (
            '{{"action": "subscribe_to_topic", "contact_ids": ["{ann}"], "topic_id": "{unknown}"}}',
            404,
            "Topic not found",
        ),
        ('{{"action": "delete", "contact_ids": ["{ann}"]}}', 400, "Invalid action"),
        ('{{"contact_ids": ["{ann}"]}}', 400, "Invalid action"),
        ('{{"action": "add_to_segment", "contact_ids": ["x"], "segment_id": "{vip}"}}', 500, "Internal server error"),
        ('{{"action": "add_to_segment", "contact_ids": [5], "segment_id": "{vip}"}}', 500, "Internal server error"),
        ('{{"action": "add_to_segment", "contact_ids": ["{ann}"], "segment_id": "x"}}', 500, "Internal server error"),
        ("{{", 500, "Internal server error"),
        ("", 500, "Internal server error"),
    ],
)
def test_what_bulk_refuses(opensend, world, body, status, text):
    reply = opensend.post("/api/contacts/bulk", body=body.format(**world).encode())
    assert (reply.status, reply.json) == (status, {"error": text})
    assert opensend.get("/contacts/ann@example.com").json["segments"] == []


def test_there_is_no_root_form(opensend):
    assert opensend.post("/contacts/bulk", {}).headers["location"] == "/opensend/auth"


@pytest.mark.parametrize("key", ["os_full", "os_restricted", "os_invalid", ""])
def test_import_is_for_dashboard_sessions(opensend, key):
    reply = opensend.as_key(key).post("/api/contacts/import", body=b"--x--")
    assert (reply.status, reply.json) == (401, {"error": "Missing or invalid API key"})
