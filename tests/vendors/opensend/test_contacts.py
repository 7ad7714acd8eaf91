"""Contacts: create, list, read, update, delete."""

from __future__ import annotations

import orjson
import pytest

from lookalike.vendors.opensend.webhooks import DELIVERIES
from tests.support import TIME, UUID

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


def invalid(form=(), **fields):
    return {"error": "Validation failed", "details": {"formErrors": list(form), "fieldErrors": fields}}


def make(client, email="ann@example.com", **more):
    reply = client.post("/contacts", {"email": email, **more})
    assert reply.status == 201, reply.text
    return reply.json["id"]


def shown(id, email="ann@example.com", **more):
    return {
        "object": "contact",
        "id": id,
        "email": email,
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "properties": None,
        "segments": [],
        "topics": [],
        "created_at": TIME,
    } | more


def patched(id, **more):
    contact = shown(id)
    del contact["segments"], contact["topics"]
    return contact | more


def listed(id, email="ann@example.com", **more):
    return {
        "id": id,
        "email": email,
        "firstName": None,
        "lastName": None,
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "status": "subscribed",
        "segments": [],
        "topics": [],
        "created_at": TIME,
    } | more


def topic(client, name="News"):
    wanted = {"name": name, "default_subscription": "opt_in", "visibility": "public"}
    return client.post("/topics", wanted).json["id"]


def segment(client, name="VIP"):
    return client.post("/segments", {"name": name}).json["id"]


# --- create -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/contacts", "/api/contacts"])
def test_create_answers_object_and_id_alone(opensend, path):
    reply = opensend.post(path, {"email": "Ann@Example.com", "first_name": "Ann", "last_name": ""})
    assert reply.status == 201
    assert reply.json == {"object": "contact", "id": UUID}
    found = opensend.get(f"/contacts/{reply.json['id']}")
    assert found.json == shown(reply.json["id"], first_name="Ann")


def test_create_with_everything(opensend):
    news, other, vip = topic(opensend), topic(opensend, "Other"), segment(opensend)
    id = make(
        opensend,
        first_name="Zoë 漢字 🎉",
        last_name="Lee",
        unsubscribed=True,
        properties={"plan": "pro"},
        segments=[vip, UNKNOWN, vip.upper()],
        topics=[
            news.upper(),
            {"id": other, "subscription": "opt_out"},
            UNKNOWN,
            {"id": UNKNOWN, "subscription": "opt_in"},
        ],
        company="ignored",
    )
    assert opensend.get("/contacts/ann@example.com").json == shown(
        id,
        first_name="Zoë 漢字 🎉",
        last_name="Lee",
        unsubscribed=True,
        properties={"plan": "pro"},
        segments=["VIP", "VIP"],
        topics=[{"id": news, "subscription": "opt_in"}, {"id": other, "subscription": "opt_out"}],
    )


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email": ["Invalid input: expected string, received undefined"]}),
        ({"email": None}, {"email": ["Invalid input: expected string, received null"]}),
        ({"email": True}, {"email": ["Invalid input: expected string, received boolean"]}),
        ({"email": {}}, {"email": ["Invalid input: expected string, received object"]}),
        ({"email": ""}, {"email": ["Invalid email address", "Too small: expected string to have >=3 characters"]}),
        (
            {"email": []},
            {
                "email": [
                    "Invalid input: expected string, received array",
                    "Too small: expected array to have >=3 items",
                ]
            },
        ),
        ({"email": "a@localhost"}, {"email": ["Invalid email address"]}),
        ({"email": "a" * 508 + "@x.co"}, {"email": ["Too big: expected string to have <=512 characters"]}),
        (
            {"email": "a@x.co", "last_name": "x" * 256},
            {"last_name": ["Too big: expected string to have <=255 characters"]},
        ),
        (
            {"email": "a@x.co", "first_name": "🎉" * 128},
            {"first_name": ["Too big: expected string to have <=255 characters"]},
        ),
        ({"email": "a@x.co", "first_name": None}, {"first_name": ["Invalid input: expected string, received null"]}),
        (
            {"email": "a@x.co", "unsubscribed": 1},
            {"unsubscribed": ["Invalid input: expected boolean, received number"]},
        ),
        ({"email": "a@x.co", "properties": None}, {"properties": ["Invalid input: expected record, received null"]}),
        (
            {"email": "a@x.co", "properties": {"a": 1, "b": "x", "c": None}},
            {
                "properties": [
                    "Invalid input: expected string, received number",
                    "Invalid input: expected string, received null",
                ]
            },
        ),
        (
            {"email": "a@x.co", "segments": [{"id": UNKNOWN}]},
            {"segments": ["Invalid input: expected string, received object"]},
        ),
        ({"email": "a@x.co", "topics": ["x"]}, {"topics": ["Invalid UUID"]}),
        ({"email": "a@x.co", "topics": [5]}, {"topics": ["Invalid input"]}),
        ({"email": "a@x.co", "topics": [{"id": UNKNOWN}]}, {"topics": ["Invalid input"]}),
        ({"email": "a@x.co", "topics": [{"id": "x", "subscription": "opt_in"}]}, {"topics": ["Invalid UUID"]}),
        (
            {"email": "x", "first_name": 1, "unsubscribed": "no"},
            {
                "email": ["Invalid email address", "Too small: expected string to have >=3 characters"],
                "first_name": ["Invalid input: expected string, received number"],
                "unsubscribed": ["Invalid input: expected boolean, received string"],
            },
        ),
    ],
)
def test_create_tells_every_fault_at_once(opensend, body, fields):
    reply = opensend.post("/contacts", body)
    assert (reply.status, reply.json) == (422, invalid(**fields))
    assert opensend.get("/contacts").json["data"] == []


