"""OpenSend suppressions: made, listed, lifted, imported, exported."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend.suppression_csv import write_export
from tests.support import TIME, UUID, Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
HEADER = "id,email,reason,source,source_email_id,source_message_id,suppressed_at,updated_at"
BAD_EMAIL = "Email must be a valid address no longer than 512 characters."
BAD_REASON = "Reason must be one of manual, bounced, or complained."


def suppression(email: str, reason: str = "manual", **more: Any) -> dict[str, Any]:
    return {
        "id": UUID,
        "object": "suppression",
        "email": email,
        "reason": reason,
        "scope": "user",
        "source_event_id": None,
        "source_email_id": None,
        "source_message_id": None,
        "metadata": {"source": "manual"},
        "suppressed_at": TIME,
        "updated_at": TIME,
        **more,
    }


def suppress(client: Client, email: str, **body: Any) -> dict[str, Any]:
    reply = client.post("/api/suppressions", {"email": email, **body})
    assert reply.status == 201, reply.text
    return reply.json


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/api/suppressions{query}").json
    assert page.keys() == {"object", "scope", "data", "has_more"}
    return [one["email"] for one in page["data"]]


def rejected(*errors: dict[str, Any]) -> dict[str, Any]:
    return {
        "object": "suppression_import",
        "imported_count": 0,
        "rejected_count": len(errors),
        "limit": 200,
        "data": [],
        "errors": list(errors),
    }


def refused(**fields: list[str]) -> dict[str, Any]:
    return {"error": "Validation failed", "details": {"formErrors": [], "fieldErrors": fields}}


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual", None])
def test_create(client, reason):
    body = {"email": "Foo@Example.com"} | ({"reason": reason} if reason else {})
    reply = client.post("/api/suppressions", body)
    assert (reply.status, reply.json) == (201, suppression("foo@example.com", reason or "manual"))


def test_create_again_renews(client):
    first = suppress(client, "foo@example.com", reason="bounced")
    client.clock(advance="1h")
    again = suppress(client, "FOO@example.com")
    times = {"suppressed_at": "2026-03-01T13:00:00.000Z", "updated_at": "2026-03-01T13:00:00.000Z"}
    assert again == {**first, "reason": "manual", **times}
    assert client.get("/api/suppressions").json == {
        "object": "list",
        "scope": "user",
        "data": [again],
        "has_more": False,
    }


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email": ["Invalid input: expected string, received undefined"]}),
        ({"email": "x"}, {"email": ["Invalid email address", "Too small: expected string to have >=3 characters"]}),
        ({"email": " a@b.co"}, {"email": ["Invalid email address"]}),
        (
            {"email": "a@b.co", "reason": "spam"},
            {"reason": ['Invalid option: expected one of "bounced"|"complained"|"manual"']},
        ),
        (
            {"email": 1, "reason": None},
            {
                "email": ["Invalid input: expected string, received number"],
                "reason": ['Invalid option: expected one of "bounced"|"complained"|"manual"'],
            },
        ),
    ],
)
def test_create_refuses(client, body, fields):
    reply = client.post("/api/suppressions", body)
    assert (reply.status, reply.json) == (422, refused(**fields))
    assert listed(client) == []


@pytest.mark.parametrize("body", [b"", b"{"])
def test_create_without_json(client, body):
    reply = client.post("/api/suppressions", body=body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


def test_one_cannot_be_read_and_root_paths_lead_astray(client):
    suppress(client, "foo@example.com")
    reply = client.get("/api/suppressions/foo@example.com")
    assert (reply.status, reply.raw) == (405, b"")
    reply = client.get("/suppressions")
    assert (reply.status, reply.headers["location"]) == (307, "/opensend/auth")


@pytest.mark.parametrize("path", ["foo@example.com", "FOO%40Example.com"])
def test_delete(client, path):
    suppress(client, "foo@example.com")
    reply = client.delete(f"/api/suppressions/{path}")
    assert (reply.status, reply.json) == (200, {"object": "suppression", "deleted": True})
    reply = client.delete(f"/api/suppressions/{path}")
    assert (reply.status, reply.json) == (404, {"error": "Suppression not found", "code": "not_found"})
    assert listed(client) == []


def test_list_newest_change_first(client):
    for name in "abcd":
        suppress(client, f"{name}@x.com")
    suppress(client, "b@x.com")
    assert listed(client) == ["b@x.com", "d@x.com", "c@x.com", "a@x.com"]
    page = client.get("/api/suppressions?limit=2").json
    assert ([one["email"] for one in page["data"]], page["has_more"]) == (["b@x.com", "d@x.com"], True)


def test_after_compares_ids_in_the_order_of_time(client):
    made = [suppress(client, f"{name}@x.com") for name in "abcdefgh"]
    bound = sorted(one["id"] for one in made)[4]
    expected = [one["email"] for one in reversed(made) if one["id"] < bound]
    assert listed(client, f"?after={bound}") == expected
    page = client.get(f"/api/suppressions?after={bound}&limit=2").json
    assert ([one["email"] for one in page["data"]], page["has_more"]) == (expected[:2], True)


def test_list_sizes(client):
    for number in range(102):
        suppress(client, f"a{number}@x.com")
    sizes = {"": 50, "?limit=0": 50, "?limit=abc": 50, "?limit=-1": 1, "?limit=100": 100, "?limit=1e9": 100}
    assert {query: len(listed(client, query)) for query in sizes} == sizes


@pytest.mark.parametrize("query", ["after=x", "limit=1.5", "limit=1.5&q=a"])
def test_the_database_refuses_without_a_body(client, query):
    for path in ("/api/suppressions", "/api/suppressions/export"):
        reply = client.get(f"{path}?{query}")
        assert (reply.status, reply.raw) == (500, b"")


@pytest.fixture
def some(client) -> Client:
    """Two made by hand, on different days, and one by a bounce."""
    topic = client.post("/topics", {"name": "T", "default_subscription": "opt_in", "visibility": "public"}).json["id"]
    suppress(client, "ann@x.com", reason="complained")
    client.clock(advance="1d")
    suppress(client, "bob@y.com")
    client.clock(advance="1d")
    body = {"from": "n@Acme.com", "to": "bounced@resend.dev", "subject": "s", "text": "t", "topic_id": topic}
    client.sent = client.post("/emails", body).json["id"]  # type: ignore[attr-defined]
    client.topic = topic  # type: ignore[attr-defined]
    client.clock(advance="1s")
    return client


ANN, BOB, BOUNCED = "ann@x.com", "bob@y.com", "bounced@resend.dev"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=ANN", [ANN]),
        ("search=%20@Y.%20", [BOB]),
        ("email=_ob", [BOB]),
        ("q={sent}", [BOUNCED]),
        ("q={id}", [BOB]),
        ("q=nobody", []),
        ("reason=manual", [BOB]),
        ("status=bounced", [BOUNCED]),
        ("reason=spam", [BOUNCED, BOB, ANN]),
        ("source=manual", [BOB, ANN]),
        ("source=ses", [BOUNCED]),
        ("source=operator", []),
        ("source=x", [BOUNCED, BOB, ANN]),
        ("created_after=2026-03-02", [BOUNCED, BOB]),
        ("created_before=2026-03-02", [BOB, ANN]),
        ("created_after=2026-03-01T12:00:00.001Z&created_before=2026-03-02", [BOB]),
        ("created_after=yesterday", [BOUNCED, BOB, ANN]),
        ("domain=acme.com", [BOUNCED]),
        ("domain=%20n@A_me.%20", [BOUNCED]),
        ("domain=%25", [BOUNCED]),
        ("domain=other.com", []),
        ("topic_id={topic}", [BOUNCED]),
        (f"topic_id={UNKNOWN}", []),
        ("reason=bounced&source=manual", []),
    ],
)
def test_filters(some, query, expected):
    bob = some.get("/api/suppressions?q=bob").json["data"][0]["id"]
    query = query.format(sent=some.sent, topic=some.topic, id=bob)
    assert listed(some, f"?{query}") == expected
    lines = some.get(f"/api/suppressions/export?{query}").text.split("\n")
    assert [line.split(",")[1] for line in lines[1:]] == expected


# --- import -----------------------------------------------------------------------------------------------------

CSV = 'Email , REASON\n Ann@X.com ,bounced\n\n"bob@y.com",\r\ncid@z.com, complained \n'


@pytest.mark.parametrize("kind", ["text/csv", "text/plain", None, "application/json"])
def test_import(client, kind):
    path = "/api/suppressions/import"
    if kind == "application/json":
        reply = client.post(path, {"csv": CSV})
    else:
        reply = client.post(path, body=CSV.encode(), headers={"Content-Type": kind} if kind else {})
    made = [
        suppression("ann@x.com", "bounced", metadata={"source": "manual", "importRow": 2}),
        suppression("bob@y.com", metadata={"source": "manual", "importRow": 3}),
        suppression("cid@z.com", "complained", metadata={"source": "manual", "importRow": 4}),
    ]
    expected = {**rejected(), "imported_count": 3, "data": made}
    assert (reply.status, reply.json) == (201, expected)
    assert listed(client) == ["cid@z.com", "bob@y.com", "ann@x.com"]


def test_import_renews_what_is_known(client):
    known = suppress(client, "ann@x.com")
    reply = client.post("/api/suppressions/import", {"csv": "email,reason\nann@x.com,bounced"})
    assert [one["id"] for one in reply.json["data"]] == [known["id"]]
    assert listed(client) == ["ann@x.com"]


def test_import_of_a_header_alone(client):
    reply = client.post("/api/suppressions/import", body=b"email\n")
    assert (reply.status, reply.json) == (201, rejected())


@pytest.mark.parametrize(
    ("csv", "errors"),
    [
        (
            "email,reason\nbad,zzz\nok@x.com,Bounced",
            [
                {"row": 2, "field": "email", "value": "bad", "message": BAD_EMAIL},
                {"row": 2, "field": "reason", "value": "zzz", "message": BAD_REASON},
                {"row": 3, "field": "reason", "value": "Bounced", "message": BAD_REASON},
            ],
        ),
        (
            "address\na@x.com",
            [
                {"row": 1, "field": "email", "message": "CSV header must include an email column."},
                {"row": 2, "field": "email", "value": "", "message": BAD_EMAIL},
            ],
        ),
        (
            'email\n"a@x.com',
            [{"row": 2, "field": "row", "message": "Unclosed quoted CSV field."}],
        ),
        (
            '"',
            [{"row": 0, "field": "file", "message": "CSV must include a header row."}],
        ),
        (
            "email\n" + "a@" * 20_000,
            [{"row": 2, "field": "email", "value": "a@" * 20_000, "message": BAD_EMAIL}],
        ),
        (
            "email\n" + "x" * 508 + "@y.co",
            [{"row": 2, "field": "email", "value": "x" * 508 + "@y.co", "message": BAD_EMAIL}],
        ),
        (
            "email\n" + "a@x.com\n" * 201,
            [
                {
                    "row": 0,
                    "field": "file",
                    "message": "CSV import is limited to 200 suppression rows per request.",
                }
            ],
        ),
        (
            "email\n" + "é" * 32_766,
            [
                {
                    "row": 0,
                    "field": "file",
                    "message": "CSV is too large. Import at most 65536 bytes per request.",
                }
            ],
        ),
    ],
)
def test_import_takes_all_or_nothing(client, csv, errors):
    reply = client.post("/api/suppressions/import", {"csv": csv})
    assert (reply.status, reply.json) == (422, rejected(*errors))
    assert listed(client) == []


def test_import_of_more_than_the_real_server_reads(client):
    reply = client.post("/api/suppressions/import", body=b"email\n" + b" " * (10 * 1024 * 1024))
    message = "CSV is too large. Import at most 65536 bytes per request."
    assert (reply.status, reply.json) == (422, rejected({"row": 0, "field": "file", "message": message}))


@pytest.mark.parametrize("body", [b"", b"  \n "])
def test_import_of_nothing(client, body):
    reply = client.post("/api/suppressions/import", body=body)
    assert (reply.status, reply.json) == (422, {"error": "CSV body is required", "code": "empty_csv"})


@pytest.mark.parametrize("body", [{}, {"csv": ""}, {"csv": 5}, [], None])
def test_import_of_json_without_csv(client, body):
    reply = client.post("/api/suppressions/import", body)
    assert (reply.status, reply.json) == (422, {"error": "CSV body is required", "code": "empty_csv"})


def test_import_of_broken_json(client):
    reply = client.post("/api/suppressions/import", body=b"{", headers={"Content-Type": "application/json"})
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


def test_import_reads_quotes_as_they_come(client):
    csv = 'reason,email\n"manual","a""b@x.com"\n,"""c@x.com"\n,"d,@x.com"\n'
    reply = client.post("/api/suppressions/import", {"csv": csv})
    assert (reply.status, [one["email"] for one in reply.json["data"]]) == (
        201,
        ['a"b@x.com', '"c@x.com', "d,@x.com"],
    )


