"""AutoSend contact lists: create, read, delete, and who is on them."""

from __future__ import annotations

import pytest

from lookalike.vendors.autosend.people import CONTACTS
from tests.support import OBJECT_ID
from tests.vendors.autosend.bodies import (
    LATER,
    LIST_NOT_FOUND,
    NOBODY,
    START,
    contact,
    error,
    held,
    invalid,
    make,
    make_list,
    make_segment,
    members,
    ok,
    pagination,
    told,
    where,
)

GLOBAL = "GLOBAL_CONTACT_LIST"
CRITERIA = {"logicalOperator": "AND", "groups": [where("email", "string", "contains", "@example.com")]}


def everybody(count):
    return {
        "id": GLOBAL,
        "name": "All Contacts",
        "description": "All contacts in the project",
        "type": "list",
        "contactCount": count,
    }


def a_list(name, count=0, **more):
    shown = {"id": OBJECT_ID, "name": name, "type": "list", "contactCount": count}
    return {**shown, "createdAt": START, "updatedAt": START, **more}


class TestCreate:
    def test_a_list(self, client):
        reply = client.post("/v1/contact-lists", {"name": "  Buyers ", "description": "Who bought"})
        assert (reply.status, reply.json) == (201, ok(a_list("Buyers", description="Who bought")))
        assert list(reply.json["data"]) == [
            "id", "name", "description", "type", "contactCount", "createdAt", "updatedAt",
        ]  # fmt: skip
        path = f"/v1/contact-lists/{reply.json['data']['id']}"
        assert client.get(path).json == reply.json

    @pytest.mark.parametrize("more", [{}, {"type": "list"}, {"type": None, "description": None}, {"parentId": GLOBAL}])
    def test_what_may_be_left_out(self, client, more):
        reply = client.post("/v1/contact-lists", {"name": "Buyers", **more})
        assert (reply.status, reply.json) == (201, ok(a_list("Buyers")))

    def test_a_segment(self, client):
        make(client, "a@example.com", "b@elsewhere.org")
        reply = client.post("/v1/contact-lists", {"name": "Ours", "type": "segment", "filterCriteria": CRITERIA})
        expected = a_list("Ours", 1, type="segment", filterCriteria=CRITERIA)
        assert (reply.status, reply.json) == (201, ok(expected))
        assert client.get(f"/v1/contact-lists/{reply.json['data']['id']}").json == ok(expected)

    def test_the_longest_names(self, client):
        body = {"name": "n" * 200, "description": "d" * 500}
        assert client.post("/v1/contact-lists", body).json == ok(a_list(**body))

    @pytest.mark.parametrize(
        ("body", "status", "expected"),
        [
            ({}, 400, error("List name is required", "LIST_NAME_REQUIRED")),
            ({"name": None}, 400, error("List name is required", "LIST_NAME_REQUIRED")),
            ({"name": "  "}, 400, error("List name is required", "LIST_NAME_REQUIRED")),
            ({"type": "group"}, 400, error("List name is required", "LIST_NAME_REQUIRED")),
            (
                {"name": "x", "type": "group"},
                400,
                error('Invalid list type. Must be either "list" or "segment"', "INVALID_LIST_TYPE"),
            ),
            (
                {"name": "x", "type": ["list"]},
                400,
                error('Invalid list type. Must be either "list" or "segment"', "INVALID_LIST_TYPE"),
            ),
            ({"name": 5}, 400, invalid(("name", "Name must be a string"))),
            ({"name": "n" * 201}, 400, invalid(("name", "Name must be at most 200 characters"))),
            (
                {"name": "x", "description": "d" * 501},
                400,
                invalid(("description", "Description must be at most 500 characters")),
            ),
            ({"name": "x", "description": 5}, 400, invalid(("description", "Description must be a string"))),
            ({"name": "x", "type": "segment"}, 400, invalid(("filterCriteria", "FilterCriteria is required"))),
            (
                {"name": "x", "type": "segment", "filterCriteria": []},
                400,
                invalid(("filterCriteria", "FilterCriteria must be an object")),
            ),
            ({"name": "x", "parentId": NOBODY}, 400, invalid(("parentId", f"Contact list not found: {NOBODY}"))),
            ({"name": "Taken"}, 409, error("A list with this name already exists", "LIST_NAME_EXISTS")),
            (
                {"name": " Taken ", "type": "segment", "filterCriteria": CRITERIA},
                409,
                error("A list with this name already exists", "LIST_NAME_EXISTS"),
            ),
            ([], 400, invalid()),
            ("Taken", 400, invalid()),
        ],
    )
    def test_refusals_change_nothing(self, client, body, status, expected):
        make_list(client, "Taken")
        before = held(client)
        reply = client.post("/v1/contact-lists", body)
        assert (reply.status, reply.json) == (status, expected)
        assert held(client) == before

    def test_names_differ_by_case(self, client):
        make_list(client, "Taken")
        make_list(client, "taken")