@pytest.mark.parametrize(("body", "kind"), [([], "array"), ("x", "string"), (None, "null"), (5, "number")])
def test_create_wants_an_object(opensend, body, kind):
    reply = opensend.post("/contacts", body)
    assert (reply.status, reply.json) == (422, invalid([f"Invalid input: expected object, received {kind}"]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"email=a%40x.co",
        b'{"email": "a@x.co", "segments": ["VIP"]}',
        b'{"email": "a@x.co", "first_name": "a\\u0000b"}',
        b'{"email": "a@x.co", "properties": {"a": "\\u0000"}}',
    ],
)
def test_create_fails_on_what_the_real_server_stumbles_over(opensend, body):
    reply = opensend.post("/contacts", body=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to create contact"})
    assert opensend.get("/contacts").json["data"] == []


def test_a_body_past_the_limit_is_cut_and_so_no_json(opensend):
    reply = opensend.post("/contacts", body=b'{"email": "a@x.co", "x": "' + b"x" * (10 * 1024 * 1024) + b'"}')
    assert (reply.status, reply.json) == (500, {"error": "Failed to create contact"})


def test_bytes_that_are_no_utf8_become_replacement_characters(opensend):
    reply = opensend.post("/contacts", body=b'{"email": "a@x.co", "first_name": "Jos\xe9"}')
    assert reply.status == 201
    assert opensend.get("/contacts/a@x.co").json["first_name"] == "Jos\ufffd"


def test_halves_of_surrogate_pairs_become_replacement_characters(opensend):
    body = rb'{"email": "a@x.co", "first_name": "\ud800 \ud83c\udf89 \udf89\ud83c", "last_name": "\\ud800"}'
    assert opensend.post("/contacts", body=body).status == 201
    contact = opensend.get("/contacts/a@x.co").json
    assert (contact["first_name"], contact["last_name"]) == ("\ufffd 🎉 \ufffd\ufffd", r"\ud800")


@pytest.mark.parametrize("spoilt", [b"", b"\xff", rb"\ud800"])
def test_what_is_nested_too_deep_is_no_json(opensend, spoilt):
    id = make(opensend)
    body = b'{"x": "' + spoilt + b'", "properties": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}"
    reply = opensend.patch(f"/contacts/{id}", body=body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


def test_a_taken_email_is_a_500_whatever_its_case(opensend):
    make(opensend)
    reply = opensend.post("/contacts", {"email": "ANN@example.com", "first_name": "Other"})
    assert (reply.status, reply.json) == (500, {"error": "Failed to create contact"})
    assert opensend.get("/contacts/ann@example.com").json["first_name"] is None
    assert opensend.get("/contacts").json["data"] == [listed(UUID)]


# --- read -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/contacts/{id}", "/api/contacts/{id}", "/contacts/ann@example.com", "/contacts/ann%40example.com"]
)
def test_get_by_id_or_email(opensend, path):
    id = make(opensend, properties={"a": "b"})
    reply = opensend.get(path.format(id=id))
    assert (reply.status, reply.json) == (200, shown(id, properties={"a": "b"}))


def test_an_upper_case_id_finds_the_contact(opensend):
    id = make(opensend)
    assert opensend.get(f"/contacts/{id.upper()}").json == shown(id)


@pytest.mark.parametrize("name", ["abc", UNKNOWN, "Ann@Example.com", "nobody@example.com", "a%2Fb"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_who_is_not_there_is_not_found(opensend, method, name):
    make(opensend)
    reply = opensend(method, f"/contacts/{name}", {})
    assert (reply.status, reply.json) == (404, {"error": "Contact not found"})


def test_lists_page_by_id_descending_to_the_end(opensend):
    ids = [make(opensend, f"c{number}@example.com") for number in range(7)]
    seen, after = [], {}
    while True:
        page = opensend.get("/contacts", query={"limit": 3, **after}).json
        seen.append([item["id"] for item in page["data"]])
        if not page["has_more"]:
            break
        after = {"after": seen[-1][-1]}
    assert [len(page) for page in seen] == [3, 3, 1]
    assert [id for page in seen for id in page] == sorted(ids, reverse=True)


def test_after_need_not_exist(opensend):
    ids = [make(opensend, f"c{number}@example.com") for number in range(4)]
    low = "00000000-0000-4000-8000-000000000000"
    assert opensend.get("/contacts", query={"after": low}).json == {"object": "list", "data": [], "has_more": False}
    high = "ffffffff-ffff-4fff-8fff-ffffffffffff"
    page = opensend.get("/contacts", query={"after": high}).json
    assert [item["id"] for item in page["data"]] == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("limit", "length"),
    [
        ("", 40),
        ("0", 40),
        ("abc", 40),
        ("-3", 1),
        ("2", 2),
        ("1e1", 10),
        ("0x10", 16),
        (" 5 ", 5),
        ("101", 45),
        ("Infinity", 45),
    ],
)
def test_limits_are_read_as_javascript_numbers(opensend, limit, length):
    for number in range(45):
        make(opensend, f"c{number}@example.com")
    page = opensend.get("/contacts", query={"limit": limit}).json
    assert (len(page["data"]), page["has_more"]) == (length, length < 45)


@pytest.mark.parametrize("query", [{"limit": "1.5"}, {"after": "x"}, {"segment_id": "VIP"}])
def test_lists_fail_on_what_the_database_refuses(opensend, query):
    reply = opensend.get("/contacts", query=query)
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch contacts"})


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ({"search": "EXAMPLE"}, {"ann@example.com", "bob@example.com"}),
        ({"search": "lee"}, {"bob@example.com"}),
        ({"search": "a_n"}, {"ann@example.com", "dan@other.com"}),
        ({"search": "b%m"}, {"bob@example.com"}),
        ({"search": " ann"}, set()),
        ({"search": "."}, {"ann@example.com", "bob@example.com", "dan@other.com"}),
        ({"search": "nobody"}, set()),
        ({"status": "unsubscribed"}, {"dan@other.com"}),
        ({"status": "subscribed"}, {"ann@example.com", "bob@example.com"}),
        ({"status": "all"}, {"ann@example.com", "bob@example.com", "dan@other.com"}),
        ({"status": "subscribed", "search": "ann"}, {"ann@example.com"}),
        ({"segment_id": "{vip}"}, {"ann@example.com", "dan@other.com"}),
        ({"segment_id": "{vip}", "status": "unsubscribed"}, {"dan@other.com"}),
        ({"segment_id": "{vip}", "search": "ann"}, {"ann@example.com"}),
        ({"segment_id": UNKNOWN}, set()),
        ({"segment_id": ""}, {"ann@example.com", "bob@example.com", "dan@other.com"}),
    ],
)
def test_filters(opensend, query, emails):
    vip = segment(opensend)
    make(opensend, "ann@example.com", first_name="Annan", segments=[vip])
    make(opensend, "bob@example.com", last_name="Lee")
    make(opensend, "dan@other.com", first_name="Aln", unsubscribed=True, segments=[vip])
    reply = opensend.get("/contacts", query={name: value.format(vip=vip) for name, value in query.items()})
    assert {item["email"] for item in reply.json["data"]} == emails
    ids = [item["id"] for item in reply.json["data"]]
    assert ids == sorted(ids, reverse=True)


