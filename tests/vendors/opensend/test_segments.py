"""Segments, audiences and memberships."""

from __future__ import annotations

import pytest

from tests.support import TIME, UUID

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


def segment(client, name="VIP"):
    return client.post("/segments", {"name": name}).json["id"]


def contact(client, email="ann@example.com", **more):
    return client.post("/contacts", {"email": email, **more}).json["id"]


def item(id, name="VIP", total=0, unsubscribed=0):
    return {"id": id, "name": name, "created_at": TIME, "contacts_count": total, "unsubscribed_count": unsubscribed}


def member(id, email="ann@example.com", **more):
    return {
        "id": id,
        "email": email,
        "firstName": None,
        "lastName": None,
        "status": "subscribed",
        "created_at": TIME,
    } | more


def error(text):
    return {"error": text}


# --- the two names of one row -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"), [("/segments", "segment"), ("/api/segments", "segment"), ("/audiences", "audience")]
)
def test_create_and_read(opensend, path, kind):
    made = opensend.post(path, {"name": "  VIP ", "filter": {}})
    assert (made.status, made.json) == (201, {"object": kind, "id": UUID, "name": "VIP"})
    id = made.json["id"]
    found = opensend.get(f"{path}/{id.upper()}")
    assert (found.status, found.json) == (200, {"object": kind, "id": id, "name": "VIP", "created_at": TIME})


def test_lists(opensend):
    id = segment(opensend)
    assert opensend.get("/segments").json == {"object": "list", "data": [item(id)], "has_more": False, "total": 1}
    assert opensend.get("/api/segments").json == opensend.get("/segments").json
    assert opensend.get("/audiences").json == {"object": "list", "has_more": False, "data": [item(id)]}


def test_deletes_answer_differently(opensend):
    one, other = segment(opensend), segment(opensend)
    assert opensend.delete(f"/segments/{one}").json == {"success": True}
    assert opensend.delete(f"/audiences/{other}").json == {"object": "audience", "id": other, "deleted": True}
    assert opensend.get("/segments").json["data"] == []
    for path in (f"/segments/{one}", f"/audiences/{other}"):
        assert (opensend.delete(path).status, opensend.delete(path).json) == (404, error("Segment not found"))


@pytest.mark.parametrize("noun", ["segment", "audience"])
@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"{}", 400, "Name is required"),
        (b'{"name": null}', 400, "Name is required"),
        (b'{"name": " "}', 400, "Name is required"),
        (b'{"name": ""}', 400, "Name is required"),
        (b"[]", 400, "Name is required"),
        (b"null", 400, "Name is required"),
        (b'"x"', 400, "Name is required"),
        (b'{"name": 5}', 500, None),
        (b'{"name": 0}', 500, None),
        (b'{"name": false}', 500, None),
        (b'{"name": []}', 500, None),
        (b'{"name": "a\\u0000b"}', 500, None),
        (b'{"name": "' + b"x" * 256 + b'"}', 500, None),
        (b"{", 500, None),
        (b"", 500, None),
    ],
)
def test_what_create_refuses(opensend, noun, body, status, text):
    reply = opensend.post(f"/{noun}s", body=body)
    assert (reply.status, reply.json) == (status, error(text or f"Failed to create {noun}"))
    assert opensend.get("/segments").json["total"] == 0


@pytest.mark.parametrize(
    ("method", "path", "fallback"),
    [
        ("GET", "/segments/{id}", "Failed to fetch segment"),
        ("DELETE", "/segments/{id}", "Failed to delete segment"),
        ("GET", "/segments/{id}/contacts", "Failed to fetch segment contacts"),
        ("GET", "/audiences/{id}", "Failed to fetch audience"),
        ("DELETE", "/audiences/{id}", "Failed to delete audience"),
    ],
)
def test_unknown_ids_and_what_is_no_id(opensend, method, path, fallback):
    unknown = opensend(method, path.format(id=UNKNOWN))
    assert (unknown.status, unknown.json) == (404, error("Segment not found"))
    none = opensend(method, path.format(id="abc"))
    assert (none.status, none.json) == (500, error(fallback))


@pytest.mark.parametrize(
    ("path", "fallback"),
    [("/segments", "Failed to fetch segments"), ("/audiences", "Failed to fetch audiences")],
)
@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": "2.5"}])
def test_lists_fail_on_what_the_database_refuses(opensend, path, fallback, query):
    reply = opensend.get(path, query=query)
    assert (reply.status, reply.json) == (500, error(fallback))


