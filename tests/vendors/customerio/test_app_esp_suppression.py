"""What the email service provider suppresses: put there, looked up, listed in pages, lifted, and in the way of mail."""

from __future__ import annotations

import pytest

from tests.vendors.customerio.bodies import NOW, app_error

TYPES = {"blocks": "bounces", "bounces": "bounces", "spam_reports": "spam", "invalid_emails": "bounces"}


def entry(email, created=NOW):
    return {"created": created, "email": email, "reason": "Uploaded manually via api.customer.io", "status": "550"}


def suppress(client, type, *emails):
    for email in emails:
        reply = client.post(f"/v1/esp/suppression/{type}/{email}")
        assert (reply.status, reply.json) == (200, {})


@pytest.mark.parametrize("type", TYPES)
def test_there_are_none(client, type):
    assert client.get(f"/v1/esp/suppression/{type}").json == {"category": TYPES[type], "suppressions": []}


@pytest.mark.parametrize("type", TYPES)
def test_suppress_and_list(client, type):
    suppress(client, type, "Ann@example.com", "bob%40example.org")
    listed = {"category": TYPES[type], "suppressions": [entry("Ann@example.com"), entry("bob@example.org")]}
    assert client.get(f"/v1/esp/suppression/{type}").json == listed
    others = [other for other in TYPES if other != type]
    assert [client.get(f"/v1/esp/suppression/{other}").json["suppressions"] for other in others] == [[], [], []]


def test_once_more_changes_nothing(client):
    suppress(client, "bounces", "ann@example.com")
    client.clock(advance="1h")
    suppress(client, "bounces", "ANN@example.com")
    assert client.get("/v1/esp/suppression/bounces").json["suppressions"] == [entry("ann@example.com")]


def test_pages_by_offset(client):
    suppress(client, "bounces", "a@x.co", "b@y.co", "c@x.co")
    pages = [client.get(f"/v1/esp/suppression/bounces?limit=2&offset={offset}").json for offset in (0, 2, 4)]
    assert [[one["email"] for one in page["suppressions"]] for page in pages] == [["a@x.co", "b@y.co"], ["c@x.co"], []]


@pytest.mark.parametrize(
    ("query", "emails"),
    [("domain=mail.x.co", ["a@x.co", "b@y.co", "c@x.co"]), ("email=B@y.co", ["b@y.co"]), ("email=z@x.co", [])],
)
def test_narrowed_down(client, query, emails):
    suppress(client, "blocks", "a@x.co", "b@y.co", "c@x.co")
    page = client.get(f"/v1/esp/suppression/blocks?{query}").json
    assert page == {"category": "bounces", "suppressions": [entry(email) for email in emails]}


def test_pages_of_a_sending_domain(client):
    suppress(client, "spam_reports", "a@x.co", "c@x.co", "d@x.co")
    path = "/v1/esp/domains/mail.example.com/suppression/spam_reports?limit=2"
    first = client.get(path).json
    rest = client.get(f"{path}&start={first['next']}").json
    assert first == {"category": "spam", "suppressions": [entry("a@x.co"), entry("c@x.co")], "next": first["next"]}
    assert first["next"] != ""
    assert rest == {"category": "spam", "suppressions": [entry("d@x.co")], "next": ""}


@pytest.mark.parametrize(("email", "found"), [("C@x.co", ["c@x.co"]), ("z@x.co", [])])
def test_one_address_of_a_domain(client, email, found):
    suppress(client, "spam_reports", "b@y.co", "c@x.co")
    page = client.get(f"/v1/esp/domains/x.co/suppression/spam_reports?email={email}").json
    assert page == {"category": "spam", "suppressions": [entry(one) for one in found], "next": ""}


def test_search(client):
    assert client.get("/v1/esp/search_suppression/a@x.co").json == {"category": "bounces", "suppressions": []}
    suppress(client, "bounces", "a@x.co", "b@x.co")
    client.clock(advance="60s")
    suppress(client, "spam_reports", "a@x.co")
    found = {"category": "spam", "suppressions": [entry("a@x.co"), entry("a@x.co", NOW + 60)]}
    assert client.get("/v1/esp/search_suppression/A@x.co").json == found


def test_lift(client):
    suppress(client, "bounces", "a@x.co", "b@x.co")
    reply = client.delete("/v1/esp/suppression/bounces/A%40x.co")
    assert (reply.status, reply.raw) == (204, b"")
    assert client.get("/v1/esp/suppression/bounces").json["suppressions"] == [entry("b@x.co")]
    assert client.delete("/v1/esp/suppression/bounces/a@x.co").status == 204


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/esp/suppression/unsubscribes"),
        ("GET", "/v1/esp/domains/x.co/suppression/unsubscribes"),
        ("POST", "/v1/esp/suppression/unsubscribes/a@x.co"),
        ("DELETE", "/v1/esp/suppression/unsubscribes/a@x.co"),
        ("POST", "/v1/esp/suppression/bounces/ann"),
        ("POST", "/v1/esp/suppression/bounces/@x.co"),
        ("POST", "/v1/esp/suppression/bounces/a@b@x.co"),
        ("POST", "/v1/esp/suppression/bounces/a%20b@x.co"),
        ("DELETE", "/v1/esp/suppression/bounces/ann@"),
        ("GET", "/v1/esp/search_suppression/ann"),
    ],
)
def test_what_makes_no_sense(client, method, path):
    reply = client(method, path)
    assert (reply.status, reply.json) == (400, app_error(400, "bad request"))
    assert client.get("/v1/esp/suppression/bounces").json["suppressions"] == []


def test_a_domain_page_that_makes_no_sense(client):
    reply = client.get("/v1/esp/domains/x.co/suppression/blocks?start=x")
    assert (reply.status, reply.json) == (400, app_error(400, "invalid start value"))


@pytest.mark.parametrize("type", TYPES)
def test_mail_to_a_suppressed_address_is_dropped(client, type):
    suppress(client, type, "ann@example.com")
    mail = {"identifiers": {"id": "1"}, "transactional_message_id": 1, "to": "ann@example.com"}
    dropped = client.post("/v1/send/email", mail).json["delivery_id"]
    sent = client.post("/v1/send/email", {**mail, "to": "Ann@example.com, bob@example.com"}).json["delivery_id"]
    shown = client.get(f"/v1/messages/{dropped}").json["message"]
    assert shown["metrics"] == {"created": NOW, "dropped": NOW}
    assert shown["failure_message"] == "Address is suppressed by the email service provider"
    assert "delivered" in client.get(f"/v1/messages/{sent}").json["message"]["metrics"]
    assert [message["id"] for message in client.control("GET", "/messages").json["messages"]] == [sent]
