"""OpenSend emails from templates, and the links by which one unsubscribes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import UUID, Client, Like
from tests.vendors.opensend.emails import BODY, UNKNOWN, public, send

VARIABLES = [
    {"key": "NAME", "type": "string"},
    {"key": "PLAN", "type": "string", "fallback_value": "free"},
    {"key": "SEATS", "type": "number", "required": False},
]


def template(client: Client, **body: Any) -> str:
    made = {"name": "T", "html": "<p>{{NAME}} {{{ PLAN }}} {{SEATS}}</p>", "variables": VARIABLES, **body}
    reply = client.post("/templates", made)
    assert reply.status == 201, reply.text
    return reply.json["id"]


@pytest.mark.parametrize(
    ("stored", "variables", "expected"),
    [
        ({}, {"NAME": "Ann"}, {"subject": "Hello Ann", "html": "<p>Ann free {{SEATS}}</p>", "text": ""}),
        (
            {"subject": "Hi {{NAME}}", "text": "{{SEATS}} {{OTHER}}"},
            {"NAME": "Ann", "PLAN": "pro", "SEATS": 3, "OTHER": True},
            {"subject": "Hi Ann", "html": "<p>Ann pro 3</p>", "text": "3 true"},
        ),
    ],
)
def test_template(client, stored, variables, expected):
    id = template(client, **stored)
    body = {name: BODY[name] for name in ("from", "to")}
    reply = client.post(
        "/emails", {**body, "subject": "Hello {{NAME}}", "template": {"id": id, "variables": variables}}
    )
    found = client.get(f"/emails/{reply.json['id']}").json
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("fallback", ["", 0])
def test_an_empty_fallback_is_one(client, fallback):
    made = template(client, html="<{{NOTE}}>", variables=[{"key": "NOTE", "fallback_value": fallback}])
    id = client.post("/emails", {**BODY, "template": {"id": made}}).json["id"]
    assert client.get(f"/emails/{id}").json["html"] == f"<{fallback}>"


def test_template_variable_missing(client):
    reply = client.post("/emails", {**BODY, "template": {"id": template(client)}})
    details = {"formErrors": [], "fieldErrors": {"template": ["Missing required variable: NAME"]}}
    expected = public(422, "validation_error", "Missing required template variable: NAME", details)
    assert (reply.status, reply.json) == (422, expected)


def test_template_unknown(client):
    body = {**BODY, "template": {"id": UNKNOWN}}
    reply = client.post("/emails", body)
    assert (reply.status, reply.json) == (404, public(404, "not_found", "Template not found."))
    assert client.post("/emails/batch", [body]).json == {"data": [{"id": UUID}]}


@pytest.mark.parametrize("name", ["OPENSEND_UNSUBSCRIBE_URL", "RESEND_UNSUBSCRIBE_URL"])
def test_unsubscribe_link(client, name):
    contact = client.post("/contacts", {"email": "bo@example.com"}).json["id"]
    send(client, html=f"<a href='{{{{{{{name}}}}}}}'>x</a>", text=f"{{{{{{{name}}}}}}}", headers={"X-A": "1"})
    [message] = client.control("GET", "/messages").json["messages"]
    link = message["text"]
    assert link == Like(rf"http://127.0.0.1:7357/opensend/unsubscribe/{contact}\?token=[A-Za-z0-9_-]{{43}}")
    assert message["html"] == f"<a href='{link}'>x</a>"
    assert message["headers"] == {
        "X-A": "1",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    path = link.removeprefix("http://127.0.0.1:7357/opensend")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.as_key("").post(path, body=b"List-Unsubscribe=One-Click", headers=form).status == 202
    assert client.get(f"/contacts/{contact}").json["unsubscribed"] is True


@pytest.mark.parametrize("case", ["unknown", "unsubscribed", "two", "plain"])
def test_no_unsubscribe_link(client, case):
    text = "plain" if case == "plain" else "{{{OPENSEND_UNSUBSCRIBE_URL}}}"
    if case != "unknown":
        client.post("/contacts", {"email": "bo@example.com", "unsubscribed": case == "unsubscribed"})
    send(client, text=text, to=["bo@example.com", "al@example.com"] if case == "two" else "bo@example.com")
    [message] = client.control("GET", "/messages").json["messages"]
    assert (message["text"], message["headers"]) == (text, {})
