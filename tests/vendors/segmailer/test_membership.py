"""Membership seen from outside: when it lags behind, and why it is as it is."""

from __future__ import annotations

from tests.vendors.segmailer.bodies import LATER, START, make_segment, upsert, where

PRO = where("plan", "eq", "Pro")


def lag(client, seconds):
    assert client.control("PUT", "/lag", {"lag": seconds}).status == 200


def shown(client, segment):
    """Whether Ann is a member, by every operation that tells."""
    contact = client.get("/api/v2/contacts/ann@example.com").json
    told = {
        bool(contact["segments"]),
        bool(client.get("/api/v2/contacts/ann@example.com/segments").json["data"]),
        bool(client.get(f"/api/v2/segments/{segment}/contacts").json["data"]),
        bool(client.get("/api/v2/contacts", query={"segmentId": segment}).json["data"]),
        bool(client.get(f"/api/v2/segments/{segment}").json["contactsCount"]),
    }
    assert len(told) == 1
    return told.pop()


class TestLag:
    """The vendor promises a second at the most; here it is none unless one asks for it."""

    def test_membership_trails_the_write(self, client):
        segment = make_segment(client, "Pro", PRO)
        lag(client, 1)
        assert upsert(client, "ann@example.com", {"plan": "Pro"})["segments"] == []
        client.clock(advance="999ms")
        assert not shown(client, segment)
        client.clock(advance="1ms")
        assert shown(client, segment)
        upsert(client, "ann@example.com", {"plan": "Free"})
        assert shown(client, segment)
        client.clock(advance="1s")
        assert not shown(client, segment)

    def test_the_attributes_do_not(self, client):
        lag(client, 1)
        assert upsert(client, "ann@example.com", {"plan": "Pro"})["attributes"] == {"plan": "Pro"}
        assert client.get("/api/v2/attributes").json["data"][0]["contactsCount"] == 1

    def test_whoever_is_deleted_meanwhile_never_enters(self, client):
        segment = make_segment(client, "Pro", PRO)
        lag(client, 1)
        upsert(client, "ann@example.com", {"plan": "Pro"})
        client.delete("/api/v2/contacts/ann@example.com")
        client.clock(advance="1h")
        assert client.get(f"/api/v2/segments/{segment}").json["contactsCount"] == 0


def test_why(client):
    filter_ = {"and": [PRO, {"not": where("churned", "eq", True)}, {"not": {"engagement": "opened_campaign"}}]}
    segment = make_segment(client, "Pro", filter_)
    ann = upsert(client, "ann@example.com", {"plan": "Free"})
    client.clock(advance="1s")
    upsert(client, "ann@example.com", {"plan": "Pro"})
    reply = client.control("GET", f"/segments/{segment}/why?contact=ANN@example.com&vendor=segmailer")
    leaf = {"type": "json", "op": "equals"}
    assert (reply.status, reply.json) == (
        200,
        {
            "segment": {
                "id": segment,
                "name": "Pro",
                "vendor": "segmailer",
                "workspace": "default",
                "rule": {
                    "all": [
                        {"field": "attributes.plan", **leaf, "value": "Pro"},
                        {"not": {"field": "attributes.churned", **leaf, "value": True}},
                        {"not": {"field": "engagement.opened_campaign", **leaf, "value": True}},
                    ]
                },
                "count": 1,
                "since": START,
            },
            "contact": {"id": ann["id"], "title": "ann@example.com"},
            "member": True,
            "holds": True,
            "conditions": {
                "all": [
                    {"field": "attributes.plan", **leaf, "value": "Pro", "seen": "Pro", "holds": True},
                    {
                        "not": {"field": "attributes.churned", **leaf, "value": True, "seen": None, "holds": False},
                        "holds": True,
                    },
                    {
                        "not": {
                            "field": "engagement.opened_campaign",
                            **leaf,
                            "value": True,
                            "seen": False,
                            "holds": False,
                        },
                        "holds": True,
                    },
                ],
                "holds": True,
            },
            "next_change": None,
            "history": [{"at": LATER, "what": "entered", "why": "attributes.plan changed"}],
            "pending": [],
        },
    )
    by_id = client.control("GET", f"/segments/{segment}/why?contact={ann['id']}")
    assert by_id.json == reply.json
