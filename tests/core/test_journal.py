"""The journal: what is kept of an exchange, how it is filtered, forgotten and verified."""

from __future__ import annotations

import pytest

from lookalike.journal import BODY_KEPT, mask
from tests.support import Client, Like

AT = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.clock(freeze=AT)
    return made


@pytest.fixture
def busy(client) -> Client:
    """Six requests: req_1 and 2 create, req_3 conflicts, req_4 reads, req_5 has no route, req_6 is unimplemented."""
    other = client.as_key("AS_key~ci7")
    client.post("/v1/contacts", {"email": "ann@example.com", "firstName": "Ann"})
    other.post("/v1/contacts", {"email": "zoë@example.com"})
    client.post("/v1/contacts", {"email": "ann@example.com"})
    client.get("/v1/contacts/unknown-id", query={"verbose": "1"})
    client.get("/v1/nothing")
    client.get("/v1/templates")
    return client


def ids(reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [entry["id"] for entry in reply.json["requests"]]


def test_an_entry_tells_the_whole_exchange(client):
    answer = client.post("/v1/contacts?a=1", {"email": "ann@example.com"}, headers={"X-Thing": "7"})
    entries = client.control("GET", "/requests").json
    assert entries == {
        "requests": [
            {
                "id": "req_1",
                "at": AT,
                "vendor": "autosend",
                "workspace": "default",
                "operation": "create_contact",
                "method": "POST",
                "path": "/v1/contacts",
                "query": "a=1",
                "headers": {"host": "127.0.0.1:7357", "authorization": "Bearer AS_l…ke", "x-thing": "7"},
                "body": {"email": "ann@example.com"},
                "status": answer.status,
                "answer": answer.json,
                "ms": entries["requests"][0]["ms"],
                "faults": [],
                "unimplemented": False,
            }
        ],
        "count": 1,
    }
    assert 0 < entries["requests"][0]["ms"] < 5000


def test_the_body_is_kept_though_a_fault_came_before_anybody_read_it(client):
    client.control("POST", "/faults", {"fault": "429"})
    client.post("/v1/contacts", {"email": "ann@example.com"})
    entry = client.control("GET", "/requests").json["requests"][0]
    assert (entry["status"], entry["faults"], entry["body"]) == (429, ["error"], {"email": "ann@example.com"})


def test_bodies_that_are_no_json_are_shown_as_text_and_long_ones_cut(client):
    client.post("/v1/contacts", body=b"caf\xc3\xa9 \xff")
    client.post("/v1/contacts", body=b'"' + b"x" * 20_000 + b'"')
    long, short = client.control("GET", "/requests").json["requests"]
    assert short["body"] == "café \ufffd"
    assert long["body"] == '"' + "x" * (BODY_KEPT - 1)


@pytest.mark.parametrize(("depth", "kind"), [(200, list), (248, list), (253, str), (1000, str)])
def test_a_body_too_deep_to_be_written_is_shown_as_text(client, depth, kind):
    client.post("/v1/contacts", body=b"[" * depth + b"]" * depth)
    assert isinstance(client.control("GET", "/requests").json["requests"][0]["body"], kind)
    verified = client.control("POST", "/requests/verify", {"when": {"body": {"email": "x"}}})
    assert (verified.status, len(verified.json["near_misses"])) == (200, 1)


def test_a_deep_object_is_shown(client):
    client.post("/v1/contacts", body=b'{"a":' * 240 + b'{"token": "tok_1234567890"}' + b"}" * 240)
    shown = client.control("GET", "/requests")
    assert (shown.status, "tok_\u202690" in shown.text, "1234567890" in shown.text) == (200, True, False)


def test_a_body_over_the_vendors_limit_is_not_kept(client):
    limit = client.sandbox.vendors["autosend"].body_limit
    assert client.post("/v1/contacts", body=b"x" * (limit + 1)).status == 413
    assert client.control("GET", "/requests").json["requests"][0]["body"] is None


def test_an_encoded_slash_stays_encoded(client):
    client.get("/v1/contacts/a%2Fb")
    assert client.control("GET", "/requests").json["requests"][0]["path"] == "/v1/contacts/a%2Fb"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("Bearer AS_1234567890~ci7", "Bearer AS_1…90~ci7"),
        ("Bearer AS_12345", "Bearer …"),
        ("Bearer short", "Bearer …"),
        ("bearer  short~ci7", "bearer  …~ci7"),
        ("short", "…"),
        ("Ab3 Cd5", "… …"),
        ("Bearer", "…"),
    ],
)
def test_secrets_are_masked_but_for_the_workspace(secret, shown):
    assert mask(secret) == shown


