"""Unsubscribe links, the page behind them and its settings."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

from lookalike.call import Call
from lookalike.vendors.opensend import unsubscribe

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ONE_CLICK = b"List-Unsubscribe=One-Click"
DEFAULTS = {
    "object": "unsubscribe_page_settings",
    "logo_url": None,
    "brand_color": "#10b981",
    "headline": "Unsubscribed successfully",
    "message": "You have been removed from this mailing list. "
    "You will no longer receive marketing emails from this sender.",
    "footer_text": "Powered by OpenSend",
}


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


def token(id, tag=""):
    digest = hmac.new(b"lookalike", b"opensend.unsubscribe.v1:" + id.encode(), sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=") + tag


def contact(client, email="ann@example.com", **more):
    return client.post("/contacts", {"email": email, **more}).json["id"]


def topic(client, name, visibility="public"):
    body = {"name": name, "default_subscription": "opt_in", "visibility": visibility}
    return client.post("/topics", body).json["id"]


@pytest.fixture
def link(opensend):
    id = contact(opensend)
    return f"/unsubscribe/{id}?token={token(id)}"


def is_unsubscribed(client, email="ann@example.com"):
    return client.get(f"/contacts/{email}").json["unsubscribed"]


def test_links_lead_to_the_page(opensend):
    id = contact(opensend)
    part = opensend.sandbox.workspace("default").part("opensend")
    link = unsubscribe.link_for(part, "http://127.0.0.1:7357/opensend", "Ann@Example.com")
    assert link == f"http://127.0.0.1:7357/opensend/unsubscribe/{id}?token={token(id)}"
    assert unsubscribe.link_for(part, "", "nobody@example.com") is None
    opensend.patch(f"/contacts/{id}", {"unsubscribed": True})
    assert unsubscribe.link_for(part, "", "ann@example.com") is None


def test_the_base_url_is_the_one_that_the_request_came_by(opensend):
    environ = {"REQUEST_METHOD": "GET", "HTTP_HOST": "localhost:1", "wsgi.url_scheme": "https"}
    call = Call(environ, opensend.sandbox.vendors["opensend"], "/opensend", "/emails")
    assert call.base_url == "https://localhost:1/opensend"


def test_the_page_is_public(opensend, link):
    news, hidden = topic(opensend, "News & more"), topic(opensend, "Hidden", "private")
    reply = opensend.as_key("").get(link)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "ann@example.com: News &amp; more<" in reply.text
    opensend.patch("/contacts/ann@example.com/topics", {"topics": [{"id": hidden}]})
    assert "Hidden" in opensend.as_key("").get(link).text
    assert news


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token={other}"])
def test_a_token_of_somebody_else_is_no_token(opensend, query):
    id, other = contact(opensend), contact(opensend, "bob@example.com")
    path = f"/unsubscribe/{id}" + query.format(other=token(other))
    shown = opensend.get(path)
    assert (shown.status, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    sent = opensend.post(path, body=ONE_CLICK, headers=FORM)
    assert (sent.status, sent.raw) == (404, b"")
    assert shown.headers["cache-control"] == sent.headers["cache-control"] == "no-store"
    assert not is_unsubscribed(opensend)


def test_one_click(opensend, link):
    for _ in range(2):
        reply = opensend.as_key("").post(f"{link}&broadcast_id=x", body=ONE_CLICK, headers=FORM)
        assert (reply.status, reply.raw, reply.headers["cache-control"]) == (202, b"", "no-store")
        assert is_unsubscribed(opensend)


def test_the_form_unsubscribes(opensend, link):
    opensend.put("/api/unsubscribe-page", {"headline": "Bye <now>"})
    reply = opensend.as_key("").post(link, body=b"action=unsubscribe_all", headers=FORM)
    assert reply.status == 200
    assert "Bye &lt;now&gt;" in reply.text
    assert is_unsubscribed(opensend)


def test_preferences_are_set_for_all_that_is_visible(opensend, link):
    news, other = topic(opensend, "News"), topic(opensend, "Other")
    chosen, hidden = topic(opensend, "Chosen", "private"), topic(opensend, "Hidden", "private")
    opensend.patch("/contacts/ann@example.com/topics", {"topics": [{"id": chosen, "subscription": "opt_in"}]})
    reply = opensend.as_key("").post(link, body=f"action=save_preferences&topics={news}".encode(), headers=FORM)
    assert reply.status == 200
    topics = {row["id"]: row["subscription"] for row in opensend.get("/contacts/ann@example.com").json["topics"]}
    assert topics == {news: "opt_in", other: "opt_out", chosen: "opt_out"}
    body = f"action=save_preferences&topics={news}&topics={hidden}".encode()
    assert opensend.post(link, body=body, headers=FORM).status == 400
    assert {row["id"] for row in opensend.get("/contacts/ann@example.com").json["topics"]} == {news, other, chosen}
    assert opensend.post(link, body=b"action=save_preferences", headers=FORM).status == 200
    assert {row["subscription"] for row in opensend.get("/contacts/ann@example.com").json["topics"]} == {"opt_out"}
    assert not is_unsubscribed(opensend)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (b"action=other", FORM),
        (b"List-Unsubscribe=no", FORM),
        (b"action=unsubscribe_all&x=" + b"x" * (10 * 1024 * 1024), FORM),
        (ONE_CLICK, {"Content-Type": "text/plain"}),
        (b'{"action": "unsubscribe_all"}', {"Content-Type": "application/json"}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_the_page_does_not_understand(opensend, link, body, headers):
    reply = opensend.post(link, body=body, headers=headers)
    assert (reply.status, reply.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert not is_unsubscribed(opensend)


def test_no_webhook_tells_of_it(opensend, link):
    opensend.post("/webhooks", {"endpoint": "https://hooks.example.com", "events": ["contact.updated"]})
    opensend.post(link, body=ONE_CLICK, headers=FORM)
    [webhook] = opensend.get("/webhooks").json["data"]
    assert opensend.get(f"/webhooks/{webhook['id']}").json["recent_deliveries"] == []


def test_links_lead_back_to_their_workspace(opensend):
    elsewhere = opensend.as_key("os_key~elsewhere")
    id = contact(elsewhere)
    path = f"/unsubscribe/{id}"
    assert opensend.get(f"{path}?token={token(id)}").status == 404
    tagged = f"{path}?token={token(id, '~elsewhere')}"
    part = opensend.sandbox.workspace("elsewhere").part("opensend")
    assert unsubscribe.link(part, "", id) == tagged
    assert opensend.as_key("").post(tagged, body=ONE_CLICK, headers=FORM).status == 202
    assert is_unsubscribed(elsewhere)
    header = {"X-Lookalike-Workspace": "elsewhere"}
    assert opensend.as_key("").get(f"{path}?token={token(id)}", headers=header).status == 200


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["os_full", "os_restricted"])
def test_settings_for_full_and_sending_keys(opensend, key):
    news = topic(opensend, "News")
    client = opensend.as_key(key)
    shown = client.get("/api/unsubscribe-page")
    assert shown.status == 200
    assert {**shown.json, "topics": [row["id"] for row in shown.json["topics"]]} == DEFAULTS | {"topics": [news]}
    assert shown.json["topics"] == opensend.get("/topics").json["data"]
    change = {"logo_url": "https://example.com/l.png", "brand_color": "#FF000080", "footer_text": "By", "other": 1}
    saved = client.put("/api/unsubscribe-page", change)
    del change["other"]
    assert (saved.status, saved.json) == (200, DEFAULTS | change)
    assert client.put("/api/unsubscribe-page", {"logo_url": None, "message": "m"}).json == DEFAULTS | change | {
        "logo_url": None,
        "message": "m",
    }
    odd = {"logo_url": " ", "headline": " 5 ", "message": None, "footer_text": [1, 2]}
    written = {"logo_url": None, "headline": "5", "message": "null", "footer_text": "1,2"}
    assert client.put("/api/unsubscribe-page", odd).json == DEFAULTS | change | written


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "Invalid JSON body"),
        (b"", "Invalid JSON body"),
        (b"[]", "Request body must be a JSON object"),
        (b"null", "Request body must be a JSON object"),
        (b'{"logo_url": "x"}', "logoUrl must be a valid http or https URL"),
        (b'{"logo_url": 5}', "logoUrl must be a valid http or https URL"),
        (b'{"logo_url": "ftp://x.y/z"}', "logoUrl must use the http or https protocol"),
        (b'{"logo_url": "http://x.y/' + b"z" * 2048 + b'"}', "logoUrl must be 2048 characters or fewer"),
        (b'{"brand_color": "red"}', "brandColor must be a valid hex color (#rrggbb or #rrggbbaa)"),
        (b'{"brand_color": null}', "brandColor must be a valid hex color (#rrggbb or #rrggbbaa)"),
        (b'{"headline": " ", "message": "m"}', "headline must not be empty"),
        (b'{"headline": "' + b"h" * 201 + b'"}', "headline must be 200 characters or fewer"),
        (b'{"message": ""}', "message must not be empty"),
        (b'{"message": "' + b"m" * 1001 + b'"}', "message must be 1000 characters or fewer"),
        (b'{"footer_text": ""}', "footerText must not be empty"),
        (b'{"footer_text": "' + b"f" * 201 + b'"}', "footerText must be 200 characters or fewer"),
    ],
)
def test_settings_refuse(opensend, body, text):
    reply = opensend.put("/api/unsubscribe-page", body=body)
    assert (reply.status, reply.json) == (400, {"error": text})
    assert opensend.get("/api/unsubscribe-page").json == DEFAULTS | {"topics": []}
