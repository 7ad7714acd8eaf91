"""AutoSend segments: whom their criteria hold for, as contacts come, change and go."""

from __future__ import annotations

import pytest

from lookalike.conditions import Rule
from tests.vendors.autosend.bodies import (
    held,
    invalid,
    make,
    make_list,
    make_segment,
    members,
    where,
)

ANN = {
    "email": "ann@example.com",
    "firstName": "Ann",
    "customFields": {"plan": "Pro", "seats": 7, "vip": True, "seen": "2026-02-17T12:00:00.000Z", "blank": ""},
}

HOLDING = [
    where("email", "string", "equals", "ANN@example.com"),
    where("email", "string", "not_equals", "ben@example.com"),
    where("plan", "string", "contains", "PR"),
    where("customFields.plan", "string", "not_contains", "free"),
    where("contactProperties.plan", "string", "starts_with", "p"),
    where("firstName", "string", "ends_with", "NN"),
    where("lastName", "string", "is_empty"),
    where("blank", "string", "is_empty"),
    where("plan", "string", "is_not_empty"),
    where("seats", "number", "equals", 7),
    where("seats", "number", "not_equals", 8),
    where("seats", "number", "greater_than", 6.5),
    where("seats", "number", "less_than", "8"),
    where("seats", "number", "between", [7, 9]),
    where("vip", "boolean", "equals", True),
    where("vip", "boolean", "not_equals", False),
    where("seen", "date", "equals", "2026-02-17"),
    where("seen", "date", "not_equals", "2026-02-18"),
    where("seen", "date", "before", "2026-02-18T00:00:00.000Z"),
    where("seen", "date", "after", "2026-02-16"),
    where("seen", "date", "between", ["2026-02-01", "2026-02-17"]),
    where("unknown", "date", "is_empty"),
    where("seen", "date", "is_not_empty"),
    where("createdAt", "date", "after", "2026-01-01"),
    where("updatedAt", "date", "is_not_empty"),
]

NOT_HOLDING = [
    where("email", "string", "not_contains", "ann"),
    where("plan", "string", "is_empty"),
    where("unknown", "string", "equals", "x"),
    where("unknown", "string", "is_not_empty"),
    where("seats", "number", "between", [8, 9]),
    where("vip", "boolean", "equals", "false"),
    where("seen", "date", "after", "2026-02-17"),
    where("firstName", "number", "greater_than", 0),
]


def name_of(condition):
    return "-".join(str(part) for part in condition.values())


@pytest.mark.parametrize("condition", HOLDING, ids=name_of)
def test_a_condition_that_holds(client, condition):
    before = make_segment(client, "Before", condition)
    client.post("/v1/contacts", ANN)
    after = make_segment(client, "After", condition)
    assert members(client, before) == members(client, after) == ["ann@example.com"]


@pytest.mark.parametrize("condition", NOT_HOLDING, ids=name_of)
def test_a_condition_that_does_not_hold(client, condition):
    before = make_segment(client, "Before", condition)
    client.post("/v1/contacts", ANN)
    after = make_segment(client, "After", condition)
    assert members(client, before) == members(client, after) == []


YES, NO = where("plan", "string", "equals", "pro"), where("seats", "number", "less_than", 0)


@pytest.mark.parametrize(
    ("criteria", "holds"),
    [
        ({"logicalOperator": "AND", "groups": [YES, NO]}, False),
        ({"logicalOperator": "OR", "groups": [YES, NO]}, True),
        ({"groups": [YES, NO]}, False),
        ({"logicalOperator": "OR", "conditions": [NO, YES]}, True),
        ({"logicalOperator": "AND", "groups": [YES, {"logicalOperator": "OR", "groups": [NO, YES]}]}, True),
        ({"logicalOperator": "AND", "groups": [{"logicalOperator": "OR", "conditions": [NO]}, YES]}, False),
    ],
)
def test_groups(client, criteria, holds):
    client.post("/v1/contacts", ANN)
    segment = make_list(client, "S", type="segment", filterCriteria=criteria)
    assert members(client, segment) == (["ann@example.com"] if holds else [])
    shown = client.get(f"/v1/contact-lists/{segment}").json["data"]
    assert (shown["filterCriteria"], shown["contactCount"]) == (criteria, int(holds))