class TestList:
    def test_the_empty_project(self, client):
        reply = client.get("/v1/contact-lists")
        assert (reply.status, reply.json) == (200, ok({"lists": [everybody(0)]}))
        assert list(reply.json["data"]["lists"][0]) == ["id", "name", "description", "type", "contactCount"]

    def test_all_with_their_counts(self, client):
        one = make_list(client, "One")
        make_segment(client, "Ours", *CRITERIA["groups"])
        make(client, "a@example.com", listIds=[one])
        make(client, "b@elsewhere.org", "c@example.com")
        expected = [everybody(3), a_list("Ours", 2, type="segment", filterCriteria=CRITERIA), a_list("One", 1)]
        assert client.get("/v1/contact-lists").json == ok({"lists": expected})
        assert client.get("/v1/contact-lists?type=list").json == ok({"lists": [expected[0], expected[2]]})
        assert client.get("/v1/contact-lists?type=segment").json == ok({"lists": [expected[1]]})

    def test_another_type(self, client):
        reply = client.get("/v1/contact-lists?type=group")
        assert (reply.status, reply.json) == (400, invalid(("type", "Type must be one of list, segment")))


def test_get_the_list_of_everybody(client):
    make(client, "a@example.com")
    assert client.get(f"/v1/contact-lists/{GLOBAL}").json == ok(everybody(1))


@pytest.mark.parametrize("id", [NOBODY, "nonsense", "global_contact_list"])
def test_an_unknown_list_is_not_found(client, id):
    before = held(client)
    answers = [
        client.get(f"/v1/contact-lists/{id}"),
        client.delete(f"/v1/contact-lists/{id}"),
        client.post("/v1/contact-lists/contacts/search", {"contactListId": id}),
        client.post("/v1/contact-lists/contacts/bulk-add", {"contactListId": id, "emails": ["a@example.com"]}),
        client.post(f"/v1/contact-lists/{id}/contacts/remove", {"emails": ["a@example.com"]}),
    ]
    assert [(reply.status, reply.json) for reply in answers] == [(404, LIST_NOT_FOUND)] * 5
    assert held(client) == before


class TestDelete:
    def test_a_list_goes_and_its_members_stay(self, client):
        one, two = make_list(client, "One"), make_list(client, "Two")
        make(client, "a@example.com", "b@example.com", listIds=[one, two])
        reply = client.delete(f"/v1/contact-lists/{one}")
        assert (reply.status, reply.json) == (200, told("Contact list deleted successfully"))
        assert client.get(f"/v1/contact-lists/{one}").json == LIST_NOT_FOUND
        upsert = client.post("/v1/contacts/email", {"email": "a@example.com", "listIds": []})
        assert upsert.json["data"]["listIds"] == [two]
        assert members(client, GLOBAL) == members(client, two) == ["b@example.com", "a@example.com"]
        make_list(client, "One")

    def test_a_segment_goes(self, client):
        make(client, "a@example.com")
        segment = make_segment(client, "Ours", *CRITERIA["groups"])
        assert client.delete(f"/v1/contact-lists/{segment}").json == told("Contact list deleted successfully")
        [shown] = client.post(
            "/v1/contact-lists/contacts/bulk-add",
            {"contactListId": make_list(client, "L"), "emails": ["a@example.com"]},
        ).json["data"]["contacts"]
        assert shown["segmentIds"] == []

    def test_a_large_one_is_gone_before_its_members_know(self, client, between):
        one = make_list(client, "One")
        emails = [f"p{number}@example.com" for number in range(60)]
        for some in (emails[:30], emails[30:]):
            body = {"contactListId": one, "emails": some}
            assert client.post("/v1/contact-lists/contacts/bulk-add", body).status == 200
        contacts = client.sandbox.workspace("default").part("autosend").collection(CONTACTS)
        seen = []

        def look():
            seen.append(
                (client.get(f"/v1/contact-lists/{one}").status, contacts.page("members", within=one, limit=0).total)
            )

        between.append(look)
        assert client.delete(f"/v1/contact-lists/{one}").json == told("Contact list deleted successfully")
        look()
        assert seen == [(404, 10), (404, 0)]

    def test_the_list_of_everybody_stays(self, client):
        reply = client.delete(f"/v1/contact-lists/{GLOBAL}")
        expected = invalid(("contactListId", "The global contact list cannot be deleted"))
        assert (reply.status, reply.json) == (400, expected)


