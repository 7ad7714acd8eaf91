"""SegMailer contacts, one by one."""

from __future__ import annotations

import pytest

from tests.vendors.segmailer.bodies import (
    EMAIL_TAKEN,
    LATER,
    NO_CONTACT,
    NO_SEGMENT,
    NOBODY,
    START,
    contact,
    emails,
    held,
    invalid,
    listing,
    make,
    make_segment,
    upsert,
    where,
)

SAMPLE = {
    "identifier": {"email": "user@example.com"},
    "attributes": {"firstName": "Jane", "lastName": "Doe", "plan": "premium", "signupDate": "2024-01-15"},
}
"""The vendor's own."""

EMAIL = "identifier.email"
NOT_AN_EMAIL = (EMAIL, "must be a valid email address")
ARRAY = "must be an array of strings, numbers and booleans"
A_NAME = "must have a name of 1 to 100 characters"
STATUS = "must be one of subscribed, unsubscribed"

BAD_ATTRIBUTES = [
    ({"attributes": None}, [("attributes", "must be an object")]),
    ({"attributes": []}, [("attributes", "must be an object")]),
    ({"attributes": "x"}, [("attributes", "must be an object")]),
    ({"attributes": {"a": {}}}, [("attributes.a", "must not be an object")]),
    ({"attributes": {"a": {"b": 1}}}, [("attributes.a", "must not be an object")]),
    ({"attributes": {"a": [{}]}}, [("attributes.a", ARRAY)]),
    ({"attributes": {"a": [[1]]}}, [("attributes.a", ARRAY)]),
    ({"attributes": {"a": [None]}}, [("attributes.a", ARRAY)]),
    ({"attributes": {"": 1}}, [("attributes.", A_NAME)]),
    ({"attributes": {"k" * 101: 1}}, [("attributes." + "k" * 101, A_NAME)]),
    ({"status": "bounced"}, [("status", STATUS)]),
    ({"status": "complained"}, [("status", STATUS)]),
    ({"status": None}, [("status", STATUS)]),
    ({"status": 1}, [("status", STATUS)]),
]
"""What neither an upsert nor a change takes."""


