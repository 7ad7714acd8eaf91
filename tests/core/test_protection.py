"""Who may use the control API: this machine, no web page, and over a network only who knows the token."""

from __future__ import annotations

import pytest

from lookalike.app import App, create_app
from lookalike.settings import Settings
from tests.support import Client, Reply, wsgi

TOKEN = "a-control-token"
NO_TOKEN = {
    "error": "The control token is missing or wrong: send Authorization: Bearer <the token printed at start>, "
    "or set LOOKALIKE_CONTROL_TOKEN to it."
}
ROUTES = [
    ("GET", "/vendors"),
    ("GET", "/environment"),
    ("GET", "/coverage"),
    ("GET", "/openapi/autosend.json"),
    ("POST", "/reset"),
    ("GET", "/workspaces"),
    ("POST", "/workspaces"),
    ("DELETE", "/workspaces/default"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("PUT", "/faults"),
    ("DELETE", "/faults"),
    ("DELETE", "/faults/fault_1"),
    ("GET", "/requests"),
    ("DELETE", "/requests"),
    ("POST", "/requests/verify"),
    ("GET", "/clock"),
    ("POST", "/clock"),
    ("GET", "/messages"),
    ("POST", "/messages"),
    ("DELETE", "/messages"),
    ("POST", "/messages/m1/events"),
    ("POST", "/inbound"),
    ("GET", "/webhooks/deliveries"),
    ("GET", "/webhooks/deliveries/d1"),
    ("POST", "/webhooks/deliveries/d1/replay"),
    ("GET", "/webhooks/modes"),
    ("PUT", "/webhooks/modes"),
    ("DELETE", "/webhooks/modes"),
    ("GET", "/sinks"),
    ("DELETE", "/sinks"),
    ("GET", "/sinks/app"),
    ("PUT", "/sinks/app"),
    ("DELETE", "/sinks/app"),
    ("POST", "/wait"),
    ("GET", "/segments"),
    ("GET", "/segments/s1/why"),
    ("GET", "/lag"),
    ("PUT", "/lag"),
    ("POST", "/crowds"),
    ("GET", "/runs"),
    ("DELETE", "/runs"),
    ("POST", "/workflows"),
    ("GET", "/snapshots"),
    ("PUT", "/snapshots/base"),
    ("GET", "/snapshots/base"),
    ("POST", "/snapshots/base/restore"),
    ("DELETE", "/snapshots/base"),
    ("GET", "/messages/m1"),
    ("GET", "/nothing"),
    ("POST", "/vendors"),
    ("OPTIONS", "/reset"),
]


def app(**settings: object) -> App:
    return create_app(Settings.model_validate({"fixture": "none", **settings}))


def ask(served: App, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return wsgi(served, method, f"/_lookalike{path}", body, named)


@pytest.fixture(scope="module")
def loopback() -> App:
    return app()


@pytest.fixture(scope="module")
def exposed() -> App:
    return app(host="0.0.0.0", control_token=TOKEN)


def test_the_list_above_has_every_route(loopback):
    rules = {(m, str(rule)) for rule in loopback.url_map.iter_rules() for m in (rule.methods or set()) - {"HEAD"}}
    adapter = loopback.url_map.bind("localhost")
    matched = set()
    for method, path in ROUTES:
        if adapter.test(f"/_lookalike{path}", method):
            rule, _ = adapter.match(f"/_lookalike{path}", method, return_rule=True)
            matched.add((method, str(rule)))
    others = {(method, rule) for method, rule in rules - matched if not rule.startswith("/_lookalike/sink/")}
    assert others == {("GET", "/_lookalike/health"), ("GET", "/_lookalike/ca.pem")}


# --- Host -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7357", "127.0.0.1", "localhost:7357", "LocalHost", "[::1]:7357", "127.9.9.9:1"]
)
def test_this_machine_may(loopback, host):
    assert ask(loopback, "GET", "/faults", Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:7357",
        "127.0.0.1.evil.test",
        "localhost.evil.test:7357",
        "192.168.0.7:7357",
        "0.0.0.0:7357",
        "[::2]:7357",
        "[::1",
        "evil.test@",
        "evil.test@localhost",
        "localhost/evil.test",
        "localhost?evil.test",
        "localhost#evil.test",
        "localhost:evil",
        "localhost:7357, evil.test",
        "::1",
        "",
    ],
)
def test_a_foreign_host_may_not(loopback, host):
    reply = ask(loopback, "GET", "/faults", Host=host)
    assert reply.status == 403
    assert reply.json == {"error": f"Host {host!r} is not this machine: use http://127.0.0.1 or http://localhost."}


def test_a_foreign_host_may_not_even_ask_for_health(loopback):
    assert ask(loopback, "GET", "/health", Host="evil.test").status == 403


def test_a_foreign_peer_may_not_where_the_settings_say_loopback():
    served = app()

    def from_afar(environ, start_response):
        return served({**environ, "REMOTE_ADDR": "192.168.0.9"}, start_response)

    reply = wsgi(from_afar, "GET", "/_lookalike/faults", b"", {})
    assert reply.status == 403
    assert reply.json == {
        "error": "192.168.0.9 is not this machine: start lookalike with --host and use its control token."
    }