def test_filtered_and_searched_lists_page_too(opensend):
    vip = segment(opensend)
    ids = [make(opensend, f"c{number}@example.com", segments=[vip]) for number in range(5)]
    for query in ({"segment_id": vip}, {"search": "example"}):
        first = opensend.get("/contacts", query={**query, "limit": 3}).json
        rest = opensend.get("/contacts", query={**query, "limit": 3, "after": first["data"][-1]["id"]}).json
        assert (first["has_more"], rest["has_more"]) == (True, False)
        assert [item["id"] for item in first["data"] + rest["data"]] == sorted(ids, reverse=True)


def test_list_items_carry_both_casings_and_topic_names(opensend):
    news, gone, vip = topic(opensend), topic(opensend, "Gone"), segment(opensend)
    id = make(opensend, first_name="A", last_name="L", unsubscribed=True, segments=[vip], topics=[news, gone])
    opensend.delete(f"/topics/{gone}")
    item = listed(
        id,
        firstName="A",
        lastName="L",
        first_name="A",
        last_name="L",
        unsubscribed=True,
        status="unsubscribed",
        segments=["VIP"],
        topics=[{"id": news, "name": "News", "subscription": "opt_in"}],
    )
    assert opensend.get("/contacts").json == {"object": "list", "data": [item], "has_more": False}
    preferences = opensend.get(f"/contacts/{id}").json["topics"]
    assert [preference["id"] for preference in preferences] == [news, gone]