class TestUpsert:
    def test_the_vendors_sample(self, client):
        reply = client.post("/api/v2/contacts", SAMPLE)
        assert (reply.status, reply.json) == (201, contact("user@example.com", SAMPLE["attributes"]))
        assert list(reply.json) == ["id", "identifier", "attributes", "status", "segments", "createdAt", "updatedAt"]

    def test_the_same_twice_is_one_contact(self, client):
        first = client.post("/api/v2/contacts", SAMPLE).json
        client.clock(advance="1s")
        again = client.post("/api/v2/contacts", SAMPLE)
        assert (again.status, again.json) == (200, {**first, "updatedAt": LATER})
        assert client.get("/api/v2/contacts").json == listing({**first, "updatedAt": LATER})

    def test_a_bare_address(self, client):
        reply = client.post("/api/v2/contacts", {"identifier": {"email": "  Ann.LEE@Example.COM "}})
        assert (reply.status, reply.json) == (201, contact("ann.lee@example.com"))

    def test_case_and_blanks_make_no_second_contact(self, client):
        first = upsert(client, "ann@example.com", {"a": 1})
        again = client.post("/api/v2/contacts", {"identifier": {"email": " ANN@example.com"}, "attributes": {"b": 2}})
        assert (again.status, again.json) == (200, {**first, "attributes": {"a": 1, "b": 2}})

    @pytest.mark.parametrize(
        "value",
        ["", "text", "2024-01-15", " a ", 0, -1, 1.0, 1.5, 2**60, True, False, [], ["a", 1, 1.5, True], "7"],
    )
    def test_values_come_back_with_their_type(self, client, value):
        said = upsert(client, "ann@example.com", {"value": value})["attributes"]["value"]
        assert (said, type(said)) == (value, type(value))
        read = client.get("/api/v2/contacts/ann@example.com").json["attributes"]["value"]
        assert (read, type(read)) == (value, type(value))

    def test_attributes_merge_and_null_removes(self, client):
        upsert(client, "ann@example.com", {"a": 1, "b": [1, 2], "C": "x", "c": "y"})
        after = upsert(client, "ann@example.com", {"a": 2, "b": None, "new": True, "never": None})
        assert after == contact("ann@example.com", {"a": 2, "C": "x", "c": "y", "new": True})
        assert client.post("/api/v2/contacts", {"identifier": {"email": "ann@example.com"}}).json == after
        assert upsert(client, "ann@example.com", {"b": [3]})["attributes"]["b"] == [3]

    def test_names_of_attributes(self, client):
        names = {"k": 1, "k" * 100: 1, "with blank": 1, "a.b": 1, "email": "x", "status": "y", "createdAt": 3, "ü": 1}
        assert upsert(client, "ann@example.com", names) == contact("ann@example.com", names)

    def test_status(self, client):
        assert upsert(client, "a@example.com", status="unsubscribed")["status"] == "unsubscribed"
        assert upsert(client, "a@example.com")["status"] == "unsubscribed"
        assert upsert(client, "a@example.com", status="subscribed")["status"] == "subscribed"

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({}, [(EMAIL, "is required")]),
            ({"identifier": {}}, [(EMAIL, "is required")]),
            ({"identifier": {"id": "x"}}, [(EMAIL, "is required")]),
            ({"identifier": None}, [("identifier", "must be an object")]),
            ({"identifier": "ann@example.com"}, [("identifier", "must be an object")]),
            ({"identifier": ["ann@example.com"]}, [("identifier", "must be an object")]),
            ({"email": "ann@example.com"}, [(EMAIL, "is required")]),
            ({"identifier": {"email": None}}, [(EMAIL, "must be a string")]),
            ({"identifier": {"email": 5}}, [(EMAIL, "must be a string")]),
            ({"identifier": {"email": ["ann@example.com"]}}, [(EMAIL, "must be a string")]),
            ({"identifier": {"email": ""}}, [NOT_AN_EMAIL]),
            ({"identifier": {"email": "ann"}}, [NOT_AN_EMAIL]),
            ({"identifier": {"email": "ann@example"}}, [NOT_AN_EMAIL]),
            ({"identifier": {"email": "ann@.com"}}, [NOT_AN_EMAIL]),
            ({"identifier": {"email": "a n@example.com"}}, [NOT_AN_EMAIL]),
            ({"identifier": {"email": "a@b@example.com"}}, [NOT_AN_EMAIL]),
            ({"identifier": {"email": "a" * 243 + "@example.com"}}, [NOT_AN_EMAIL]),
            (
                {"identifier": {"email": "x"}, "attributes": {"a": {}}, "status": "x"},
                [NOT_AN_EMAIL, ("attributes.a", "must not be an object"), ("status", STATUS)],
            ),
            *(({"identifier": {"email": "ann@example.com"}, **body}, details) for body, details in BAD_ATTRIBUTES),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, details):
        upsert(client, "ann@example.com", {"a": 1})
        before = held(client)
        reply = client.post("/api/v2/contacts", body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before

    def test_the_longest_address(self, client):
        email = "a" * 242 + "@example.com"
        assert upsert(client, email) == contact(email)

    def test_the_answer_shows_the_segments_that_follow(self, client):
        pro = make_segment(client, "Pro users", where("plan", "eq", "pro"))
        all_ = make_segment(client, "All plans", where("plan", "exists"))
        free = make_segment(client, "Free users", where("plan", "eq", "free"))
        assert upsert(client, "ann@example.com", {"plan": "free"})["segments"] == [
            {"id": all_, "name": "All plans"},
            {"id": free, "name": "Free users"},
        ]
        assert upsert(client, "ann@example.com", {"plan": "pro"})["segments"] == [
            {"id": all_, "name": "All plans"},
            {"id": pro, "name": "Pro users"},
        ]
        assert upsert(client, "ann@example.com", {"plan": None})["segments"] == []


class TestGet:
    def test_by_id_and_by_address(self, client):
        upsert(client, "bob@example.com")
        ann = upsert(client, "ann+x@example.com", {"a": 1})
        for name in (
            ann["id"],
            "ann+x@example.com",
            "ann%2Bx%40example.com",
            "ANN%2Bx%40EXAMPLE.com",
            "%20ann+x@example.com",
        ):
            reply = client.get(f"/api/v2/contacts/{name}")
            assert (reply.status, reply.json) == (200, ann), name

    @pytest.mark.parametrize("id", [NOBODY, "x", "bob@example.com", "@", "%00", "bulk", "a%2Fb"])
    def test_unknown(self, client, id):
        upsert(client, "ann@example.com")
        reply = client.get(f"/api/v2/contacts/{id}")
        assert (reply.status, reply.json) == (404, NO_CONTACT)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
class TestUpdate:
    def test_every_member(self, client, method):
        ann = upsert(client, "ann@example.com", {"a": 1, "b": 2, "c": 3})
        client.clock(advance="1s")
        body = {
            "identifier": {"email": " Anna@Example.com "},
            "attributes": {"a": None, "b": "x"},
            "status": "unsubscribed",
        }
        reply = client(method, f"/api/v2/contacts/{ann['id']}", body)
        expected = contact("anna@example.com", {"b": "x", "c": 3}, id=ann["id"], status="unsubscribed", updatedAt=LATER)
        assert (reply.status, reply.json) == (200, expected)
        assert client.get("/api/v2/contacts/anna@example.com").json == expected
        assert client.get("/api/v2/contacts/ann@example.com").json == NO_CONTACT

    def test_by_address(self, client, method):
        ann = upsert(client, "ann@example.com", {"a": 1})
        reply = client(method, "/api/v2/contacts/ann%40example.com", {"attributes": {"b": 2}})
        assert (reply.status, reply.json) == (200, {**ann, "attributes": {"a": 1, "b": 2}})

    def test_nothing_is_no_trouble(self, client, method):
        ann = upsert(client, "ann@example.com", {"a": 1})
        client.clock(advance="1s")
        reply = client(method, f"/api/v2/contacts/{ann['id']}", {})
        assert (reply.status, reply.json) == (200, {**ann, "updatedAt": LATER})

    def test_its_own_address_is_not_taken(self, client, method):
        ann = upsert(client, "ann@example.com")
        reply = client(method, f"/api/v2/contacts/{ann['id']}", {"identifier": {"email": "ANN@example.com"}})
        assert (reply.status, reply.json) == (200, ann)

    def test_anothers_address_is(self, client, method):
        ann = upsert(client, "ann@example.com", {"a": 1})
        upsert(client, "bob@example.com")
        before = held(client)
        body = {"identifier": {"email": "Bob@example.com"}, "attributes": {"a": 2}}
        reply = client(method, f"/api/v2/contacts/{ann['id']}", body)
        assert (reply.status, reply.json) == (409, EMAIL_TAKEN)
        assert held(client) == before

    def test_segments_follow(self, client, method):
        pro = make_segment(client, "Pro", where("plan", "eq", "pro"))
        mail = make_segment(client, "At example.org", where("email", "contains", "@example.org"))
        off = make_segment(client, "Off", where("status", "eq", "unsubscribed"))
        id = upsert(client, "ann@example.com")["id"]
        body = {"identifier": {"email": "ann@example.org"}, "attributes": {"plan": "pro"}, "status": "unsubscribed"}
        assert client(method, f"/api/v2/contacts/{id}", body).json["segments"] == [
            {"id": mail, "name": "At example.org"},
            {"id": off, "name": "Off"},
            {"id": pro, "name": "Pro"},
        ]

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({"identifier": None}, [("identifier", "must not be null")]),
            ({"identifier": "x"}, [("identifier", "must be an object")]),
            ({"identifier": {}}, [(EMAIL, "is required")]),
            ({"identifier": {"email": None}}, [(EMAIL, "must be a string")]),
            ({"identifier": {"email": "x"}}, [NOT_AN_EMAIL]),
            *BAD_ATTRIBUTES,
        ],
    )
    def test_bad_input_changes_nothing(self, client, method, body, details):
        id = upsert(client, "ann@example.com", {"a": 1})["id"]
        before = held(client)
        reply = client(method, f"/api/v2/contacts/{id}", body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before

    def test_unknown(self, client, method):
        reply = client(method, f"/api/v2/contacts/{NOBODY}", {"attributes": {"a": 1}})
        assert (reply.status, reply.json) == (404, NO_CONTACT)
        assert client(method, "/api/v2/contacts/ann@example.com", {}).json == NO_CONTACT


class TestDelete:
    @pytest.mark.parametrize("by_address", [False, True])
    def test_everything_about_the_contact_goes(self, client, by_address):
        segment = make_segment(client, "Pro", where("plan", "eq", "pro"))
        id = upsert(client, "ann@example.com", {"plan": "pro"})["id"]
        upsert(client, "bob@example.com", {"plan": "pro"})
        for email in ("ann@example.com", "bob@example.com"):
            client.post("/v1/events", {"identifier": {"email": email}, "event": "signed_in"})
        path = f"/api/v2/contacts/{'ann%40example.com' if by_address else id}"
        reply = client.delete(path)
        assert (reply.status, reply.raw, "content-type" in reply.headers) == (204, b"", False)
        for method in ("GET", "DELETE"):
            again = client(method, path)
            assert (again.status, again.json) == (404, NO_CONTACT)
        assert emails(client, f"/api/v2/segments/{segment}/contacts") == ["bob@example.com"]
        assert client.get("/api/v2/attributes").json["data"] == [{"name": "plan", "type": "string", "contactsCount": 1}]
        kept = dict(held(client))
        assert [len(kept["contacts"]), len(kept["events"])] == [1, 1]

    def test_the_address_may_come_back_as_somebody_new(self, client):
        id = upsert(client, "ann@example.com", {"a": 1}, status="unsubscribed")["id"]
        client.delete(f"/api/v2/contacts/{id}")
        again = client.post("/api/v2/contacts", {"identifier": {"email": "ann@example.com"}})
        assert (again.status, again.json) == (201, contact("ann@example.com"))
        assert again.json["id"] != id

    def test_unknown(self, client):
        reply = client.delete(f"/api/v2/contacts/{NOBODY}")
        assert (reply.status, reply.json) == (404, NO_CONTACT)


class TestList:
    @pytest.fixture
    def people(self, client):
        """Five contacts, a second apart: e is the newest."""
        for name, plan, status in (
            ("a", "pro", "subscribed"),
            ("b", "free", "subscribed"),
            ("c", "pro", "unsubscribed"),
            ("d", "pro", "subscribed"),
            ("e", "free", "unsubscribed"),
        ):
            upsert(client, f"{name}@example.com", {"plan": plan}, status=status)
            client.clock(advance="1s")
        return make_segment(client, "Pro", where("plan", "eq", "pro"))

    def test_nobody(self, client):
        reply = client.get("/api/v2/contacts")
        assert (reply.status, reply.json) == (200, listing())

    def test_newest_first_to_the_end(self, client, people):
        shown = [client.get(f"/api/v2/contacts/{name}@example.com").json for name in "edcba"]
        assert client.get("/api/v2/contacts").json == listing(*shown)
        for page, expected in ((1, shown[:2]), (2, shown[2:4]), (3, shown[4:]), (4, []), (10**9, [])):
            reply = client.get("/api/v2/contacts", query={"page": page, "limit": 2})
            assert reply.json == listing(*expected, page=page, limit=2, total=5)

    def test_of_one_moment_by_id(self, client):
        for number in range(10):
            upsert(client, f"{number}@example.com")
        ids = [item["id"] for item in client.get("/api/v2/contacts").json["data"]]
        assert ids == sorted(ids, reverse=True)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, "edcba"),
            ({"email": "b@example.com"}, "b"),
            ({"email": " B@Example.COM "}, "b"),
            ({"email": "b"}, ""),
            ({"email": ""}, ""),
            ({"email": "z@example.com"}, ""),
            ({"status": "subscribed"}, "dba"),
            ({"status": "unsubscribed"}, "ec"),
            ({"status": "bounced"}, ""),
            ({"segmentId": "PRO"}, "dca"),
            ({"segmentId": "PRO", "status": "subscribed"}, "da"),
            ({"segmentId": "PRO", "status": "unsubscribed"}, "c"),
            ({"segmentId": "PRO", "status": "complained"}, ""),
            ({"email": "c@example.com", "segmentId": "PRO"}, "c"),
            ({"email": "c@example.com", "segmentId": "PRO", "status": "unsubscribed"}, "c"),
            ({"email": "c@example.com", "segmentId": "PRO", "status": "subscribed"}, ""),
            ({"email": "b@example.com", "segmentId": "PRO"}, ""),
        ],
    )
    def test_filters(self, client, people, query, expected):
        query = {**query, "segmentId": people} if "segmentId" in query else query
        shown = [client.get(f"/api/v2/contacts/{name}@example.com").json for name in expected]
        for page in range(1, len(expected) + 2):
            reply = client.get("/api/v2/contacts", query={**query, "page": page, "limit": 1})
            assert reply.json == listing(*shown[page - 1 : page], page=page, limit=1, total=len(expected))

    def test_a_status_that_changed(self, client, people):
        client.patch("/api/v2/contacts/a@example.com", {"status": "unsubscribed"})
        assert emails(client, "/api/v2/contacts", status="unsubscribed", segmentId=people) == [
            "c@example.com",
            "a@example.com",
        ]
        assert emails(client, "/api/v2/contacts", status="subscribed", segmentId=people) == ["d@example.com"]

    @pytest.mark.parametrize("more", [{}, {"email": "a@example.com"}, {"status": "subscribed"}])
    def test_an_unknown_segment(self, client, people, more):
        reply = client.get("/api/v2/contacts", query={"segmentId": NOBODY, **more})
        assert (reply.status, reply.json) == (404, NO_SEGMENT)

    def test_a_status_that_is_none(self, client):
        reply = client.get("/api/v2/contacts", query={"status": "deleted"})
        expected = invalid(("status", "must be one of subscribed, unsubscribed, bounced, complained"))
        assert (reply.status, reply.json) == (400, expected)