@pytest.mark.parametrize("name", ["X-Api-Key", "X-Auth-Token", "Cookie", "X-Webhook-Secret"])
def test_a_header_that_holds_a_secret_is_masked(client, name):
    client.get("/v1/contacts/1", headers={name: "abc1234"})
    assert client.control("GET", "/requests").json["requests"][0]["headers"][name.lower()] == "…"


@pytest.mark.parametrize("name", ["api_key", "apiKey", "api%4Bey", "TOKEN", "client_secret"])
def test_a_key_in_the_query_is_masked(client, name):
    client.get(f"/v1/contacts/1?{name}=AS_1234567890")
    assert client.control("GET", "/requests").json["requests"][0]["query"] == Like(".*=?.*…90")


def test_secrets_in_bodies_are_masked(client):
    made = client.post(
        "/v1/webhooks", {"url": "http://example.com", "events": ["email.sent"], "token": "tok_1234567890"}
    )
    secret = made.json["data"]["webhook"]["secret"]
    client.get(f"/v1/webhooks/{made.json['data']['webhook']['id']}/reveal")
    shown = client.control("GET", "/requests")
    revealed, created = shown.json["requests"]
    assert revealed["answer"] == {"success": True, "data": {"secret": f"{secret[:4]}…{secret[-2:]}"}}
    assert created["body"]["token"] == "tok_…90"
    assert created["answer"]["data"]["webhook"]["secret"] == f"{secret[:4]}…{secret[-2:]}"
    assert secret not in shown.text


def test_secrets_in_bodies_that_were_cut_or_are_in_lists_are_masked(client):
    client.post("/v1/contacts", body=b'{"a": [{"Token" : "tok_1234567890"}], "b": "' + b"x" * BODY_KEPT + b'"}')
    client.post("/v1/contacts", [[{"password": "tok_1234567890"}], "token", {"token": 5}])
    listed, cut = client.control("GET", "/requests").json["requests"]
    assert listed["body"] == [[{"password": "tok_…90"}], "token", {"token": 5}]
    assert cut["body"].startswith('{"a": [{"Token" : "tok_…90"}], "b": "xx')


FILTERS = [
    ("", [6, 5, 4, 3, 2, 1]),
    ("?limit=2", [6, 5]),
    ("?vendor=autosend", [6, 5, 4, 3, 2, 1]),
    ("?vendor=open*", []),
    ("?workspace=ci7", [2]),
    ("?workspace=d*", [6, 5, 4, 3, 1]),
    ("?operation=create_contact", [3, 2, 1]),
    ("?operation=list_templates", [6]),
    ("?operation=*_contact", [4, 3, 2, 1]),
    ("?status=200", [2, 1]),
    ("?status=501", [6]),
    ("?status=4xx", [5, 4, 3]),
    ("?status=20x", [2, 1]),
    ("?method=get", [6, 5, 4]),
    ("?method=P*", [3, 2, 1]),
    ("?path=/v1/contacts", [3, 2, 1]),
    ("?path=/v1/contacts/*", [4]),
    ("?text=ann@", [3, 1]),
    ("?text=UNKNOWN-ID", [4]),
    ("?text=verbose", [4]),
    ("?text=zo%C3%AB", [2]),
    ("?text=firstName", [1]),
    ("?text=nowhere-to-be-found", []),
    ("?unimplemented=true", [6]),
    ("?unimplemented=false", [5, 4, 3, 2, 1]),
    ("?since=req_4", [6, 5]),
    ("?since=req_99", []),
    ("?operation=create_contact&status=2xx&workspace=default", [1]),
]


@pytest.mark.parametrize(("query", "numbers"), FILTERS)
def test_entries_are_filtered_newest_first(busy, query, numbers):
    assert ids(busy.control("GET", f"/requests{query}")) == [f"req_{number}" for number in numbers]


def test_the_count_ignores_the_limit(busy):
    assert busy.control("GET", "/requests?limit=1&method=GET").json["count"] == 3


def test_text_is_found_in_escaped_json_too(client):
    client.post("/v1/contacts", body=b'{"email": "zo\\u00EB@example.com"}')
    assert ids(client.control("GET", "/requests?text=zo%C3%AB@")) == ["req_1"]


@pytest.mark.parametrize(("query", "numbers"), [row for row in FILTERS if "limit" not in row[0]])
def test_what_passes_a_filter_is_forgotten_and_nothing_else(busy, query, numbers):
    gone = busy.control("DELETE", f"/requests{query}")
    assert (gone.status, gone.json) == (200, {"deleted": len(numbers)})
    assert ids(busy.control("GET", "/requests")) == [f"req_{n}" for n in range(6, 0, -1) if n not in numbers]