# --- export -----------------------------------------------------------------------------------------------------


def test_export(some):
    reply = some.get("/api/suppressions/export")
    rows = some.get("/api/suppressions").json["data"]
    assert reply.status == 200
    expected = [
        ",".join(
            [
                row["id"],
                row["email"],
                row["reason"],
                row["metadata"]["source"],
                row["source_email_id"] or "",
                row["source_message_id"] or "",
                row["suppressed_at"],
                row["updated_at"],
            ]
        )
        for row in rows
    ]
    assert reply.text == "\n".join([HEADER, *expected])
    headers = {
        "content-type": "text/csv;charset=utf-8",
        "content-disposition": 'attachment; filename="suppressions-2026-03-03.csv"',
        "x-opensend-export-rows": "3",
        "x-opensend-export-limit": "1000",
    }
    assert {name: reply.headers[name] for name in headers} == headers


def test_export_of_nothing(client):
    reply = client.get("/api/suppressions/export")
    assert (reply.status, reply.text, reply.headers["x-opensend-export-rows"]) == (200, HEADER, "0")


def test_export_disarms_formulas_and_quotes(client):
    client.post("/api/suppressions/import", {"csv": 'email\n=1@x.com\n"a,""b@x.com"\n@c@x.com'})
    lines = client.get("/api/suppressions/export").text.split("\n")
    cells = ["'@c@x.com", '"a,""b@x.com"', "'=1@x.com"]
    assert [line[37:].partition(",manual,manual,")[0] for line in lines[1:]] == cells