class TestMembers:
    def search(self, client, list_id, **more):
        return client.post("/v1/contact-lists/contacts/search", {"contactListId": list_id, **more})

    def test_paging_to_the_end(self, client):
        one = make_list(client, "One")
        make(client, *(f"p{n:02}@example.com" for n in range(45)), listIds=[one])
        make(client, "other@example.com")
        expected = [f"p{n:02}@example.com" for n in reversed(range(45))]
        seen = []
        for page, size in [(1, 20), (2, 20), (3, 5), (4, 0), (10**12, 0)]:
            reply = self.search(client, one, page=page)
            listed = reply.json["data"]["contacts"]
            assert (reply.status, len(listed)) == (200, size)
            assert reply.json == ok({"contacts": listed, "pagination": pagination(page, 20, 45, 3)})
            seen += [item["email"] for item in listed]
        assert seen == expected
        whole = self.search(client, GLOBAL, limit=100).json["data"]
        assert whole["pagination"] == pagination(1, 100, 46, 1)
        assert len(whole["contacts"]) == 46

    def test_a_member_is_shown_whole(self, client):
        body = {"email": "a@example.com", "firstName": "Ann", "userId": "u", "customFields": {"plan": "pro"}}
        client.post("/v1/contacts", body)
        expected = {"contacts": [contact(**body)], "pagination": pagination(1, 20, 1, 1)}
        assert self.search(client, GLOBAL).json == ok(expected)

    def test_nobody(self, client):
        expected = ok({"contacts": [], "pagination": pagination(1, 20, 0, 0)})
        assert self.search(client, make_list(client, "One")).json == expected

    def test_by_a_part_of_the_address(self, client):
        one = make_list(client, "One")
        make(client, "ann@example.com", "ben@example.com", "joann@elsewhere.org", listIds=[one])
        make(client, "hannah@example.com")
        assert members(client, one, email="ANN") == ["joann@elsewhere.org", "ann@example.com"]
        assert members(client, GLOBAL, email=" ann@") == ["joann@elsewhere.org", "ann@example.com"]
        second = self.search(client, GLOBAL, email="an", limit=2, page=2).json["data"]
        assert [item["email"] for item in second["contacts"]] == ["ann@example.com"]
        assert second["pagination"] == pagination(2, 2, 3, 2)
        assert self.search(client, one, email="nobody").json["data"]["pagination"] == pagination(1, 20, 0, 0)
        assert len(members(client, one, email="")) == 3

    @pytest.mark.parametrize(
        ("more", "details"),
        [
            ({"contactListId": None}, [("contactListId", "ContactListId is required")]),
            ({"contactListId": 5}, [("contactListId", "ContactListId must be a string")]),
            ({"page": 0}, [("page", "Page must be at least 1")]),
            ({"page": 2**53}, [("page", "Page must be at most 9007199254740991")]),
            ({"page": "2"}, [("page", "Page must be an integer")]),
            ({"page": 1.5}, [("page", "Page must be an integer")]),
            ({"limit": 0}, [("limit", "Limit must be at least 1")]),
            ({"limit": 101}, [("limit", "Limit must be at most 100")]),
            ({"limit": True}, [("limit", "Limit must be an integer")]),
            ({"email": 5}, [("email", "Email must be a string")]),
        ],
    )
    def test_bad_input(self, client, more, details):
        reply = self.search(client, GLOBAL, **{k: v for k, v in more.items() if k != "contactListId"})
        if "contactListId" in more:
            reply = client.post("/v1/contact-lists/contacts/search", more)
        assert (reply.status, reply.json) == (400, invalid(*details))


