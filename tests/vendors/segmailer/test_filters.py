"""SegMailer's filters: for whom each operator holds, and what is no filter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.vendors.segmailer.bodies import held, invalid, make_segment, upsert, where

NOW = "2026-03-17T10:30:00.000Z"
UNIX = datetime(2026, 3, 17, 10, 30, tzinfo=UTC).timestamp()
MISSING = object()
WEEK = {"amount": 7, "unit": "days"}
OPERATORS = (
    "eq, ne, gt, gte, lt, lte, in, nin, contains, exists, not_exists, within_last, within_next, more_than_ago, "
    "more_than_ahead"
)


def holds(client, filter_, value=MISSING, **more):
    """Whether a contact with this value under `x` is in the segment of a filter."""
    client.control("POST", "/reset", {})
    client.clock(freeze=NOW)
    id = make_segment(client, "S", filter_)
    attributes = {} if value is MISSING else {"x": value}
    shown = upsert(client, "ann@example.com", {**attributes, **more})["segments"]
    assert shown in ([], [{"id": id, "name": "S"}])
    before = make_segment(client, "made afterwards", filter_)
    assert client.get(f"/api/v2/segments/{before}").json["contactsCount"] == len(shown)
    return bool(shown)


CASES = [
    (where("x", "eq", "Pro"), ["Pro"], ["pro", "Pro ", ""], False),
    (where("x", "eq", ""), [""], [" "], False),
    (where("x", "eq", 3), [3, 3.0], [3.5, "3"], False),
    (where("x", "eq", 1), [1, 1.0], [True, "1", "true"], False),
    (where("x", "eq", True), [True], [False, 1, 1.0, "true"], False),
    (where("x", "eq", False), [False], [True, 0, "", "false"], False),
    (where("x", "ne", "Free"), ["free", "Pro", 1, True], ["Free"], True),
    (where("x", "ne", 0), [False, "0", 0.5], [0, 0.0], True),
    (where("x", "gt", 99), [99.5, 100], [99, 99.0, "100", True], False),
    (where("x", "gte", 1), [1, 2, 1.0], [0.99, True, "2"], False),
    (where("x", "lt", 5), [4, -1, 4.9], [5, False, "4", "2024-01-01"], False),
    (where("x", "lte", 5), [4, 5, 5.0], [5.01, "5"], False),
    (
        where("x", "gt", "2026-01-15"),
        ["2026-01-16", "2026-01-15T00:00:00.001Z", "2027-01-01T00:00:00Z"],
        ["2026-01-15", "2026-01-15T00:00:00Z", "2026-01-15T01:00:00+02:00", "b", "3026", 1e12, True],
        False,
    ),
    (where("x", "gte", "2026-01-15T12:00:00+02:00"), ["2026-01-15T10:00:00Z"], ["2026-01-15"], False),
    (where("x", "lt", "2026-01-15"), ["2026-01-14", "1999-12-31T23:59:59Z"], ["2026-01-15", "", "2025", "a", 5], False),
    (where("x", "lte", "2026-01-15"), ["2026-01-15T00:00:00Z"], ["2026-01-15T00:00:01Z"], False),
    (where("x", "gt", "apple"), [], ["banana", "apple", "2026-01-01", 7], False),
    (where("x", "in", ["US", "CA", "UK"]), ["US", "UK"], ["us", "DE", "U"], False),
    (where("x", "in", [1, "2", True]), [1, "2", True], [2, "1", False, "true"], False),
    (where("x", "in", [1]), [1, 1.0], [True], False),
    (where("x", "in", []), [], ["US", ""], False),
    (where("x", "nin", ["US", "CA"]), ["us", "DE", 7], ["US", "CA"], True),
    (where("x", "nin", []), ["US"], [], True),
    (where("x", "contains", "Plan"), ["planner", "Airplanes"], ["pla", "", 5, True], False),
    (where("x", "contains", "1"), ["210"], [1, 10], False),
    (where("x", "contains", "ß"), ["STRASSE", "Straße"], ["strase"], False),
    (where("x", "exists"), ["", 0, False, "x"], [], False),
    (where("x", "not_exists"), [], ["", 0, False, "x"], True),
]
"""A condition, values for which it holds and for which it does not, and whether it does for a missing one."""


@pytest.mark.parametrize(("condition", "yes", "no", "missing"), CASES)
def test_operators(client, condition, yes, no, missing):
    for seen, expected in [*((value, True) for value in yes), *((value, False) for value in no), (MISSING, missing)]:
        assert holds(client, condition, seen) is expected, seen
        assert holds(client, {"not": condition}, seen) is not expected, seen


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (where("x", "contains", "a"), ["a", "b"], True),
        (where("x", "contains", "a"), ["A"], False),
        (where("x", "contains", "a"), ["ab"], False),
        (where("x", "contains", "1"), [1], False),
        (where("x", "contains", "a"), [], False),
        (where("x", "eq", "a"), ["a"], False),
        (where("x", "ne", "a"), ["a"], True),
        (where("x", "in", ["a"]), ["a"], False),
        (where("x", "nin", ["a"]), ["a"], True),
        (where("x", "gt", 1), [2], False),
        (where("x", "exists"), [], True),
        (where("x", "within_last", WEEK), [NOW], False),
    ],
)
def test_arrays(client, condition, value, expected):
    assert holds(client, condition, value) is expected


TIMES = {
    "within_last": {
        "2026-03-17T10:30:00Z": True,
        "2026-03-17": True,
        "2026-03-17T10:30:00.001Z": False,
        "2026-03-10T10:30:00Z": True,
        "2026-03-10T10:29:59.999Z": False,
        "2026-03-11": True,
        "2026-03-10": False,
    },
    "within_next": {
        "2026-03-17T10:30:00Z": True,
        "2026-03-17T10:29:59.999Z": False,
        "2026-03-17": False,
        "2026-03-24T10:30:00Z": True,
        "2026-03-24T10:30:00.001Z": False,
        "2026-03-24T12:30:00+02:00": True,
        "2026-03-24": True,
        "2026-03-25": False,
    },
    "more_than_ago": {
        "2026-03-10T10:30:00Z": False,
        "2026-03-10T10:29:59.999Z": True,
        "2026-03-10": True,
        "2026-03-11": False,
        "1970-01-01": True,
        "2027-01-01": False,
    },
    "more_than_ahead": {
        "2026-03-24T10:30:00Z": False,
        "2026-03-24T10:30:00.001Z": True,
        "2026-03-25": True,
        "2026-03-24": False,
        "2020-01-01": False,
    },
}


@pytest.mark.parametrize("op", TIMES)
def test_time_rules(client, op):
    for seen, expected in TIMES[op].items():
        assert holds(client, where("x", op, WEEK), seen) is expected, seen
        moment = datetime.fromisoformat(seen)
        unix = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        assert holds(client, where("x", op, WEEK), unix) is expected, seen
    for never in ("yesterday", "", True, False, "20260317", "1773743400"):
        assert holds(client, where("x", op, WEEK), never) is False, never
    assert holds(client, where("x", op, WEEK)) is False


@pytest.mark.parametrize(
    ("amount", "unit", "seconds"),
    [(7, "days", 604800), (1, "minutes", 60), (1.5, "hours", 5400), (2, "weeks", 1209600), (0, "days", 0)],
)
def test_units(client, amount, unit, seconds):
    rule = where("x", "within_last", {"amount": amount, "unit": unit})
    assert holds(client, rule, UNIX - seconds) is True
    assert holds(client, rule, UNIX - seconds - 1) is False


BUILT_IN = [
    (where("email", "eq", "ann@example.com"), True),
    (where("email", "contains", "@EXAMPLE."), True),
    (where("status", "eq", "subscribed"), True),
    (where("status", "in", ["bounced"]), False),
    (where("createdAt", "within_last", WEEK), True),
    (where("createdAt", "gte", NOW), True),
    (where("updatedAt", "lt", NOW), False),
    (where("identifier", "exists"), False),
    (where("id", "exists"), False),
    (where("segmentIds", "exists"), False),
]


@pytest.mark.parametrize(("condition", "expected"), BUILT_IN)
def test_fields_of_the_contact(client, condition, expected):
    shadows = {"email": "x", "status": "x", "createdAt": "x", "updatedAt": "x"}
    assert holds(client, condition, **shadows) is expected


@pytest.mark.parametrize(
    "name", ["with blank", "a.b", "attributes.x", "Größe", "engagement.opened_campaign", "k" * 100]
)
def test_names_of_attributes(client, name):
    assert holds(client, where(name, "eq", 1), **{name: 1}) is True
    assert holds(client, where(name, "eq", 1)) is False


YES, NO = where("x", "exists"), where("x", "not_exists")


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"and": []}, True),
        ({"or": []}, False),
        ({"not": {"and": []}}, False),
        ({"not": {"or": []}}, True),
        ({"and": [YES, YES]}, True),
        ({"and": [YES, NO]}, False),
        ({"or": [NO, YES]}, True),
        ({"or": [NO, NO]}, False),
        ({"not": NO}, True),
        ({"and": [YES, {"or": [NO, {"not": NO}]}, {"not": {"and": [YES, NO]}}]}, True),
        ({"engagement": "opened_campaign"}, False),
        ({"not": {"engagement": "opened_campaign"}}, True),
    ],
)
def test_and_or_not(client, filter_, expected):
    assert holds(client, filter_, 1) is expected


ENGAGED = {
    "and": [
        where("plan", "eq", "Pro"),
        {"or": [where("last_active", "within_last", WEEK), {"engagement": "opened_campaign"}]},
        {"not": where("churn_risk_flag", "eq", True)},
    ]
}
ENDING = {
    "and": [
        where("trial_ends_at", "within_next", {"amount": 3, "unit": "days"}),
        where("has_upgraded", "eq", False),
    ]
}
AWAY = {
    "and": [
        where("plan", "ne", "Free"),
        where("last_login", "more_than_ago", {"amount": 14, "unit": "days"}),
        where("support_tickets", "gte", 1),
    ]
}


class TestTheVendorsExamples:
    """Word by word, in the form that filters have here."""

    @pytest.mark.parametrize(
        ("filter_", "attributes", "expected"),
        [
            (ENGAGED, {"plan": "Pro", "last_active": "2026-03-15"}, True),
            (ENGAGED, {"plan": "Pro", "last_active": "2026-03-15", "churn_risk_flag": True}, False),
            (ENGAGED, {"plan": "Pro", "last_active": "2026-03-15", "churn_risk_flag": False}, True),
            (ENGAGED, {"plan": "Pro", "last_active": "2026-03-01"}, False),
            (ENGAGED, {"plan": "Free", "last_active": "2026-03-15"}, False),
            (ENDING, {"trial_ends_at": "2026-03-20", "has_upgraded": False}, True),
            (ENDING, {"trial_ends_at": "2026-03-20", "has_upgraded": True}, False),
            (ENDING, {"trial_ends_at": "2026-03-20"}, False),
            (ENDING, {"trial_ends_at": "2026-03-21", "has_upgraded": False}, False),
            (AWAY, {"plan": "Pro", "last_login": "2026-03-01", "support_tickets": 2}, True),
            (AWAY, {"last_login": "2026-03-01", "support_tickets": 2}, True),
            (AWAY, {"plan": "Pro", "last_login": "2026-03-10", "support_tickets": 2}, False),
            (AWAY, {"plan": "Pro", "last_login": "2026-03-01", "support_tickets": 0}, False),
        ],
    )
    def test_them(self, client, filter_, attributes, expected):
        assert holds(client, filter_, **attributes) is expected


def nested(levels):
    """A filter of so many levels."""
    return YES if levels == 1 else {"not": nested(levels - 1)}


KINDS = "must have exactly one of and, or, not, attribute, engagement"
AMOUNT = "must be a number that is not negative"
UNIT = "must be one of minutes, hours, days, weeks"
SCALAR = "must be a string, a number or a boolean"
BAD = [
    ({}, "filter", KINDS),
    ({"op": "eq", "value": 1}, "filter", KINDS),
    ({"and": [], "or": []}, "filter", KINDS),
    ({"and": [YES, {}]}, "filter.and.1", KINDS),
    ({"and": {}}, "filter.and", "must be an array"),
    ({"or": None}, "filter.or", "must be an array"),
    ({"or": [YES, {"not": []}]}, "filter.or.1.not", "must be an object"),
    ({"and": ["x"]}, "filter.and.0", "must be an object"),
    ({"not": None}, "filter.not", "must be an object"),
    ({"and": [], "name": "x"}, "filter.name", "is unknown"),
    ({**YES, "extra": 1}, "filter.extra", "is unknown"),
    ({"engagement": "opened_campaign", "within": 1}, "filter.within", "is unknown"),
    ({"engagement": "clicked_campaign"}, "filter.engagement", "must be one of opened_campaign"),
    ({"engagement": None}, "filter.engagement", "must be one of opened_campaign"),
    ({"attribute": "", "op": "exists"}, "filter.attribute", "must be the name of an attribute"),
    ({"attribute": 5, "op": "exists"}, "filter.attribute", "must be the name of an attribute"),
    ({"attribute": "x"}, "filter.op", f"must be one of {OPERATORS}"),
    (where("x", "equals", 1), "filter.op", f"must be one of {OPERATORS}"),
    (where("x", "EQ", 1), "filter.op", f"must be one of {OPERATORS}"),
    ({"attribute": "x", "op": ["eq"], "value": 1}, "filter.op", f"must be one of {OPERATORS}"),
    (where("x", "eq"), "filter.value", SCALAR),
    (where("x", "eq", None), "filter.value", SCALAR),
    (where("x", "ne", ["a"]), "filter.value", SCALAR),
    (where("x", "eq", {"a": 1}), "filter.value", SCALAR),
    (where("x", "gt", True), "filter.value", "must be a number or a date"),
    (where("x", "lte", None), "filter.value", "must be a number or a date"),
    (where("x", "gte", [1]), "filter.value", "must be a number or a date"),
    (where("x", "in", "US"), "filter.value", "must be an array"),
    (where("x", "nin"), "filter.value", "must be an array"),
    (where("x", "in", ["US", ["CA"]]), "filter.value.1", SCALAR),
    (where("x", "in", [None]), "filter.value.0", SCALAR),
    (where("x", "contains", 5), "filter.value", "must be a string"),
    (where("x", "exists", True), "filter.value", "must not be given"),
    (where("x", "not_exists", 0), "filter.value", "must not be given"),
    (where("x", "within_last", "7d"), "filter.value", "must be an object with amount and unit"),
    (where("x", "within_last"), "filter.value", "must be an object with amount and unit"),
    (where("x", "within_next", {"unit": "days"}), "filter.value.amount", AMOUNT),
    (where("x", "within_next", {"amount": -1, "unit": "days"}), "filter.value.amount", AMOUNT),
    (where("x", "within_next", {"amount": "7", "unit": "days"}), "filter.value.amount", AMOUNT),
    (where("x", "within_next", {"amount": True, "unit": "days"}), "filter.value.amount", AMOUNT),
    (where("x", "more_than_ago", {"amount": 1e300, "unit": "days"}), "filter.value.amount", "is too large"),
    (where("x", "more_than_ago", {"amount": 1}), "filter.value.unit", UNIT),
    (where("x", "more_than_ahead", {"amount": 1, "unit": "months"}), "filter.value.unit", UNIT),
    ({"and": [YES, {"or": [{"not": where("b", "in", 5)}]}]}, "filter.and.1.or.0.not.value", "must be an array"),
    (nested(11), "filter" + ".not" * 10, "must not be nested deeper than 10 levels"),
    ({"and": [YES] * 101}, "filter", "must have at most 100 conditions"),
    ({"or": [{"and": [YES] * 50}, {"and": [YES] * 51}]}, "filter", "must have at most 100 conditions"),
]  # fmt: skip


@pytest.mark.parametrize(("filter_", "field", "message"), BAD)
def test_what_is_no_filter_changes_nothing(client, filter_, field, message):
    id = make_segment(client, "S", YES)
    upsert(client, "ann@example.com", {"x": 1})
    before = held(client)
    for reply in (
        client.post("/api/v2/segments", {"name": "T", "filter": filter_}),
        client.patch(f"/api/v2/segments/{id}", {"filter": filter_}),
    ):
        assert (reply.status, reply.json) == (400, invalid((field, message)))
    assert held(client) == before


def test_the_deepest_and_the_largest(client):
    assert holds(client, nested(9), 1) is True
    assert holds(client, nested(10), 1) is False
    assert holds(client, {"and": [{"or": [YES] * 50}, {"or": [NO] * 49 + [YES]}]}, 1) is True