# --- update and delete ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({}, {}),
        ([], {}),
        ("text", {}),
        (7, {}),
        ({"firstName": "x", "segments": [], "topics": [], "nickname": 1}, {}),
        ({"first_name": "Ann"}, {"first_name": "Ann"}),
        ({"first_name": None}, {"first_name": None}),
        ({"first_name": 5}, {"first_name": "5"}),
        ({"first_name": 1.5, "last_name": True}, {"first_name": "1.5", "last_name": "true"}),
        ({"last_name": ""}, {"last_name": ""}),
        ({"properties": {"b": 1, "c": [None]}}, {"properties": {"b": 1, "c": [None]}}),
        ({"properties": None}, {"properties": None}),
        ({"properties": [1]}, {"properties": None}),
        ({"properties": "text"}, {"properties": None}),
        ({"unsubscribed": True}, {"unsubscribed": True}),
        ({"unsubscribed": "yes"}, {"unsubscribed": True}),
        ({"unsubscribed": "on"}, {"unsubscribed": True}),
        ({"unsubscribed": "T"}, {"unsubscribed": True}),
        ({"unsubscribed": 1}, {"unsubscribed": True}),
        ({"unsubscribed": "off"}, {"unsubscribed": False}),
        ({"unsubscribed": "0"}, {"unsubscribed": False}),
        ({"email": "New@Example.com"}, {"email": "New@Example.com"}),
        ({"email": "notanemail"}, {"email": "notanemail"}),
    ],
)
def test_update_takes_what_the_database_can_convert(opensend, body, change):
    id = make(opensend, first_name="First", properties={"a": "b"})
    before = patched(id, first_name="First", properties={"a": "b"})
    reply = opensend.patch(f"/contacts/{id}", body)
    assert (reply.status, reply.json) == (200, before | change)
    assert opensend.get(f"/contacts/{id}").json == before | change | {"segments": [], "topics": []}