PAGED = [
    "/api/v2/contacts", "/api/v2/contacts/ann@example.com/segments", "/api/v2/contacts/ann@example.com/events",
    "/api/v2/segments", "/api/v2/webhooks", "/api/v2/workflows", "/api/v2/segments/SEGMENT/contacts",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGED)
@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("page=0", "page", "must be at least 1"),
        ("page=-1", "page", "must be at least 1"),
        ("page=x", "page", "must be an integer"),
        ("page=1.5", "page", "must be an integer"),
        ("page=", "page", "must be an integer"),
        ("page=1000000001", "page", "must be at most 1000000000"),
        ("limit=0", "limit", "must be at least 1"),
        ("limit=101", "limit", "must be at most 100"),
        ("limit=ten", "limit", "must be an integer"),
        ("limit=" + "9" * 5000, "limit", "must be an integer"),
    ],
)
def test_pages_that_are_none(client, path, query, field, message):
    upsert(client, "ann@example.com")
    path = path.replace("SEGMENT", make_segment(client, "S", {"and": []}))
    reply = client.get(f"{path}?{query}")
    assert (reply.status, reply.json) == (400, invalid((field, message)))


class TestSegmentsOfAContact:
    def test_newest_first_to_the_end(self, client):
        make_segment(client, "Free", where("plan", "eq", "free"))
        client.clock(advance="1s")
        ids = []
        for name in ("B", "A", "C"):
            ids.insert(0, make_segment(client, name, where("plan", "eq", "pro")))
            client.clock(advance="1s")
        upsert(client, "ann@example.com", {"plan": "pro"})
        shown = [client.get(f"/api/v2/segments/{id}").json for id in ids]
        assert [segment["name"] for segment in shown] == ["C", "A", "B"]
        for name in ("ann@example.com", client.get("/api/v2/contacts/ann@example.com").json["id"]):
            reply = client.get(f"/api/v2/contacts/{name}/segments")
            assert (reply.status, reply.json) == (200, listing(*shown))
        for page in (1, 2, 3, 4):
            reply = client.get("/api/v2/contacts/ann@example.com/segments", query={"page": page, "limit": 1})
            assert reply.json == listing(*shown[page - 1 : page], page=page, limit=1, total=3)

    def test_unknown(self, client):
        reply = client.get(f"/api/v2/contacts/{NOBODY}/segments")
        assert (reply.status, reply.json) == (404, NO_CONTACT)


