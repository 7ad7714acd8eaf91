"""AutoSend suppression groups and entries."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID, Like
from tests.vendors.autosend.bodies import (
    GROUP_NOT_FOUND,
    LATER,
    START,
    error,
    held,
    invalid,
    make,
    ok,
    pagination,
    told,
)

CODE = Like("[A-Z0-9]{5}")
SUPPRESS = "/v1/suppression-groups/emails/suppress"
UNSUPPRESS = "/v1/suppression-groups/emails/unsuppress"


def group(name, count=0, **more):
    shown = {"id": OBJECT_ID, "groupId": CODE, "name": name, "isGlobal": False, "isActive": True}
    return {**shown, "createdAt": START, "updatedAt": START, "suppressionCount": count, **more}


def global_group(client, count=0):
    [shown] = client.get("/v1/suppression-groups?isGlobal=true").json["data"]["groups"]
    times = {"createdAt": shown["createdAt"], "updatedAt": shown["createdAt"]}
    assert shown == group("Global Unsubscribes", count, isGlobal=True, **times)
    return shown


def new_group(client, name="Blog", **more):
    return client.post("/v1/suppression-groups", {"name": name, **more}).json["data"]["groupId"]


def entry(email, code, reason="unsubscribed", at=START):
    return {"id": OBJECT_ID, "email": email, "groupId": code, "reason": reason, "createdAt": at, "updatedAt": at}


def suppress(client, *emails, **more):
    reply = client.post(SUPPRESS, {"emails": list(emails), **more})
    assert reply.status == 200, reply.text
    return reply.json["data"]["suppressed"]


def found(client, **filters):
    reply = client.post("/v1/suppression-groups/entries", filters)
    assert reply.status == 200, reply.text
    return [item["email"] for item in reply.json["data"]["entries"]]


class TestGroups:
    def test_create(self, client):
        body = {"name": " Blog ", "description": "Our posts", "isActive": False}
        reply = client.post("/v1/suppression-groups", body)
        assert (reply.status, reply.json) == (201, ok(group("Blog", description="Our posts", isActive=False)))
        assert client.post("/v1/suppression-groups", {"name": "Blog"}).json == ok(group("Blog"))

    def test_get_by_code_or_id(self, client):
        made = client.post("/v1/suppression-groups", {"name": "Blog"}).json
        for key in ("groupId", "id"):
            reply = client.get(f"/v1/suppression-groups/{made['data'][key]}")
            assert (reply.status, reply.json) == (200, made)

    def test_list_is_newest_first_and_tells_global_ones_when_asked(self, client):
        own = [new_group(client, name) for name in ("One", "Two")]
        everywhere = global_group(client)
        suppress(client, "a@example.com", "b@example.com", groupId=own[0])
        shown = [group("Two"), group("One", 2)]
        for query, expected in [
            ("", shown),
            ("?includeGlobal=false", shown),
            ("?includeGlobal=true", [*shown, everywhere]),
            ("?isGlobal=true", [everywhere]),
            ("?isGlobal=true&includeGlobal=true", [everywhere]),
        ]:
            reply = client.get(f"/v1/suppression-groups{query}")
            assert (reply.status, reply.json) == (200, ok({"groups": expected}))

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"name": " News "}, {"name": "News"}),
            ({"isActive": False}, {"isActive": False}),
            ({"description": "Other"}, {"description": "Other"}),
            ({"name": None, "isActive": None}, {}),
            ({}, {}),
        ],
    )
    def test_update(self, client, change, expected):
        code = new_group(client, description="Ours")
        client.clock(advance="1s")
        reply = client.put(f"/v1/suppression-groups/{code}", change)
        before = group("Blog", groupId=code, description="Ours", updatedAt=LATER)
        assert (reply.status, reply.json) == (200, ok({**before, **expected}))
        assert client.get(f"/v1/suppression-groups/{code}").json == reply.json

    def test_a_description_can_be_cleared(self, client):
        code = new_group(client, description="Ours")
        assert client.put(f"/v1/suppression-groups/{code}", {"description": None}).json == ok(group("Blog"))

    def test_delete_takes_its_entries_along(self, client):
        blog, news = new_group(client, "Blog"), new_group(client, "News")
        suppress(client, "a@example.com", groupId=blog)
        suppress(client, "a@example.com", groupId=news)
        reply = client.delete(f"/v1/suppression-groups/{blog}")
        assert (reply.status, reply.json) == (200, told("Suppression group deleted successfully"))
        everything = client.post("/v1/suppression-groups/entries", {}).json["data"]["entries"]
        assert everything == [entry("a@example.com", news)]

    def test_the_global_group_stays(self, client):
        everywhere = global_group(client)
        for key in ("groupId", "id"):
            reply = client.delete(f"/v1/suppression-groups/{everywhere[key]}")
            message = "Cannot delete global suppression group"
            assert (reply.status, reply.json) == (400, error(message, "CANNOT_DELETE_GLOBAL_GROUP", status=400))
        assert global_group(client) == everywhere

    @pytest.mark.parametrize("id", ["AB12C3", "f" * 24, "a%2Fb"])
    def test_an_unknown_group(self, client, id):
        new_group(client)
        before = held(client)
        path = f"/v1/suppression-groups/{id}"
        bodies = {"emails": ["a@example.com"], "groupId": id}
        answers = [
            client.get(path),
            client.put(path, {"name": "x"}),
            client.delete(path),
            client.post(SUPPRESS, bodies),
            client.post(UNSUPPRESS, bodies),
            client.post("/v1/suppression-groups/entries", {"groupId": id}),
        ]
        assert [(reply.status, reply.json) for reply in answers] == [(404, GROUP_NOT_FOUND)] * 6
        assert held(client) == before

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({"name": ""}, [("name", "Name is required")]),
            ({"name": "  "}, [("name", "Name is required")]),
            ({"name": "n" * 201}, [("name", "Name must be at most 200 characters")]),
            ({"name": 5}, [("name", "Name must be a string")]),
            ({"name": "x", "isActive": "yes"}, [("isActive", "IsActive must be a boolean")]),
            ({"name": "x", "description": []}, [("description", "Description must be a string")]),
            ([], []),
        ],
    )
    def test_bad_input(self, client, body, details):
        code = new_group(client)
        before = held(client)
        for reply in (
            client.post("/v1/suppression-groups", body),
            client.put(f"/v1/suppression-groups/{code}", body),
        ):
            assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before

    def test_a_name_is_required(self, client):
        reply = client.post("/v1/suppression-groups", {})
        assert (reply.status, reply.json) == (400, invalid(("name", "Name is required")))


class TestSuppress:
    def test_in_a_group(self, client):
        code = new_group(client)
        reply = client.post(SUPPRESS, {"emails": [" A@example.com", "b@example.com", "a@example.com"], "groupId": code})
        assert (reply.status, reply.json) == (200, ok({"suppressed": 2}))
        assert suppress(client, "a@example.com", "c@example.com", groupId=code) == 1
        assert client.get(f"/v1/suppression-groups/{code}").json["data"]["suppressionCount"] == 3

    def test_without_a_group_there_is_a_default_one(self, client):
        assert suppress(client, "a@example.com", reason="bounced") == 1
        assert suppress(client, "b@example.com") == 1
        assert client.get("/v1/suppression-groups").json == ok({"groups": [group("Default", 2)]})

    def test_globally(self, client):
        code = new_group(client)
        assert suppress(client, "a@example.com", isGlobal=True, groupId=code) == 1
        global_group(client, 1)
        assert client.get("/v1/suppression-groups").json == ok({"groups": [group("Blog")]})

    def test_an_address_needs_no_contact(self, client):
        make(client, "a@example.com")
        assert suppress(client, "a@example.com", "nobody@example.com") == 2

    def test_unsuppress_in_a_group(self, client):
        blog, news = new_group(client, "Blog"), new_group(client, "News")
        for code in (blog, news):
            suppress(client, "a@example.com", "b@example.com", groupId=code)
        reply = client.post(UNSUPPRESS, {"emails": ["A@example.com", "nobody@example.com"], "groupId": blog})
        assert (reply.status, reply.json) == (200, ok({"unsuppressed": 1}))
        assert found(client, groupId=blog) == ["b@example.com"]
        assert found(client, groupId=news) == ["b@example.com", "a@example.com"]

    def test_unsuppress_everywhere(self, client):
        suppress(client, "a@example.com", "b@example.com", groupId=new_group(client))
        suppress(client, "a@example.com", isGlobal=True)
        assert client.post(UNSUPPRESS, {"emails": ["a@example.com"]}).json == ok({"unsuppressed": 2})
        assert found(client) == ["b@example.com"]
        assert client.post(UNSUPPRESS, {"emails": ["a@example.com"]}).json == ok({"unsuppressed": 0})

    def test_unsuppress_globally(self, client):
        suppress(client, "a@example.com", groupId=new_group(client))
        suppress(client, "a@example.com", isGlobal=True)
        reply = client.post(UNSUPPRESS, {"emails": ["a@example.com"], "isGlobal": True})
        assert reply.json == ok({"unsuppressed": 1})
        assert found(client) == ["a@example.com"]
        assert found(client, isGlobal=True) == []

    @pytest.mark.parametrize("path", [SUPPRESS, UNSUPPRESS])
    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({}, [("emails", "Emails is required")]),
            ({"emails": []}, [("emails", "Emails must contain at least 1 item")]),
            ({"emails": ["a@example.com", "nope"]}, [("emails.1", "Invalid email format")]),
            ({"emails": ["a@example.com"], "groupId": 5}, [("groupId", "GroupId must be a string")]),
            ({"emails": ["a@example.com"], "isGlobal": "yes"}, [("isGlobal", "IsGlobal must be a boolean")]),
        ],
    )
    def test_bad_input_changes_nothing(self, client, path, body, details):
        suppress(client, "a@example.com")
        before = held(client)
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before


class TestSearch:
    def test_paging_to_the_end(self, client):
        code = new_group(client)
        suppress(client, *(f"p{n:02}@example.com" for n in range(45)), groupId=code, reason="BOUNCE")
        suppress(client, "other@example.com")
        expected = [entry(f"p{n:02}@example.com", code, "BOUNCE") for n in reversed(range(45))]
        for filters in ({"groupId": code}, {"reason": "BOUNCE"}):
            for page, shown in [(1, expected[:20]), (2, expected[20:40]), (3, expected[40:]), (4, [])]:
                reply = client.post("/v1/suppression-groups/entries", {**filters, "page": page})
                data = {"entries": shown, "pagination": pagination(page, 20, 45, 3)}
                assert (reply.status, reply.json) == (200, ok(data))

    def test_none(self, client):
        data = {"entries": [], "pagination": pagination(1, 20, 0, 0)}
        assert client.post("/v1/suppression-groups/entries", {}).json == ok(data)

    def test_filters(self, client):
        blog = new_group(client)
        suppress(client, "a@example.com", groupId=blog, reason="spam_complaint")
        client.clock(advance="1d")
        suppress(client, "b@example.com", groupId=blog)
        suppress(client, "c@example.com", isGlobal=True)
        everywhere = global_group(client, 1)["groupId"]
        for filters, expected in [
            ({}, ["c", "b", "a"]),
            ({"groupId": blog}, ["b", "a"]),
            ({"isGlobal": True}, ["c"]),
            ({"isGlobal": True, "groupId": everywhere}, ["c"]),
            ({"isGlobal": True, "groupId": blog}, []),
            ({"reason": "unsubscribed"}, ["c", "b"]),
            ({"reason": "spam_complaint"}, ["a"]),
            ({"reason": "SPAM_COMPLAINT"}, []),
            ({"reason": "unsubscribed", "groupId": blog}, ["b"]),
            ({"startDate": "2026-03-18"}, ["c", "b"]),
            ({"endDate": "2026-03-17"}, ["a"]),
            ({"endDate": "2026-03-17T10:29:59Z"}, []),
            ({"startDate": START, "endDate": START}, ["a"]),
            ({"startDate": "2026-03-17T00:00:00+01:00", "endDate": "2026-03-18"}, ["c", "b", "a"]),
            ({"startDate": "2026-03-19"}, []),
        ]:
            assert found(client, **filters) == [f"{name}@example.com" for name in expected], filters

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({"page": 0}, [("page", "Page must be at least 1")]),
            ({"limit": 101}, [("limit", "Limit must be at most 100")]),
            ({"limit": "20"}, [("limit", "Limit must be an integer")]),
            ({"startDate": "soon"}, [("startDate", "Invalid date format")]),
            ({"endDate": "2026-13-01"}, [("endDate", "Invalid date format")]),
            ({"reason": 5}, [("reason", "Reason must be a string")]),
        ],
    )
    def test_bad_input(self, client, body, details):
        reply = client.post("/v1/suppression-groups/entries", body)
        assert (reply.status, reply.json) == (400, invalid(*details))


def test_groups_of_an_address(client):
    code = new_group(client)
    suppress(client, "a@example.com", groupId=code)
    path = "/v1/suppression-groups/email/entries"
    reply = client.post(path, {"email": " A@example.com"})
    assert (reply.status, reply.json) == (200, ok({"groups": [{"groupId": code, "name": "Blog"}]}))
    assert client.post(path, {"email": "b@example.com"}).json == ok({"groups": []})
    bad = client.post(path, {"email": "b"})
    assert (bad.status, bad.json) == (400, invalid(("email", "Invalid email format")))


def test_suppressions_outlive_the_contact(client):
    [id] = make(client, "a@example.com")
    suppress(client, "a@example.com")
    client.delete(f"/v1/contacts/{id}")
    assert found(client) == ["a@example.com"]