# --- web pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "https://127.0.0.1:7357",
        "http://127.0.0.1:3000",
        "http://localhost:7357",
        "http://127.0.0.1:7357.evil.test",
        "null",
        "",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/faults"), ("POST", "/reset"), ("GET", "/health")])
def test_another_site_may_not(loopback, origin, method, path):
    reply = ask(loopback, method, path, Origin=origin)
    assert reply.status == 403
    assert reply.json == {
        "error": f"Origin {origin!r} is another site: the control API serves no web pages but its own."
    }


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_a_cross_site_fetch_may_not(loopback, site):
    reply = ask(loopback, "GET", "/faults", Sec_Fetch_Site=site)
    assert reply.status == 403
    assert reply.json == {
        "error": f"Sec-Fetch-Site {site!r} is another site: the control API serves no web pages but its own."
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:7357"},
        {"Origin": "http://127.0.0.1:7357", "Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_its_own_pages_may(loopback, headers):
    assert ask(loopback, "POST", "/reset", **headers).status == 200


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
def test_there_are_no_cors_headers(loopback, method):
    preflight = {"Origin": "http://evil.test", "Access_Control_Request_Method": "POST"}
    for headers in ({}, preflight):
        reply = ask(loopback, method, "/faults", **headers)
        assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_what_was_refused_has_had_no_effect(loopback):
    body = b'{"fault": "503"}'
    for headers in ({"Origin": "http://evil.test"}, {"Host": "evil.test"}, {"Sec_Fetch_Site": "cross-site"}):
        assert ask(loopback, "POST", "/faults", body, Content_Type="application/json", **headers).status == 403
    assert ask(loopback, "GET", "/faults").json == {"faults": []}


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_plain_form_cannot_post(loopback, content_type):
    reply = ask(loopback, "POST", "/faults", b'{"fault": "503"}', Content_Type=content_type)
    assert reply.status == 415
    assert reply.json == {"error": "The body has no JSON content type: send Content-Type: application/json."}
    assert ask(loopback, "GET", "/faults").json == {"faults": []}


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "application/x+json"])
def test_any_json_content_type_will_do(loopback, content_type):
    assert ask(loopback, "POST", "/reset", b"{}", Content_Type=content_type).status == 200


# --- the token --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_over_a_network_every_route_wants_the_token(exposed, method, path):
    reply = ask(exposed, method, path)
    assert (reply.status, reply.json) == (401, NO_TOKEN)
    assert ask(exposed, method, path, Authorization=f"Bearer {TOKEN}").status not in (401, 403)


@pytest.mark.parametrize(
    "authorization", ["", TOKEN, "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "é"]
)
def test_a_wrong_token_will_not_do(exposed, authorization):
    reply = ask(exposed, "GET", "/faults", Authorization=authorization)
    assert (reply.status, reply.json) == (401, NO_TOKEN)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_written_as_one_likes(exposed, scheme):
    assert ask(exposed, "GET", "/faults", Authorization=f"{scheme} {TOKEN}").status == 200


def test_over_a_network_health_is_for_all(exposed):
    assert ask(exposed, "GET", "/health", Host="sandbox.internal:7357").status == 200


def test_over_a_network_any_host_name_will_do_but_no_other_site(exposed):
    right = {"Authorization": f"Bearer {TOKEN}", "Host": "sandbox.internal:7357"}
    assert ask(exposed, "GET", "/faults", **right).status == 200
    assert ask(exposed, "GET", "/faults", **right, Origin="http://sandbox.internal:7357").status == 200
    assert ask(exposed, "GET", "/faults", **right, Origin="http://evil.test").status == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "sandbox.internal"])
def test_a_token_is_made_where_none_is_given(host):
    first, second = app(host=host), app(host=host)
    token = first.sandbox.control_token
    assert token is not None
    assert len(token) >= 24
    assert token != second.sandbox.control_token
    assert ask(first, "GET", "/faults").status == 401
    assert ask(first, "GET", "/faults", Authorization=f"Bearer {token}").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_loopback_no_token_is_made(host):
    assert app(host=host).sandbox.control_token is None


def test_a_token_given_on_loopback_is_asked_for_too():
    served = app(control_token=TOKEN)
    assert ask(served, "GET", "/faults").status == 401
    assert ask(served, "GET", "/faults", Authorization=f"Bearer {TOKEN}").status == 200
    assert ask(served, "GET", "/faults", Authorization=f"Bearer {TOKEN}", Host="evil.test").status == 403
    assert ask(served, "GET", "/health").status == 200


def test_vendors_need_no_control_token_and_any_host_or_origin(exposed):
    client = Client("autosend", app=exposed)
    reply = client.get("/v1/contacts/unknown", headers={"Host": "sandbox.internal", "Origin": "http://shop.test"})
    assert reply.status == 404


def test_the_control_api_is_not_served_under_a_vendors_host(loopback):
    client = Client("autosend", app=loopback)
    vendors_404 = client.get("/v1/nothing")
    for host in ("api.autosend.com", "autosend.localhost:7357"):
        reply = ask(loopback, "GET", "/faults", Host=host, Authorization="Bearer AS_key")
        assert (reply.status, reply.json) == (404, vendors_404.json)