class TestEventsOfAContact:
    def test_the_latest_first_to_the_end(self, client):
        make(client, "ann@example.com", "bob@example.com")
        times = {"one": "2026-03-01T00:00:00Z", "three": "2026-03-03T00:00:00Z", "two": "2026-03-02T00:00:00Z"}
        for name, at in times.items():
            event = {"identifier": {"email": "ann@example.com"}, "event": name, "occurredAt": at, "data": {"n": [name]}}
            client.post("/v1/events", event)
        client.post("/v1/events", {"identifier": {"email": "bob@example.com"}, "event": "other"})
        replies = [
            client.get("/api/v2/contacts/ann@example.com/events", query={"page": page, "limit": 1}).json
            for page in (1, 2, 3, 4)
        ]
        ids = {reply["data"][0]["event"]: reply["data"][0]["id"] for reply in replies[:3]}
        for page, name in ((1, "three"), (2, "two"), (3, "one")):
            at = times[name].replace("Z", ".000Z")
            shown = {"id": ids[name], "event": name, "data": {"n": [name]}, "occurredAt": at}
            shown["receivedAt"] = "2026-03-17T10:30:02.000Z"
            assert replies[page - 1] == listing(shown, page=page, limit=1, total=3)
        assert replies[3] == listing(page=4, limit=1, total=3)
        assert len(set(ids.values())) == 3

    def test_none(self, client):
        upsert(client, "ann@example.com")
        assert client.get("/api/v2/contacts/ann@example.com/events").json == listing()

    def test_unknown(self, client):
        reply = client.get(f"/api/v2/contacts/{NOBODY}/events")
        assert (reply.status, reply.json) == (404, NO_CONTACT)


def test_times_are_those_of_the_clock(client):
    ann = upsert(client, "ann@example.com")
    assert (ann["createdAt"], ann["updatedAt"]) == (START, START)