@pytest.mark.parametrize(
    "body",
    [
        {"unsubscribed": "maybe"},
        {"unsubscribed": "o"},
        {"unsubscribed": None},
        {"unsubscribed": ""},
        {"unsubscribed": 2},
        {"email": None},
        {"email": "bob@example.com"},
        {"email": "x" * 513},
        {"first_name": "x" * 256},
        {"last_name": "a\0b"},
        {"properties": {"a": ["\0"]}},
    ],
)
def test_update_fails_on_what_the_database_refuses(opensend, body):
    id = make(opensend)
    make(opensend, "bob@example.com")
    reply = opensend.patch(f"/contacts/{id}", {"last_name": "Changed", **body})
    assert (reply.status, reply.json) == (500, {"error": "Failed query"})
    assert opensend.get(f"/contacts/{id}").json == shown(id)


@pytest.mark.parametrize("name", ["ann@example.com", UNKNOWN])
@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"{", 400, "Invalid JSON body"),
        (b"", 400, "Invalid JSON body"),
        (b"null", 500, "Cannot read properties of null (reading 'email')"),
    ],
)
def test_update_reads_the_body_before_it_looks_for_the_contact(opensend, name, body, status, error):
    make(opensend)
    reply = opensend.patch(f"/contacts/{name}", body=body)
    assert (reply.status, reply.json) == (status, {"error": error})


def test_an_email_moves_with_the_contact_and_frees_the_old_one(opensend):
    id = make(opensend)
    opensend.patch("/contacts/ann@example.com", {"email": "Anna@Example.com"})
    assert opensend.get("/contacts/Anna@Example.com").json == shown(id, "Anna@Example.com")
    assert opensend.get("/contacts/anna@example.com").status == 404
    assert make(opensend) != id
    assert make(opensend, "anna@example.com") != id


@pytest.mark.parametrize("name", ["{id}", "ann@example.com"])
def test_delete_takes_the_memberships_along(opensend, name):
    vip = segment(opensend)
    id = make(opensend, segments=[vip])
    opensend.post(f"/contacts/{id}/segments/{vip}")
    reply = opensend.delete(f"/contacts/{name.format(id=id)}", {"any": "body"})
    assert (reply.status, reply.json) == (200, {"object": "contact", "id": id, "deleted": True})
    assert opensend.delete(f"/contacts/{id}").status == 404
    assert opensend.get(f"/segments/{vip}/contacts").json["data"] == []
    assert opensend.get("/segments").json["data"][0]["contacts_count"] == 0
    assert make(opensend) != id


# --- webhooks ---------------------------------------------------------------------------------------------------


@pytest.fixture
def events(opensend):
    """What webhooks would carry, newest last."""
    types = ["contact.created", "contact.updated", "contact.deleted"]
    opensend.post("/webhooks", {"endpoint": "https://hooks.example.com", "events": types})

    def read():
        rows = opensend.sandbox.workspace("default").part("opensend").collection(DELIVERIES).raw()
        return [(row["type"], row["data"]) for row in map(orjson.loads, rows)]

    return read