def test_the_journal_forgets_the_oldest():
    client = Client("autosend", settings={"journal": 2})
    for _ in range(3):
        client.get("/v1/nothing")
    assert ids(client.control("GET", "/requests")) == ["req_3", "req_2"]


def test_a_busy_workspace_pushes_out_nothing_of_another():
    client = Client("autosend", settings={"journal": 2})
    client.as_key("AS_key~quiet").get("/v1/nothing")
    for _ in range(3):
        client.get("/v1/nothing")
    assert ids(client.control("GET", "/requests")) == ["req_4", "req_3", "req_1"]
    assert ids(client.control("GET", "/requests?workspace=quiet")) == ["req_1"]


def test_a_journal_of_nothing_keeps_nothing():
    client = Client("autosend", settings={"journal": 0})
    client.get("/v1/nothing")
    assert ids(client.control("GET", "/requests")) == []


# --- verify -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "count", "ok", "found"),
    [
        ({"operation": "create_contact"}, None, True, 3),
        ({"operation": "create_contact"}, 3, True, 3),
        ({"operation": "create_contact"}, 2, False, 3),
        ({"operation": "create_contact"}, {"min": 2}, True, 3),
        ({"operation": "create_contact"}, {"max": 2}, False, 3),
        ({"operation": "create_contact"}, {"min": 1, "max": 3}, True, 3),
        ({"operation": "create_contact", "status": 200}, 2, True, 2),
        ({"operation": "create_contact", "status": "4xx"}, 1, True, 1),
        ({"body": {"email": "*@example.com"}}, 3, True, 3),
        ({"body": {"email": "ann@example.com", "firstName": "Ann"}}, 1, True, 1),
        ({"body": {"firstName": None}}, 0, True, 0),
        ({"method": "delete"}, 0, True, 0),
        ({"operation": "list_templates", "status": 501}, 1, True, 1),
        ({}, 6, True, 6),
    ],
)
def test_verify_counts(busy, when, count, ok, found):
    body = {"when": when} if count is None else {"when": when, "count": count}
    reply = busy.control("POST", "/requests/verify", body)
    assert reply.status == 200, reply.text
    assert (reply.json["ok"], reply.json["count"], len(reply.json["requests"])) == (ok, found, found)


def test_verify_answers_what_matched(busy):
    reply = busy.control("POST", "/requests/verify", {"when": {"operation": "create_contact"}, "count": {"min": 2}})
    assert reply.json == {
        "ok": True,
        "count": 3,
        "expected": {"min": 2, "max": None},
        "requests": ["req_3", "req_2", "req_1"],
        "near_misses": [],
    }


def test_verify_shows_the_three_closest_and_where_they_differ(busy):
    when = {"operation": "create_contact", "status": 201, "body": {"email": "ann@example.com", "firstName": "Anna"}}
    reply = busy.control("POST", "/requests/verify", {"when": when, "count": 1})
    status = busy.control("GET", "/requests?since=req_2").json["requests"][-1]["status"]
    assert reply.json == {
        "ok": False,
        "count": 0,
        "expected": {"min": 1, "max": 1},
        "requests": [],
        "near_misses": [
            {
                "id": "req_3",
                "method": "POST",
                "path": "/v1/contacts",
                "operation": "create_contact",
                "status": status,
                "differences": [
                    {"member": "status", "expected": 201, "actual": status},
                    {"member": "body.firstName", "expected": "Anna", "actual": None},
                ],
            },
            {
                "id": "req_1",
                "method": "POST",
                "path": "/v1/contacts",
                "operation": "create_contact",
                "status": 200,
                "differences": [
                    {"member": "status", "expected": 201, "actual": 200},
                    {"member": "body.firstName", "expected": "Anna", "actual": "Ann"},
                ],
            },
            {
                "id": "req_6",
                "method": "GET",
                "path": "/v1/templates",
                "operation": "list_templates",
                "status": 501,
                "differences": [
                    {"member": "operation", "expected": "create_contact", "actual": "list_templates"},
                    {"member": "status", "expected": 201, "actual": 501},
                    {"member": "body", "expected": when["body"], "actual": None},
                ],
            },
        ],
    }


def test_verify_looks_at_no_other_workspace_than_those_asked_for(busy):
    when = {"workspace": "ci*", "body": {"email": "ann@example.com"}}
    reply = busy.control("POST", "/requests/verify", {"when": when}).json
    assert (reply["ok"], [miss["id"] for miss in reply["near_misses"]]) == (False, ["req_2"])


def test_verify_shows_no_near_misses_where_there_were_too_many(busy):
    reply = busy.control("POST", "/requests/verify", {"when": {"method": "GET"}, "count": 1}).json
    assert (reply["ok"], reply["count"], reply["near_misses"]) == (False, 3, [])