@pytest.mark.parametrize(
    ("criteria", "field", "message"),
    [
        ({}, "filterCriteria.groups", "Groups must contain at least 1 item"),
        ({"groups": []}, "filterCriteria.groups", "Groups must contain at least 1 item"),
        ({"groups": {}}, "filterCriteria.groups", "Groups must contain at least 1 item"),
        ({"conditions": []}, "filterCriteria.conditions", "Conditions must contain at least 1 item"),
        (
            {"logicalOperator": "NOT", "groups": [YES]},
            "filterCriteria.logicalOperator",
            "LogicalOperator must be one of AND, OR",
        ),
        (
            {"logicalOperator": ["AND"], "groups": [YES]},
            "filterCriteria.logicalOperator",
            "LogicalOperator must be one of AND, OR",
        ),
        ({"groups": [YES, 5]}, "filterCriteria.groups.1", "Must be an object"),
        ({"groups": [{}]}, "filterCriteria.groups.0.field", "Field is required"),
        ({"groups": [{"field": 5}]}, "filterCriteria.groups.0.field", "Field is required"),
        (
            {"groups": [where("plan", "text", "equals", "x")]},
            "filterCriteria.groups.0.fieldType",
            "FieldType must be one of string, number, boolean, date",
        ),
        (
            {"groups": [{"field": "plan"}]},
            "filterCriteria.groups.0.fieldType",
            "FieldType must be one of string, number, boolean, date",
        ),
        (
            {"groups": [where("vip", "boolean", "is_empty")]},
            "filterCriteria.groups.0.operator",
            "Operator must be one of equals, not_equals",
        ),
        (
            {"groups": [{"groups": [where("seats", "number", ["equals"], 1)]}]},
            "filterCriteria.groups.0.groups.0.operator",
            "Operator must be one of equals, not_equals, greater_than, less_than, between",
        ),
        (
            {"groups": [where("seats", "number", "equals", "many")]},
            "filterCriteria.groups.0.value",
            "Value must be a value of type number",
        ),
        (
            {"groups": [where("seats", "number", "between", [1])]},
            "filterCriteria.groups.0.value",
            "Value must be a list of two values of type number",
        ),
        (
            {"groups": [where("seen", "date", "before", "soon")]},
            "filterCriteria.groups.0.value",
            "Value must be a value of type date",
        ),
        (
            {"groups": [where("plan", "string", "equals")]},
            "filterCriteria.groups.0.value",
            "Value must be a value of type string",
        ),
    ],
)
def test_criteria_that_make_no_sense(client, criteria, field, message):
    before = held(client)
    reply = client.post("/v1/contact-lists", {"name": "S", "type": "segment", "filterCriteria": criteria})
    assert (reply.status, reply.json) == (400, invalid((field, message)))
    assert held(client) == before


def test_nesting_has_a_limit(client):
    criteria = {"groups": [YES]}
    for _ in range(60):
        criteria = {"groups": [criteria]}
    reply = client.post("/v1/contact-lists", {"name": "S", "type": "segment", "filterCriteria": criteria})
    place = "filterCriteria" + ".groups.0" * 20
    assert (reply.status, reply.json) == (400, invalid((place, "Too many nested groups")))


