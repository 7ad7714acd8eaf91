"""Topics, and what contacts prefer."""

from __future__ import annotations

import pytest

from tests.support import TIME, UUID, Like

UNKNOWN = "00000000-0000-4000-8000-000000000000"
FULL = {"name": "News", "default_subscription": "opt_in", "visibility": "public"}


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


def topic(client, name="News", **more):
    return client.post("/topics", FULL | {"name": name} | more).json["id"]


def contact(client, email="ann@example.com", **more):
    return client.post("/contacts", {"email": email, **more}).json["id"]


def item(id, **more):
    return {
        "id": id,
        "name": "News",
        "description": None,
        "default_subscription": "opt_in",
        "visibility": "public",
        "created_at": TIME,
    } | more


def row(id, **more):
    return {
        "id": id,
        "name": "News",
        "description": None,
        "defaultSubscription": "opt_in",
        "visibility": "public",
        "createdAt": TIME,
    } | more


@pytest.mark.parametrize(
    ("path", "body", "made"),
    [
        ("/topics", FULL, {}),
        ("/topics", FULL | {"name": " News ", "description": " d "}, {"description": "d"}),
        ("/topics", FULL | {"description": " "}, {}),
        ("/topics", {"name": "News", "defaultSubscription": "opt_out", "visibility": "private"},
         {"defaultSubscription": "opt_out", "visibility": "private"}),
        ("/api/topics", FULL | {"description": "d" * 200}, {"description": "d" * 200}),
        ("/api/topics", {"name": "News"}, {"defaultSubscription": "opt_out"}),
        ("/api/topics", {"name": "News", "default_subscription": 5, "visibility": "x"},
         {"defaultSubscription": "opt_out"}),
        ("/api/topics", {"name": "News", "defaultSubscription": "opt_in", "visibility": "private"},
         {"visibility": "private"}),
    ],
)  # fmt: skip
def test_create_answers_in_camel_case(opensend, path, body, made):
    reply = opensend.post(path, body)
    assert (reply.status, reply.json) == (201, {"object": "topic", **row(UUID, **made)})


def test_reads_answer_in_snake_case(opensend):
    id = topic(opensend)
    for path in (f"/topics/{id}", f"/api/topics/{id.upper()}"):
        assert opensend.get(path).json == {"object": "topic", **item(id)}
    assert opensend.get("/topics").json == {"object": "list", "data": [item(id)], "has_more": False, "total": 1}


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, "Name is required"),
        (FULL | {"name": " ", "description": "d" * 201}, 400, "Name is required"),
        ([], 400, "Name is required"),
        (None, 400, "Name is required"),
        ({"name": "x", "description": "d" * 201}, 422, "Description must be 200 characters or less"),
        ({"name": "x"}, 400, "default_subscription is required"),
        ({"name": "x", "default_subscription": " "}, 400, "default_subscription is required"),
        ({"name": "x", "default_subscription": 1}, 400, "default_subscription is required"),
        ({"name": "x", "default_subscription": "in"}, 422, "default_subscription must be one of: opt_in | opt_out"),
        ({"name": "x", "default_subscription": "opt_in"}, 400, "visibility is required"),
        (FULL | {"visibility": "secret"}, 422, "visibility must be one of: public | private"),
        ({"name": 0}, 500, "Failed to create topic"),
        ({"name": "x", "description": []}, 500, "Failed to create topic"),
        (FULL | {"name": "x" * 256}, 500, "Failed to create topic"),
        (FULL | {"description": 4}, 500, "Failed to create topic"),
    ],
)
def test_what_the_strict_path_refuses(opensend, body, status, text):
    reply = opensend.post("/topics", body)
    assert (reply.status, reply.json) == (status, {"error": text})
    assert opensend.get("/topics").json["total"] == 0


@pytest.mark.parametrize("path", ["/topics", "/api/topics"])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_what_is_no_json(opensend, path, body):
    reply = opensend.post(path, body=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to create topic"})


def test_names_need_not_be_unique_and_lists_page(opensend):
    ids = sorted((topic(opensend) for _ in range(3)), reverse=True)
    first = opensend.get("/topics", query={"limit": 2}).json
    rest = opensend.get("/api/topics", query={"limit": 2, "after": ids[1]}).json
    assert [one["id"] for one in first["data"] + rest["data"]] == ids
    assert [(page["has_more"], page["total"]) for page in (first, rest)] == [(True, 3), (False, 1)]
    topic(opensend, "Other")
    assert opensend.get("/topics", query={"search": " NEWS "}).json["total"] == 3
    bad = opensend.get("/topics", query={"after": "x"})
    assert (bad.status, bad.json) == (500, {"error": "Failed to fetch topics"})


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/topics", {"name": " N2 "}, {"name": "N2"}),
        ("/topics", {"name": " "}, {"name": ""}),
        ("/topics", {"description": "d" * 300}, {"description": "d" * 300}),
        ("/topics", {"description": None}, {}),
        ("/topics", {"description": ""}, {}),
        ("/topics", {"visibility": "private", "id": UNKNOWN}, {"visibility": "private"}),
        ("/api/topics", {"visibility": "secret"}, {}),
        ("/api/topics", {"default_subscription": "opt_out"}, {"defaultSubscription": "opt_out"}),
        ("/api/topics", {"default_subscription": None, "name": "N2"}, {"name": "N2"}),
        ("/api/topics", {"defaultSubscription": None}, {"defaultSubscription": "opt_out"}),
    ],
)
def test_update_answers_the_bare_row(opensend, path, body, change):
    id = topic(opensend)
    reply = opensend.patch(f"{path}/{id}", body)
    bare = row(id, **change) | {"document": None, "userId": Like("user_[0-9a-f]{20}")}
    assert (reply.status, reply.json) == (200, bare)
    after = opensend.get(f"/topics/{id}").json
    assert after["name"] == bare["name"]
    assert after["description"] == bare["description"]
    assert after["default_subscription"] == bare["defaultSubscription"]
    assert after["visibility"] == bare["visibility"]