@pytest.mark.parametrize(("limit", "shown"), [("1", "1"), ("2", "2")])
def test_export_of_too_many(some, limit, shown):
    reply = some.get(f"/api/suppressions/export?limit={limit}")
    assert (reply.status, reply.json) == (
        413,
        {
            "error": f"More than {shown} suppressions match these filters. Refine filters before exporting.",
            "code": "export_too_large",
            "limit": int(limit),
        },
    )


def test_export_of_more_than_a_thousand(client):
    for number in range(5):
        csv = "email\n" + "\n".join(f"a{number}-{row}@x.com" for row in range(200))
        assert client.post("/api/suppressions/import", {"csv": csv}).status == 201
    assert client.get("/api/suppressions/export?limit=5000").headers["x-opensend-export-rows"] == "1000"
    suppress(client, "last@x.com")
    reply = client.get("/api/suppressions/export")
    message = "More than 1,000 suppressions match these filters. Refine filters before exporting."
    assert (reply.status, reply.json) == (413, {"error": message, "code": "export_too_large", "limit": 1000})


# --- what they do -----------------------------------------------------------------------------------------------


def test_a_suppression_leaves_the_contact_alone(client):
    id = client.post("/contacts", {"email": "foo@example.com"}).json["id"]
    suppress(client, "foo@example.com")
    assert client.get(f"/contacts/{id}").json["unsubscribed"] is False
    client.patch(f"/contacts/{id}", {"unsubscribed": True})
    client.delete("/api/suppressions/foo@example.com")
    assert listed(client) == []


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@1", "'@1"), ("\ta", "'\ta"), ("\ra", '"\'\ra"'), ("a,b", '"a,b"')],
)
def test_cells_are_no_formulas(value, cell):
    row = dict.fromkeys(HEADER.split(","), None) | {"email": value, "metadata": None}
    assert write_export([row]) == f"{HEADER}\n,{cell},,,,,,"
