"""AutoSend contacts."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID
from tests.vendors.autosend.bodies import (
    CONTACT_EXISTS,
    CONTACT_NOT_FOUND,
    LATER,
    NOBODY,
    START,
    contact,
    held,
    invalid,
    make,
    make_list,
    make_segment,
    members,
    ok,
    told,
    where,
)

FULL = {
    "email": "ann@example.com",
    "firstName": "Ann",
    "lastName": "Lee",
    "userId": "user_1",
    "customFields": {"plan": "pro", "seats": 3, "score": 1.5, "vip": True, "since": "2024-03-01"},
}


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/contacts/email"])
class TestCreateAndUpsert:
    """What creating and upserting a new contact have in common."""

    def test_a_bare_address(self, client, path):
        reply = client.post(path, {"email": "ann@example.com"})
        assert (reply.status, reply.json) == (200, ok(contact("ann@example.com")))

    def test_every_member(self, client, path):
        reply = client.post(path, FULL)
        expected = ok(contact(**FULL))
        assert (reply.status, reply.json) == (200, expected)
        assert list(reply.json["data"]) == [
            "id", "email", "firstName", "lastName", "userId", "customFields", "updatedAt", "createdAt", "projectId",
        ]  # fmt: skip
        id = reply.json["data"]["id"]
        assert client.get(f"/v1/contacts/{id}").json == expected

    def test_the_address_is_trimmed_and_lower_case(self, client, path):
        reply = client.post(path, {"email": "  Ann.LEE@Example.COM "})
        assert reply.json == ok(contact("ann.lee@example.com"))

    def test_null_and_empty_members_are_absent(self, client, path):
        body = {"email": "a@example.com", "firstName": None, "userId": None, "customFields": {"plan": None}}
        assert client.post(path, body).json == ok(contact("a@example.com"))
        assert client.post(path, {"email": "b@example.com", "customFields": None}).json == ok(contact("b@example.com"))

    def test_the_newer_name_of_custom_fields(self, client, path):
        reply = client.post(path, {"email": "a@example.com", "contactProperties": {"plan": "pro"}})
        assert reply.json == ok(contact("a@example.com", customFields={"plan": "pro"}))

    def test_unknown_members_are_passed_over(self, client, path):
        assert client.post(path, {"email": "a@example.com", "age": 3}).json == ok(contact("a@example.com"))

    def test_lists_are_joined_and_shown_when_asked_for(self, client, path):
        one, two = make_list(client, "One"), make_list(client, "Two")
        reply = client.post(path, {"email": "a@example.com", "listIds": [two, one, two]})
        assert reply.json == ok(contact("a@example.com", listIds=[two, one]))
        assert members(client, one) == members(client, two) == ["a@example.com"]
        empty = client.post(path, {"email": "b@example.com", "listIds": []})
        assert empty.json == ok(contact("b@example.com", listIds=[]))

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({}, [("email", "Email is required")]),
            ({"email": None}, [("email", "Email is required")]),
            ({"email": ""}, [("email", "Invalid email format")]),
            ({"email": "ann"}, [("email", "Invalid email format")]),
            ({"email": "ann@example"}, [("email", "Invalid email format")]),
            ({"email": "a n@example.com"}, [("email", "Invalid email format")]),
            ({"email": "a@b@example.com"}, [("email", "Invalid email format")]),
            ({"email": "a" * 250 + "@example.com"}, [("email", "Invalid email format")]),
            ({"email": 5}, [("email", "Email must be a string")]),
            ({"email": ["a@example.com"]}, [("email", "Email must be a string")]),
            ({"email": "a@example.com", "firstName": 5}, [("firstName", "FirstName must be a string")]),
            ({"email": "a@example.com", "userId": 5}, [("userId", "UserId must be a string")]),
            ({"email": "a@example.com", "customFields": []}, [("customFields", "CustomFields must be an object")]),
            (
                {"email": "a@example.com", "customFields": {"tags": ["x"]}},
                [("customFields.tags", "Must be a string, number, boolean or date")],
            ),
            ({"email": "a@example.com", "listIds": "x"}, [("listIds", "ListIds must be an array")]),
            ({"email": "a@example.com", "listIds": [1]}, [("listIds.0", "Item must be a string")]),
            ({"email": "a@example.com", "listIds": [NOBODY]}, [("listIds", f"Contact list not found: {NOBODY}")]),
            (
                {"email": "a@example.com", "listIds": ["GLOBAL_CONTACT_LIST"]},
                [("listIds", "Contact list not found: GLOBAL_CONTACT_LIST")],
            ),
            (
                {"email": "x", "firstName": 1, "lastName": []},
                [
                    ("email", "Invalid email format"),
                    ("firstName", "FirstName must be a string"),
                    ("lastName", "LastName must be a string"),
                ],
            ),
            ([], []),
            ("text", []),
            (None, []),
        ],
    )
    def test_bad_input_changes_nothing(self, client, path, body, details):
        before = held(client)
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"email": "a@example.com"', b"[" * 900 + b"]" * 900])
    def test_a_body_that_is_no_json(self, client, path, body):
        reply = client.post(path, body=body, headers={"Content-Type": "application/json"})
        assert (reply.status, reply.json) == (400, invalid())

    def test_a_segment_cannot_be_joined(self, client, path):
        segment = make_segment(client, "All", where("email", "string", "is_not_empty"))
        reply = client.post(path, {"email": "a@example.com", "listIds": [segment]})
        assert (reply.status, reply.json) == (400, invalid(("listIds", f"Contact list not found: {segment}")))
        assert members(client, segment) == []


def test_a_taken_address_is_refused_and_the_contact_stays(client):
    [id] = make(client, "ann@example.com", firstName="Ann")
    before = held(client)
    reply = client.post("/v1/contacts", {"email": "ANN@example.com", "firstName": "Other"})
    assert (reply.status, reply.json) == (409, CONTACT_EXISTS)
    assert held(client) == before
    assert client.get(f"/v1/contacts/{id}").json == ok(contact("ann@example.com", firstName="Ann"))


def test_a_user_id_may_be_used_twice(client):
    make(client, "a@example.com", "b@example.com", userId="user_1")


def test_undeclared_and_mistyped_custom_fields_are_kept_as_sent(client):
    client.post("/v1/contact-properties", {"name": "seats", "type": "number"})
    [id] = make(client, "a@example.com", customFields={"seats": "many", "other": 1})
    assert client.get(f"/v1/contacts/{id}").json["data"]["customFields"] == {"seats": "many", "other": 1}
    assert client.get("/v1/contact-properties/name/other").status == 404


class TestUpsert:
    def test_only_what_is_sent_changes(self, client):
        made = client.post("/v1/contacts", FULL).json["data"]
        client.clock(advance="1s")
        reply = client.post(
            "/v1/contacts/email",
            {"email": "Ann@Example.com", "lastName": "Ray", "customFields": {"plan": "team", "vip": None, "new": 0}},
        )
        expected = contact(**{**FULL, "lastName": "Ray"}, id=made["id"], updatedAt=LATER)
        expected["customFields"] = {"plan": "team", "seats": 3, "score": 1.5, "since": "2024-03-01", "new": 0}
        assert (reply.status, reply.json) == (200, ok(expected))
        assert client.get(f"/v1/contacts/{made['id']}").json == ok(expected)

    def test_null_clears(self, client):
        client.post("/v1/contacts", FULL)
        body = {"email": "ann@example.com", "firstName": None, "userId": None, "customFields": None}
        reply = client.post("/v1/contacts/email", body)
        assert reply.json == ok(contact("ann@example.com", lastName="Lee"))
        assert client.delete("/v1/contacts/email/userId/user_1").status == 404

    def test_the_same_values_move_the_time(self, client):
        make(client, "ann@example.com")
        client.clock(advance="1s")
        reply = client.post("/v1/contacts/email", {"email": "ann@example.com"})
        assert reply.json == ok(contact("ann@example.com", updatedAt=LATER))

    def test_lists_are_only_added(self, client):
        one, two = make_list(client, "One"), make_list(client, "Two")
        make(client, "ann@example.com", listIds=[one])
        reply = client.post("/v1/contacts/email", {"email": "ann@example.com", "listIds": [two, one]})
        assert reply.json == ok(contact("ann@example.com", listIds=[one, two]))
        assert members(client, one) == members(client, two) == ["ann@example.com"]


@pytest.mark.parametrize("id", [NOBODY, "nonsense", "507f1f77bcf86cd79943901", "%00", "a%2Fb", "x" * 300])
def test_an_unknown_contact_is_not_found(client, id):
    make(client, "ann@example.com")
    before = held(client)
    for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/unsubscribe-groups")]:
        reply = client(method, f"/v1/contacts/{id}{path}")
        assert (reply.status, reply.json) == (404, CONTACT_NOT_FOUND)
    assert held(client) == before


def test_delete(client):
    list_id = make_list(client, "One")
    segment = make_segment(client, "All", where("email", "string", "is_not_empty"))
    ann, ben = make(client, "ann@example.com", "ben@example.com", listIds=[list_id])
    reply = client.delete(f"/v1/contacts/{ann}")
    assert (reply.status, reply.json) == (200, told("Contact deleted successfully"))
    assert client.get(f"/v1/contacts/{ann}").json == CONTACT_NOT_FOUND
    assert client.delete(f"/v1/contacts/{ann}").json == CONTACT_NOT_FOUND
    for place in (list_id, segment, "GLOBAL_CONTACT_LIST"):
        assert members(client, place) == ["ben@example.com"]
    assert make(client, "ann@example.com") != [ann]
    assert client.get(f"/v1/contacts/{ben}").status == 200


@pytest.mark.parametrize(("user_id", "path"), [("user_1", "user_1"), ("user/1 ä", "user%2F1%20%C3%A4")])
def test_delete_by_user_id_takes_every_match(client, user_id, path):
    make(client, "a@example.com", "b@example.com", userId=user_id)
    make(client, "c@example.com", userId="user_2")
    reply = client.delete(f"/v1/contacts/email/userId/{path}")
    assert (reply.status, reply.json) == (200, told("Contact deleted successfully"))
    assert members(client, "GLOBAL_CONTACT_LIST") == ["c@example.com"]
    again = client.delete(f"/v1/contacts/email/userId/{path}")
    assert (again.status, again.json) == (404, CONTACT_NOT_FOUND)


def test_remove_by_addresses(client):
    make(client, "a@example.com", "b@example.com", "c@example.com")
    body = {"emails": [" A@example.com", "nobody@example.com", "c@example.com", "c@example.com"]}
    reply = client.post("/v1/contacts/remove", body)
    assert (reply.status, reply.json) == (200, told("Contacts removed successfully"))
    assert members(client, "GLOBAL_CONTACT_LIST") == ["b@example.com"]


def test_search_by_addresses_answers_in_the_order_asked_for(client):
    make(client, "a@example.com", "b@example.com", "c@example.com")
    body = {"emails": ["C@example.com", "nobody@example.com", "a@example.com", "c@example.com"]}
    reply = client.post("/v1/contacts/search/emails", body)
    assert reply.status == 200
    assert reply.json == ok({"contacts": [contact("c@example.com"), contact("a@example.com")]})
    none = client.post("/v1/contacts/search/emails", {"emails": ["nobody@example.com"]})
    assert none.json == ok({"contacts": []})


@pytest.mark.parametrize("path", ["/v1/contacts/remove", "/v1/contacts/search/emails"])
@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("emails", "Emails is required")]),
        ({"emails": []}, [("emails", "Emails must contain at least 1 item")]),
        ({"emails": "a@example.com"}, [("emails", "Emails must be an array")]),
        ({"emails": ["a@example.com", "b"]}, [("emails.1", "Invalid email format")]),
        ({"emails": [None]}, [("emails.0", "Item is required")]),
        (["a@example.com"], []),
    ],
)
def test_bad_addresses_change_nothing(client, path, body, details):
    make(client, "a@example.com")
    before = held(client)
    reply = client.post(path, body)
    assert (reply.status, reply.json) == (400, invalid(*details))
    assert held(client) == before


class TestBulkUpdate:
    def test_creates_and_updates(self, client):
        make(client, "a@example.com", firstName="Ann", customFields={"plan": "pro"})
        client.clock(advance="1s")
        rows = [
            {"email": "A@example.com", "lastName": "Lee", "customFields": {"seats": 2}},
            {"email": "b@example.com", "firstName": "Ben"},
            {"email": "b@example.com", "lastName": "Ray"},
        ]
        reply = client.post("/v1/contacts/bulk-update", {"contacts": rows, "runWorkflow": True})
        assert reply.status == 200
        assert reply.json == ok({"successCount": 3, "failedCount": 0, "totalCount": 3})
        found = client.post("/v1/contacts/search/emails", {"emails": ["a@example.com", "b@example.com"]}).json
        custom = {"plan": "pro", "seats": 2}
        ann = contact("a@example.com", firstName="Ann", lastName="Lee", customFields=custom, updatedAt=LATER)
        ben = contact("b@example.com", firstName="Ben", lastName="Ray", updatedAt=LATER, createdAt=LATER)
        assert found == ok({"contacts": [ann, ben]})

    def test_a_bad_row_fails_alone(self, client):
        rows = [{"email": "a@example.com"}, {"email": "b"}, {}, 5, {"email": "c@example.com", "firstName": 1}]
        reply = client.post("/v1/contacts/bulk-update", {"contacts": rows})
        assert reply.json == ok({"successCount": 1, "failedCount": 4, "totalCount": 5})
        assert members(client, "GLOBAL_CONTACT_LIST") == ["a@example.com"]

    def test_a_hundred_are_the_limit(self, client):
        rows = [{"email": f"p{n}@example.com"} for n in range(101)]
        reply = client.post("/v1/contacts/bulk-update", {"contacts": rows})
        assert (reply.status, reply.json) == (400, invalid(("contacts", "Contacts must contain at most 100 items")))
        assert members(client, "GLOBAL_CONTACT_LIST") == []
        reply = client.post("/v1/contacts/bulk-update", {"contacts": rows[:100]})
        assert reply.json == ok({"successCount": 100, "failedCount": 0, "totalCount": 100})

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({}, [("contacts", "Contacts is required")]),
            ({"contacts": []}, [("contacts", "Contacts must contain at least 1 item")]),
            ({"contacts": {}}, [("contacts", "Contacts must be an array")]),
            ({"contacts": [{"email": "a@b.co"}], "runWorkflow": 1}, [("runWorkflow", "RunWorkflow must be a boolean")]),
        ],
    )
    def test_bad_input(self, client, body, details):
        before = held(client)
        reply = client.post("/v1/contacts/bulk-update", body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before


class TestDuplicate:
    def test_copies_what_is_known(self, client):
        list_id = make_list(client, "One")
        client.post("/v1/contacts", {**FULL, "listIds": [list_id]})
        client.clock(advance="1s")
        reply = client.post("/v1/contacts/email/duplicate", {"email": "ANN@example.com", "newEmail": "New@example.com"})
        copy = contact(**{**FULL, "email": "new@example.com"}, updatedAt=LATER, createdAt=LATER)
        assert (reply.status, reply.json) == (200, ok(copy))
        assert members(client, list_id) == ["new@example.com", "ann@example.com"]

    def test_the_copy_stands_alone(self, client):
        make(client, "a@example.com", customFields={"plan": "pro"})
        client.post("/v1/contacts/email/duplicate", {"email": "a@example.com", "newEmail": "b@example.com"})
        client.post("/v1/contacts/email", {"email": "b@example.com", "customFields": {"plan": "free"}})
        found = client.post("/v1/contacts/search/emails", {"emails": ["a@example.com"]}).json
        assert found == ok({"contacts": [contact("a@example.com", customFields={"plan": "pro"})]})

    @pytest.mark.parametrize(
        ("body", "status", "expected"),
        [
            ({"email": "x@example.com", "newEmail": "n@example.com"}, 404, CONTACT_NOT_FOUND),
            ({"email": "a@example.com", "newEmail": "B@example.com"}, 409, CONTACT_EXISTS),
            ({"email": "a@example.com"}, 400, invalid(("newEmail", "NewEmail is required"))),
            ({"newEmail": "x"}, 400, invalid(("email", "Email is required"), ("newEmail", "Invalid email format"))),
        ],
    )
    def test_refusals(self, client, body, status, expected):
        make(client, "a@example.com", "b@example.com")
        before = held(client)
        reply = client.post("/v1/contacts/email/duplicate", body)
        assert (reply.status, reply.json) == (status, expected)
        assert held(client) == before


def test_unsubscribe_groups(client):
    [id] = make(client, "a@example.com")
    path = f"/v1/contacts/{id}/unsubscribe-groups"
    assert client.get(path).json == ok({"groups": []})
    group = client.post("/v1/suppression-groups", {"name": "Our blog"}).json["data"]
    client.post("/v1/suppression-groups/emails/suppress", {"emails": ["a@example.com"], "groupId": group["groupId"]})
    reply = client.get(path)
    assert (reply.status, reply.json) == (200, ok({"groups": [{"groupId": group["groupId"], "name": "Our blog"}]}))


def test_ids_are_new_and_sort_by_age(client):
    ids = make(client, *(f"p{n}@example.com" for n in range(20)))
    assert ids == sorted(set(ids))
    assert all(id == OBJECT_ID for id in ids)


def test_newest_first_even_within_one_moment(client):
    make(client, *(f"p{n}@example.com" for n in range(5)))
    client.clock(advance="1s")
    make(client, "late@example.com")
    assert members(client, "GLOBAL_CONTACT_LIST") == [
        "late@example.com",
        *(f"p{n}@example.com" for n in (4, 3, 2, 1, 0)),
    ]
    assert client.get("/v1/contact-lists").json["data"]["lists"][0]["contactCount"] == 6


def test_times_are_those_of_the_clock(client):
    [id] = make(client, "a@example.com")
    client.clock(advance="8d")
    assert client.get(f"/v1/contacts/{id}").json["data"]["createdAt"] == START


def test_a_change_shows_although_it_comes_within_a_millisecond(client):
    client.clock(resume=True)
    times = [client.post("/v1/contacts/email", {"email": "ann@example.com"}).json["data"] for _ in range(20)]
    changes = [shown["updatedAt"] for shown in times]
    assert changes == sorted(set(changes))
    assert {shown["createdAt"] for shown in times} == {changes[0]}
