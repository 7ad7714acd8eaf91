"""Contacts, segments, topics and properties through npm `resend`."""

from __future__ import annotations

from tests.clients.resend_node.support import NOW, UNREADABLE, invalid, listed, ok, short
from tests.support import UUID


def listed_contact(id, email, *, first=None, last=None, unsubscribed=False, segments=(), topics=()):
    return {
        "id": id,
        "email": email,
        "firstName": first,
        "lastName": last,
        "first_name": first,
        "last_name": last,
        "unsubscribed": unsubscribed,
        "status": "unsubscribed" if unsubscribed else "subscribed",
        "segments": list(segments),
        "topics": list(topics),
        "created_at": NOW,
    }


def contact(id, email, **more):
    return {
        "object": "contact",
        "id": id,
        "email": email,
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "properties": None,
        **more,
        "created_at": NOW,
    }


def test_contacts(resend):
    seen = resend("contacts.mjs")
    ann, bob = seen["create"]["data"]["id"], seen["create with all"]["data"]["id"]
    ann_listed = listed_contact(ann, "ann@example.com", first="Ann", last="Lee")
    bob_listed = listed_contact(bob, "bob@example.com", unsubscribed=True)
    newest, oldest = sorted((ann_listed, bob_listed), key=lambda item: item["id"], reverse=True)
    joined = {"segments": [], "topics": []}
    assert seen == {
        "create": ok({"object": "contact", "id": UUID}),
        "create with all": ok({"object": "contact", "id": UUID}),
        "get by id": ok(contact(ann, "ann@example.com", first_name="Ann", last_name="Lee", **joined)),
        "get by email": ok(contact(bob, "bob@example.com", unsubscribed=True, properties={"plan": "pro"}, **joined)),
        "list": listed(ann_listed, bob_listed),
        "first page": listed(newest, more=True),
        "second page": listed(oldest),
        "update": ok(
            contact(
                ann,
                "ann@example.com",
                first_name="Anna",
                last_name="Lee",
                unsubscribed=True,
                properties={"n": "1"},
            )
        ),
        "update by email": ok(
            contact(bob, "bob@example.com", first_name="Bob", unsubscribed=True, properties={"plan": "pro"})
        ),
        "remove by email": ok({"object": "contact", "id": bob, "deleted": True}),
        "remove": ok({"object": "contact", "id": ann, "deleted": True}),
        "get removed": short("Contact not found"),
        "update removed": short("Contact not found"),
        "remove again": short("Contact not found"),
        "empty list": listed(),
    }


def test_contacts_that_resend_would_take_and_opensend_does_not(resend):
    seen = resend("contacts_refused.mjs")
    ann = seen["contact"]["data"]["id"]
    assert seen == {
        "segment": ok({"object": "segment", "id": UUID, "name": "VIP"}),
        "contact": ok({"object": "contact", "id": UUID}),
        "segments as objects": invalid(segments=["Invalid input: expected string, received object"]),
        "numeric property": invalid(properties=["Invalid input: expected string, received number"]),
        "bad email": invalid(email=["Invalid email address"]),
        "no email": invalid(email=["Invalid input: expected string, received undefined"]),
        "duplicate": short("Failed to create contact"),
        "imports": UNREADABLE,  # led to the sign-in page, as every path that OpenSend does not know
        "imports list": short("Contact not found"),
        "only one contact": listed(listed_contact(ann, "ann@example.com")),
    }