class TestBulkAdd:
    def add(self, client, list_id, **chosen):
        return client.post("/v1/contact-lists/contacts/bulk-add", {"contactListId": list_id, **chosen})

    def test_by_addresses(self, client):
        one, other = make_list(client, "One"), make_list(client, "Other")
        segment = make_segment(client, "Ours", *CRITERIA["groups"])
        make(client, "old@example.com", listIds=[one])
        make(client, "two@elsewhere.org", firstName="Two", listIds=[other])
        client.clock(advance="1s")
        reply = self.add(client, one, emails=["Two@elsewhere.org", "old@example.com", "New@example.com", "nope"])
        valid = ["two@elsewhere.org", "old@example.com", "new@example.com"]
        expected = {
            "added": 1,
            "created": 1,
            "alreadyInList": 1,
            "errors": [],
            "validation": {
                "valid": [{"email": email, "status": "valid"} for email in valid],
                "invalid": [{"email": "nope", "status": "invalid"}],
                "suppressed": [],
            },
            "totalContactsInList": 3,
            "contacts": [
                contact("two@elsewhere.org", firstName="Two", listIds=[other, one], segmentIds=[]),
                contact("old@example.com", listIds=[one], segmentIds=[segment]),
                contact("new@example.com", updatedAt=LATER, createdAt=LATER, listIds=[one], segmentIds=[segment]),
            ],
        }
        assert (reply.status, reply.json) == (200, ok(expected))
        assert members(client, one) == ["new@example.com", "two@elsewhere.org", "old@example.com"]
        assert client.get(f"/v1/contact-lists/{one}").json["data"]["contactCount"] == 3

    def test_by_ids(self, client):
        one = make_list(client, "One")
        ids = make(client, "a@example.com", "b@example.com")
        data = self.add(client, one, contactIds=[ids[1], NOBODY, ids[1]]).json["data"]
        assert data == {
            "added": 1,
            "created": 0,
            "alreadyInList": 1,
            "errors": [{"contactId": NOBODY, "error": "Contact not found"}],
            "validation": {
                "valid": [{"email": "b@example.com", "status": "valid"}],
                "invalid": [],
                "suppressed": [],
            },
            "totalContactsInList": 1,
            "contacts": [contact("b@example.com", listIds=[one], segmentIds=[])],
        }

    def test_the_same_address_twice(self, client):
        one = make_list(client, "One")
        data = self.add(client, one, emails=["a@example.com", "A@example.com "]).json["data"]
        assert (data["created"], data["added"], data["alreadyInList"]) == (1, 0, 1)
        assert (data["totalContactsInList"], len(data["contacts"])) == (1, 1)
        assert data["validation"]["valid"] == [{"email": "a@example.com", "status": "valid"}]

    def test_suppressed_addresses_are_told(self, client):
        one = make_list(client, "One")
        client.post("/v1/suppression-groups/emails/suppress", {"emails": ["a@example.com"], "isGlobal": True})
        data = self.add(client, one, emails=["a@example.com"]).json["data"]
        assert data["validation"] == {
            "valid": [],
            "invalid": [],
            "suppressed": [{"email": "a@example.com", "status": "suppressed"}],
        }
        assert (data["created"], members(client, one)) == (1, ["a@example.com"])

    @pytest.mark.parametrize(
        ("chosen", "details"),
        [
            ({}, [("emails", "Provide either emails or contactIds")]),
            ({"emails": ["a@b.co"], "contactIds": [NOBODY]}, [("emails", "Provide either emails or contactIds")]),
            ({"emails": []}, [("emails", "Emails must contain at least 1 item")]),
            ({"contactIds": []}, [("contactIds", "ContactIds must contain at least 1 item")]),
            ({"emails": [5]}, [("emails.0", "Item must be a string")]),
            ({"emails": "a@b.co"}, [("emails", "Emails must be an array")]),
        ],
    )
    def test_bad_choices_change_nothing(self, client, chosen, details):
        one = make_list(client, "One")
        before = held(client)
        adding = self.add(client, one, **chosen)
        assert (adding.status, adding.json) == (400, invalid(*details))
        removing = client.post(f"/v1/contact-lists/{one}/contacts/remove", chosen)
        assert (removing.status, removing.json) == (400, invalid(*details))
        assert held(client) == before

    def test_without_a_list(self, client):
        reply = client.post("/v1/contact-lists/contacts/bulk-add", {"emails": ["a@example.com"]})
        assert (reply.status, reply.json) == (400, invalid(("contactListId", "ContactListId is required")))

    def test_only_lists_can_be_chosen(self, client):
        segment = make_segment(client, "Ours", *CRITERIA["groups"])
        make(client, "a@example.com")
        before = held(client)
        for id, message in [
            (segment, "Contacts of a segment cannot be modified"),
            (GLOBAL, "The global contact list cannot be modified"),
        ]:
            expected = (400, invalid(("contactListId", message)))
            adding = self.add(client, id, emails=["new@example.com"])
            assert (adding.status, adding.json) == expected
            removing = client.post(f"/v1/contact-lists/{id}/contacts/remove", {"emails": ["a@example.com"]})
            assert (removing.status, removing.json) == expected
        assert held(client) == before


class TestRemove:
    def test_by_addresses(self, client):
        one = make_list(client, "One")
        make(client, "a@example.com", "b@example.com", listIds=[one])
        make(client, "c@example.com")
        body = {"emails": ["A@example.com", "a@example.com", "c@example.com", "nobody@example.com", "nope"]}
        reply = client.post(f"/v1/contact-lists/{one}/contacts/remove", body)
        errors = [{"email": "nope", "error": "Invalid email format"}]
        assert (reply.status, reply.json) == (200, ok({"removed": 1, "notInList": 3, "errors": errors}))
        assert members(client, one) == ["b@example.com"]
        assert len(members(client, GLOBAL)) == 3

    def test_by_ids(self, client):
        one = make_list(client, "One")
        ids = make(client, "a@example.com", "b@example.com", listIds=[one])
        reply = client.post(f"/v1/contact-lists/{one}/contacts/remove", {"contactIds": [*ids, NOBODY]})
        errors = [{"contactId": NOBODY, "error": "Contact not found"}]
        assert reply.json == ok({"removed": 2, "notInList": 0, "errors": errors})
        assert members(client, one) == []