def test_paging_to_the_end_with_a_total_that_shrinks(opensend):
    ids = sorted((segment(opensend, f"S{number}") for number in range(5)), reverse=True)
    first = opensend.get("/segments", query={"limit": 2}).json
    second = opensend.get("/segments", query={"limit": 2, "after": ids[1]}).json
    third = opensend.get("/segments", query={"limit": 2, "after": ids[3], "before": ids[0]}).json
    assert [[one["id"] for one in page["data"]] for page in (first, second, third)] == [ids[:2], ids[2:4], ids[4:]]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]
    assert [page["total"] for page in (first, second, third)] == [5, 3, 1]


@pytest.mark.parametrize(
    ("search", "names"),
    [("beta", {"Beta", "alphabeta"}), (" BETA ", {"Beta", "alphabeta"}), ("a%a", {"alphabeta"}), ("x", set())],
)
def test_search(opensend, search, names):
    for name in ("Beta", "alphabeta", "Gamma "):
        segment(opensend, name)
    if search == "a%a":
        names = names | {"Gamma"}
    page = opensend.get("/segments", query={"search": search}).json
    assert {one["name"] for one in page["data"]} == names
    assert page["total"] == len(names)


def test_searched_lists_page_with_a_total_below_after(opensend):
    ids = sorted((segment(opensend, f"S{number}") for number in range(3)), reverse=True)
    segment(opensend, "Other")
    page = opensend.get("/segments", query={"search": "s", "limit": 1, "after": ids[0]}).json
    assert page == {"object": "list", "data": [item(ids[1], UUID_NAME)], "has_more": True, "total": 2}


class _AnyName:
    def __eq__(self, other):
        return other in ("S0", "S1", "S2")

    __hash__ = None


UUID_NAME = _AnyName()


def test_there_are_no_other_operations_on_segments_and_audiences(opensend):
    id = segment(opensend)
    for method, path in (
        ("PATCH", f"/segments/{id}"),
        ("PUT", f"/segments/{id}"),
        ("POST", f"/audiences/{id}/contacts"),
    ):
        assert opensend(method, path, {}).status == 307
    assert opensend.get("/api/audiences").status == 404


# --- the two records of membership ------------------------------------------------------------------------------


def test_adding_writes_both_records(opensend):
    vip, ann = segment(opensend), contact(opensend, first_name="Ann")
    added = {"object": "contact_segment", "contact_id": ann, "segment_id": vip, "added": True}
    for name in (ann, "ann@example.com", ann):
        reply = opensend.post(f"/contacts/{name}/segments/{vip}", {"any": "body"})
        assert (reply.status, reply.json) == (200, added)
    assert opensend.get(f"/contacts/{ann}").json["segments"] == ["VIP"]
    members = {"object": "list", "data": [member(ann, firstName="Ann")], "has_more": False}
    assert opensend.get(f"/segments/{vip}/contacts").json == members
    assert opensend.get("/segments").json["data"] == [item(vip, total=1)]


def test_what_a_contact_is_created_with_is_no_membership_yet(opensend):
    vip = segment(opensend)
    ann = contact(opensend, segments=[vip])
    assert opensend.get(f"/contacts/{ann}").json["segments"] == ["VIP"]
    assert [one["id"] for one in opensend.get("/contacts", query={"segment_id": vip}).json["data"]] == [ann]
    assert opensend.get("/segments").json["data"] == [item(vip, total=1)]
    assert opensend.get(f"/segments/{vip}/contacts").json["data"] == []
    opensend.post(f"/contacts/{ann}/segments/{vip}")
    assert opensend.get(f"/segments/{vip}/contacts").json["data"] == [member(ann)]
    assert opensend.get("/segments").json["data"] == [item(vip, total=1)]


def test_removing_takes_back_both_records(opensend):
    vip = segment(opensend)
    ann = contact(opensend, segments=[vip, vip])
    opensend.post(f"/contacts/{ann}/segments/{vip}")
    removed = {"object": "contact_segment", "contact_id": ann, "segment_id": vip, "deleted": True}
    for _ in range(2):
        reply = opensend.delete(f"/contacts/ann@example.com/segments/{vip}")
        assert (reply.status, reply.json) == (200, removed)
    assert opensend.get(f"/contacts/{ann}").json["segments"] == []
    assert opensend.get(f"/segments/{vip}/contacts").json["data"] == []
    assert opensend.get("/segments").json["data"] == [item(vip)]