def test_segments_and_audiences(resend):
    seen = resend("segments.mjs")
    vip, news = seen["create"]["data"]["id"], seen["create audience"]["data"]["id"]
    ann, bob = seen["ann"]["data"]["id"], seen["bob"]["data"]["id"]

    def counted(id, name, contacts, unsubscribed):
        counts = {"contacts_count": contacts, "unsubscribed_count": unsubscribed}
        return {"id": id, "name": name, "created_at": NOW, **counts}

    def member(id, email, first, status):
        names = {"firstName": first, "lastName": None}
        return {"id": id, "email": email, **names, "status": status, "created_at": NOW}

    def membership(id, **more):
        return ok({"object": "contact_segment", "contact_id": id, "segment_id": vip, **more})

    vip_listed, news_listed = counted(vip, "VIP", 2, 1), counted(news, "News", 0, 0)
    assert seen == {
        "create": ok({"object": "segment", "id": UUID, "name": "VIP"}),
        "create audience": ok({"object": "segment", "id": UUID, "name": "News"}),
        "get": ok({"object": "segment", "id": vip, "name": "VIP", "created_at": NOW}),
        "get audience": ok({"object": "segment", "id": news, "name": "News", "created_at": NOW}),
        "ann": ok({"object": "contact", "id": UUID}),
        "bob": ok({"object": "contact", "id": UUID}),
        "add": membership(ann, added=True),
        "add by email": membership(bob, added=True),
        "list": listed(vip_listed, news_listed, total=2),
        "list audiences": listed(max(vip_listed, news_listed, key=lambda item: item["id"]), more=True, total=2),
        "members": listed(
            member(ann, "ann@example.com", "Ann", "subscribed"),
            member(bob, "bob@example.com", None, "unsubscribed"),
        ),
        "members by audience": listed(),
        "segments of ann": listed({"id": vip, "name": "VIP", "created_at": NOW}),
        "segments of bob": listed({"id": vip, "name": "VIP", "created_at": NOW}),
        "leave": membership(ann, deleted=True),
        "leave by email": membership(bob, deleted=True),
        "no members": listed(),
        "remove": ok({"success": True}),
        "remove audience": ok({"success": True}),
        "get removed": short("Segment not found"),
        "add to removed": short("Segment not found"),
        "no name": short("Name is required"),
    }


def test_topics(resend):
    seen = resend("topics.mjs")
    news, ann = seen["create"]["data"]["id"], seen["contact"]["data"]["id"]
    shown = {
        "id": news,
        "name": "News",
        "description": "d",
        "default_subscription": "opt_in",
        "visibility": "public",
        "created_at": NOW,
    }
    raw = {"description": "d", "defaultSubscription": "opt_in", "createdAt": NOW}
    owner = seen["update"]["data"]["userId"]
    assert isinstance(owner, str)
    assert owner
    assert seen == {
        "no visibility": short("visibility is required"),
        "create": ok({"object": "topic", "id": UUID, "name": "News", "visibility": "public", **raw}),
        "get": ok({"object": "topic", **shown}),
        "list": listed(shown, total=1),
        "update": ok(
            {"id": news, "name": "Letters", "visibility": "private", "document": None, "userId": owner, **raw}
        ),
        "get updated": ok({"object": "topic", **shown, "name": "Letters", "visibility": "private"}),
        "contact": ok({"object": "contact", "id": UUID}),
        "create with topics": ok({"object": "contact", "id": UUID}),
        "contact topics": ok({"object": "list", "data": [{"id": news, "name": "Letters", "subscription": "opt_out"}]}),
        "no topics": ok({"object": "list", "data": []}),
        "update contact topics": short("topics must be an array"),
        "remove": ok({"success": True}),
        "get removed": short("Topic not found"),
    }
    assert ann


def test_properties(resend):
    seen = resend("properties.mjs")
    id = seen["post"]["data"]["id"]
    posted = {
        "id": id,
        "key": "company",
        "name": "Company",
        "type": "string",
        "fallback_value": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    # The SDK rewrites what it reads: its own member names, and no more than it knows.
    read = {"id": id, "key": "company", "createdAt": NOW, "type": "string", "fallbackValue": None}
    assert seen == {
        "create": short("Name is required"),
        "empty list": ok({"data": [], "total": 0, "page": 1, "limit": 20}),
        "post": ok({"object": "contact_property", **posted}),
        "list": ok({"data": [read], "total": 1, "page": 1, "limit": 20}),
        "get": ok({"object": "contact_property", **read}),
        "update": ok({**posted, "fallback_value": "Acme"}),
        "get updated": ok({"object": "contact_property", **read, "fallbackValue": "Acme"}),
        "remove": ok({"success": True}),
        "get removed": short("Contact property not found"),
    }