def test_webhooks_of_a_contact_s_life(opensend, events):
    news, vip = topic(opensend), segment(opensend)
    id = make(opensend, segments=[vip], topics=[news])
    opensend.patch(f"/contacts/{id}", {"first_name": "Ann", "email": "ann@example.com", "properties": {"a": "b"}})
    opensend.delete(f"/contacts/{id}")
    contact = {
        "id": id,
        "email": "ann@example.com",
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "properties": {},
        "segments": ["VIP"],
        "topics": [{"topicId": news, "subscribed": True}],
        "created_at": TIME,
    }
    after = contact | {"first_name": "Ann", "properties": {"a": "b"}}
    assert events() == [
        ("contact.created", contact),
        ("contact.updated", {"id": id, "changed_fields": ["first_name", "properties"], "contact": after}),
        ("contact.deleted", {"id": id, "email": "ann@example.com"}),
    ]


def test_true_is_not_one(opensend, events):
    id = make(opensend)
    for value in (1, True, {"a": 1, "b": 2}, {"b": 2, "a": 1}):
        opensend.patch(f"/contacts/{id}", {"properties": {"x": value}})
    assert opensend.get(f"/contacts/{id}").json["properties"] == {"x": {"a": 1, "b": 2}}
    told = [data["contact"]["properties"]["x"] for type, data in events() if type == "contact.updated"]
    assert [(type(value), value) for value in told] == [(int, 1), (bool, True), (dict, {"a": 1, "b": 2})]


def test_what_changes_nothing_is_not_told(opensend, events):
    vip, news = segment(opensend), topic(opensend)
    id = make(opensend, first_name="Ann", properties={"a": "b"})
    opensend.patch(f"/contacts/{id}", {"first_name": "Ann", "unsubscribed": False, "properties": {"a": "b"}})
    opensend.post(f"/contacts/{id}/segments/{vip}")
    opensend.delete(f"/contacts/{id}/segments/{vip}")
    opensend.patch(f"/contacts/{id}/topics", {"topics": [{"id": news, "subscription": "opt_in"}]})
    opensend.post("/contacts", {"email": "bad"})
    opensend.post("/contacts", {"email": "ann@example.com"})
    assert [type for type, _ in events()] == ["contact.created"]


def test_what_is_told_is_what_was_given_not_what_became_of_it(opensend, events):
    id = make(opensend, first_name="5")
    reply = opensend.patch(f"/contacts/{id}", {"first_name": 5, "last_name": None, "unsubscribed": "no"})
    assert (reply.status, reply.json) == (200, patched(id, first_name="5"))
    opensend.patch(f"/contacts/{id}", {"properties": [1]})
    (_, told), (_, listed) = events()[1:]
    assert told["changed_fields"] == ["first_name", "unsubscribed"]
    assert (listed["changed_fields"], listed["contact"]["properties"]) == (["properties"], {})


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("a\\_n", ["a_n@example.com"]),
        ("a_n", ["a_n@example.com", "ann@example.com"]),
        ("a\\%", ["a%@example.com"]),
        ("100\\", []),
        ("Lee\\", ["a%@example.com"]),
        ("a%" * 50 + "z", []),
        ("%" * 60 + "z", []),
    ],
)
def test_search_takes_a_backslash_before_wildcards_and_any_number_of_them(opensend, search, found):
    make(opensend, "a_n@example.com")
    make(opensend, "ann@example.com")
    id = make(opensend, "b@example.com", last_name="Lee%")
    opensend.patch(f"/contacts/{id}", {"email": "a%@example.com"})
    make(opensend, "a" * 100 + "@example.com")
    items = opensend.get("/contacts", query={"search": search}).json["data"]
    assert sorted(item["email"] for item in items) == found