def test_counts_follow_unsubscribing_and_deleting(opensend):
    vip = segment(opensend)
    ann, bob = contact(opensend, segments=[vip]), contact(opensend, "bob@example.com")
    opensend.post(f"/contacts/{bob}/segments/{vip}")
    opensend.patch(f"/contacts/{bob}", {"unsubscribed": True})
    assert opensend.get("/segments").json["data"] == [item(vip, total=2, unsubscribed=1)]
    unsubscribed = opensend.get(f"/segments/{vip}/contacts").json["data"]
    assert unsubscribed == [member(bob, "bob@example.com", status="unsubscribed")]
    opensend.delete(f"/contacts/{bob}")
    opensend.delete(f"/contacts/{ann}")
    assert opensend.get("/segments").json["data"] == [item(vip)]


def test_segments_of_one_name_share_members_by_name_alone(opensend):
    one, other = segment(opensend), segment(opensend)
    ann = contact(opensend)
    opensend.post(f"/contacts/{ann}/segments/{one}")
    counts = {row["id"]: row["contacts_count"] for row in opensend.get("/segments").json["data"]}
    assert counts == {one: 1, other: 1}
    assert {row["id"] for row in opensend.get(f"/contacts/{ann}/segments").json["data"]} == {one, other}
    opensend.delete(f"/contacts/{ann}/segments/{other}")
    assert opensend.get(f"/contacts/{ann}").json["segments"] == []
    counts = {row["id"]: row["contacts_count"] for row in opensend.get("/segments").json["data"]}
    assert counts == {one: 1, other: 0}, "the membership row of the first is still there"
    opensend.patch(f"/contacts/{ann}", {"unsubscribed": True})
    counts = {row["id"]: row["unsubscribed_count"] for row in opensend.get("/segments").json["data"]}
    assert counts == {one: 1, other: 0}


def test_a_deleted_segment_leaves_its_name_behind(opensend):
    vip, ann = segment(opensend), contact(opensend)
    opensend.post(f"/contacts/{ann}/segments/{vip}")
    opensend.delete(f"/segments/{vip}")
    assert opensend.get(f"/contacts/{ann}").json["segments"] == ["VIP"]
    assert opensend.get(f"/contacts/{ann}/segments").json == {"object": "list", "data": [], "has_more": False}
    assert opensend.get(f"/segments/{vip}/contacts").status == 404
    again = segment(opensend)
    assert opensend.get("/segments").json["data"] == [item(again, total=1)]
    assert opensend.get(f"/segments/{again}/contacts").json["data"] == []


def test_segments_of_a_contact_in_the_order_they_were_added(opensend):
    names = ["C", "A", "B"]
    ids = [segment(opensend, name) for name in names]
    ann = contact(opensend)
    for id in ids:
        opensend.post(f"/api/contacts/{ann}/segments/{id}")
    data = [{"id": id, "name": name, "created_at": TIME} for id, name in zip(ids, names, strict=True)]
    for path in (f"/contacts/{ann}/segments", "/api/contacts/ann@example.com/segments"):
        assert opensend.get(path).json == {"object": "list", "data": data, "has_more": False}


def test_members_page_to_the_end(opensend):
    vip = segment(opensend)
    ids = sorted((contact(opensend, f"c{number}@example.com") for number in range(5)), reverse=True)
    for id in ids:
        opensend.post(f"/contacts/{id}/segments/{vip}")
    path = f"/api/segments/{vip}/contacts"
    first = opensend.get(path, query={"limit": 3}).json
    rest = opensend.get(path, query={"limit": 3, "after": ids[2]}).json
    assert [one["id"] for one in first["data"]] == ids[:3]
    assert [one["id"] for one in rest["data"]] == ids[3:]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    bad = opensend.get(path, query={"after": "x"})
    assert (bad.status, bad.json) == (500, error("Failed to fetch segment contacts"))


@pytest.mark.parametrize(("method", "verb"), [("POST", "add contact to"), ("DELETE", "remove contact from")])
def test_who_and_what_must_be_there(opensend, method, verb):
    vip, ann = segment(opensend), contact(opensend)
    for path, status, text in (
        (f"/contacts/{UNKNOWN}/segments/{vip}", 404, "Contact not found"),
        (f"/contacts/{UNKNOWN}/segments/{UNKNOWN}", 404, "Contact not found"),
        (f"/contacts/{ann}/segments/{UNKNOWN}", 404, "Segment not found"),
        (f"/contacts/{ann}/segments/VIP", 500, f"Failed to {verb} segment"),
        ("/contacts/nobody/segments/VIP", 500, f"Failed to {verb} segment"),
    ):
        reply = opensend(method, path)
        assert (reply.status, reply.json) == (status, error(text)), path
    missing = opensend.get(f"/contacts/{UNKNOWN}/segments")
    assert (missing.status, missing.json) == (404, error("Contact not found"))