def test_membership_follows_every_way_of_writing(client):
    pro = make_segment(client, "Pro", where("plan", "string", "equals", "pro"))
    free = make_segment(client, "Not pro", where("plan", "string", "not_equals", "pro"))

    def stand():
        return [sorted(members(client, segment)) for segment in (pro, free)]

    [a] = make(client, "a@example.com", customFields={"plan": "pro"})
    make(client, "b@example.com")
    assert stand() == [["a@example.com"], ["b@example.com"]]
    client.post("/v1/contacts/email", {"email": "b@example.com", "customFields": {"plan": "PRO"}})
    assert stand() == [["a@example.com", "b@example.com"], []]
    client.post("/v1/contacts/bulk-update", {"contacts": [{"email": "a@example.com", "customFields": {"plan": None}}]})
    assert stand() == [["b@example.com"], ["a@example.com"]]
    list_id = make_list(client, "L")
    client.post("/v1/contact-lists/contacts/bulk-add", {"contactListId": list_id, "emails": ["c@example.com"]})
    assert stand() == [["b@example.com"], ["a@example.com", "c@example.com"]]
    client.post("/v1/contacts/email/duplicate", {"email": "b@example.com", "newEmail": "d@example.com"})
    assert stand() == [["b@example.com", "d@example.com"], ["a@example.com", "c@example.com"]]
    client.delete(f"/v1/contacts/{a}")
    client.post("/v1/contacts/remove", {"emails": ["d@example.com"]})
    assert stand() == [["b@example.com"], ["c@example.com"]]
    client.post("/v1/contact-properties", {"name": "plan", "type": "string"})
    client.delete("/v1/contact-properties/name/plan")
    assert stand() == [[], ["b@example.com", "c@example.com"]]


def test_names_and_user_ids_count_too(client):
    anns = make_segment(client, "Anns", where("firstName", "string", "equals", "ann"))
    known = make_segment(client, "Known", where("userId", "string", "is_not_empty"))
    make(client, "a@example.com")
    client.post("/v1/contacts/email", {"email": "a@example.com", "firstName": "Ann", "userId": "u"})
    assert members(client, anns) == members(client, known) == ["a@example.com"]
    client.post("/v1/contacts/email", {"email": "a@example.com", "firstName": None})
    assert (members(client, anns), members(client, known)) == ([], ["a@example.com"])


def test_what_depends_on_the_time_of_change(client):
    touched = make_segment(client, "Touched", where("updatedAt", "date", "after", "2026-03-17"))
    make(client, "a@example.com")
    assert members(client, touched) == []
    client.clock(advance="1d")
    client.post("/v1/contacts/email", {"email": "a@example.com"})
    assert members(client, touched) == ["a@example.com"]


def test_a_segment_within_a_list(client):
    list_id = make_list(client, "L")
    make(client, "in@example.com", customFields={"plan": "pro"}, listIds=[list_id])
    make(client, "out@example.com", customFields={"plan": "pro"})
    segment = make_segment(client, "S", YES, parentId=list_id)
    assert members(client, segment) == ["in@example.com"]
    client.post("/v1/contact-lists/contacts/bulk-add", {"contactListId": list_id, "emails": ["out@example.com"]})
    assert members(client, segment) == ["out@example.com", "in@example.com"]
    client.post(f"/v1/contact-lists/{list_id}/contacts/remove", {"emails": ["in@example.com"]})
    assert members(client, segment) == ["out@example.com"]
    client.delete(f"/v1/contact-lists/{list_id}")
    assert members(client, segment) == []


def test_a_segment_within_a_segment(client):
    pro = make_segment(client, "Pro", YES)
    big = make_segment(client, "Big", where("seats", "number", "greater_than", 5), parentId=pro)
    make(client, "a@example.com", customFields={"plan": "pro", "seats": 9})
    make(client, "b@example.com", customFields={"plan": "free", "seats": 9})
    assert members(client, big) == ["a@example.com"]
    client.post("/v1/contacts/email", {"email": "b@example.com", "customFields": {"plan": "pro"}})
    assert members(client, big) == ["b@example.com", "a@example.com"]


def test_a_write_judges_only_what_depends_on_the_change(client, monkeypatch):
    for number in range(5):
        make_segment(client, f"S{number}", where(f"field{number}", "string", "is_not_empty"))
    make(client, "a@example.com")
    judged = []
    real = Rule.judge
    monkeypatch.setattr(Rule, "judge", lambda rule, get, now: judged.append(rule.tree) or real(rule, get, now))
    client.post("/v1/contacts/email", {"email": "a@example.com", "customFields": {"field3": "x", "other": 1}})
    assert [tree["all"][0]["field"] for tree in judged] == ["customFields.field3"]
    judged.clear()
    client.post("/v1/contacts/email", {"email": "a@example.com", "firstName": "Ann"})
    assert judged == []