@pytest.mark.parametrize("name", ["{id}", UNKNOWN, "abc"])
@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"{}", 400, "No fields to update"),
        (b"[]", 400, "No fields to update"),
        (b'{"defaultSubscription": "opt_in"}', 400, "default_subscription cannot be changed after topic creation"),
        (b'{"visibility": "x"}', 422, "visibility must be one of: public | private"),
        (b'{"visibility": ""}', 400, "visibility is required"),
        (b'{"name": null}', 500, "Failed to update topic"),
        (b'{"name": 5}', 500, "Failed to update topic"),
        (b'{"name": 5, "visibility": "x"}', 500, "Failed to update topic"),
        (b"null", 400, "No fields to update"),
        (b'{"description": "' + b"d" * 1025 + b'"}', 500, "Failed to update topic"),
        (b"{", 500, "Failed to update topic"),
    ],
)
def test_update_checks_the_body_before_the_topic(opensend, name, body, status, text):
    id = topic(opensend)
    reply = opensend.patch(f"/topics/{name.format(id=id)}", body=body)
    assert (reply.status, reply.json) == (status, {"error": text})
    assert opensend.get(f"/topics/{id}").json == {"object": "topic", **item(id)}


@pytest.mark.parametrize(
    ("method", "fallback"),
    [("GET", "Failed to fetch topic"), ("PATCH", "Failed to update topic"), ("DELETE", "Failed to delete topic")],
)
def test_unknown_ids_and_what_is_no_id(opensend, method, fallback):
    unknown = opensend(method, f"/topics/{UNKNOWN}", {"name": "x"})
    assert (unknown.status, unknown.json) == (404, {"error": "Topic not found"})
    none = opensend(method, "/topics/abc", {"name": "x"})
    assert (none.status, none.json) == (500, {"error": fallback})


# --- preferences ------------------------------------------------------------------------------------------------


def test_preferences_are_replaced_as_a_whole(opensend):
    news, other, gone = topic(opensend), topic(opensend, "Other"), topic(opensend, "Gone")
    ann = contact(opensend, topics=[news])
    wanted = [{"id": other, "subscription": "opt_in"}, {"id": gone}, {"id": news.upper(), "subscription": "yes"}]
    for path in (f"/contacts/{ann}/topics", "/api/contacts/ann@example.com/topics"):
        reply = opensend.patch(path, {"topics": wanted})
        assert (reply.status, reply.json) == (200, {"object": "contact_topics", "contact_id": ann, "updated": True})
    opensend.delete(f"/topics/{gone}")
    listed = opensend.get(f"/contacts/{ann}/topics")
    data = [
        {"id": other, "name": "Other", "subscription": "opt_in"},
        {"id": news, "name": "News", "subscription": "opt_out"},
    ]
    assert (listed.status, listed.json) == (200, {"object": "list", "data": data})
    assert opensend.get(f"/contacts/{ann}").json["topics"] == [
        {"id": other, "subscription": "opt_in"},
        {"id": gone, "subscription": "opt_out"},
        {"id": news, "subscription": "opt_out"},
    ]
    opensend.patch(f"/contacts/{ann}/topics", {"topics": []})
    assert opensend.get(f"/contacts/{ann}/topics").json == {"object": "list", "data": []}


def test_defaults_are_not_preferences_and_duplicates_stay(opensend):
    news, ann = topic(opensend), contact(opensend)
    assert opensend.get(f"/contacts/{ann}/topics").json["data"] == []
    opensend.patch(f"/contacts/{ann}/topics", {"topics": [{"id": news, "subscription": "opt_in"}] * 2})
    assert len(opensend.get(f"/contacts/{ann}/topics").json["data"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"{}", 422, "topics must be an array"),
        (b'{"topics": {}}', 422, "topics must be an array"),
        (b'[{"id": "x"}]', 422, "topics must be an array"),
        (b"null", 422, "topics must be an array"),
        (b'{"topics": [{}]}', 422, "topic id is required"),
        (b'{"topics": [{"id": 5}]}', 422, "topic id is required"),
        (b'{"topics": ["x"]}', 422, "topic id is required"),
        (b'{"topics": [{"id": "' + UNKNOWN.encode() + b'"}]}', 404, "Topic not found"),
        (b'{"topics": [{"id": "x"}]}', 500, "Failed to update contact topics"),
        (b"{", 500, "Failed to update contact topics"),
    ],
)
def test_what_preferences_refuse(opensend, body, status, text):
    ann = contact(opensend, topics=[topic(opensend)])
    before = opensend.get(f"/contacts/{ann}/topics").json
    reply = opensend.patch(f"/contacts/{ann}/topics", body=body)
    assert (reply.status, reply.json) == (status, {"error": text})
    assert opensend.get(f"/contacts/{ann}/topics").json == before
    missing = opensend.patch(f"/contacts/{UNKNOWN}/topics", body=body)
    assert (missing.status, missing.json) == (404, {"error": "Contact not found"})


def test_preferences_of_nobody(opensend):
    reply = opensend.get("/contacts/nobody/topics")
    assert (reply.status, reply.json) == (404, {"error": "Contact not found"})
