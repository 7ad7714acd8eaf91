"""Around the operations: redirects, guards, wrong methods, the headers of every answer, and who may call."""

from __future__ import annotations

import re

import pytest

from lookalike.vendors.opensend import VENDOR
from lookalike.vendors.opensend.routing import STATIC
from tests.support import wsgi

SECURITY = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
JSON = "application/json;charset=utf-8"


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


def by_host(client, method, path, headers=()):
    sent = {"host": "opensend.namuh.co", "authorization": f"Bearer {client.key}", **dict(headers)}
    return wsgi(client.app, method, f"http://opensend.namuh.co{path}", b"", sent)


# --- redirects --------------------------------------------------------------------------------------------------

LOST = [
    ("GET", "/"),
    ("GET", "/nope"),
    ("POST", "/nope"),
    ("GET", "/v1/contacts"),
    ("GET", "/api"),
    ("GET", "/Contacts"),
    ("GET", "/properties"),
    ("GET", "/suppressions"),
    ("PUT", "/contacts"),
    ("DELETE", "/contacts"),
    ("PATCH", "/segments/00000000-0000-4000-8000-000000000000"),
    ("HEAD", "/contacts"),
    ("OPTIONS", "/contacts"),
    ("GET", "/contacts/x/nope"),
    ("POST", "/audiences/x/contacts"),
]


@pytest.mark.parametrize(("method", "path"), LOST)
def test_lost_root_requests_are_sent_to_sign_in(opensend, method, path):
    reply = by_host(opensend, method, path)
    body = b"" if method == "HEAD" else b"/auth"
    assert (reply.status, reply.raw) == (307, body)
    assert reply.headers == SECURITY | {"location": "/auth", "content-length": "5"}


def test_under_a_prefix_redirects_stay_under_it(opensend):
    lost, stray = opensend.get("/nope"), opensend.get("/contacts/?limit=1")
    assert (lost.status, lost.headers["location"], lost.text) == (307, "/opensend/auth", "/opensend/auth")
    assert (stray.status, stray.headers["location"]) == (308, "/opensend/contacts?limit=1")


def test_where_they_lead(opensend):
    assert opensend.get("/auth").headers["content-type"] == "text/html; charset=utf-8"
    assert opensend.get("/auth").status == 200
    posted = opensend.post("/auth", {})
    assert (posted.status, posted.raw) == (405, b"")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/contacts/", "/contacts"),
        ("/api/contacts/", "/api/contacts"),
        ("//contacts", "/contacts"),
        ("/contacts//x", "/contacts/x"),
        ("/contacts/a%20b/", "/contacts/a%20b"),
        ("/contacts/%0D%0AX-Evil:1/", "/contacts/%0D%0AX-Evil:1"),
    ],
)
def test_stray_slashes_are_tidied_up(opensend, path, location):
    reply = by_host(opensend, "GET", path)
    assert (reply.status, reply.text) == (308, location)
    assert reply.headers == {"location": location, "content-length": str(len(location))}


# --- under /api -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/nope"), ("POST", "/api/nope"), ("DELETE", "/api/nope"), ("GET", "/audiences/x/contacts")],
)
def test_unknown_api_paths_are_a_page(opensend, method, path):
    reply = opensend(method, path, {})
    assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert reply.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/api/contacts"), ("DELETE", "/api/contacts"), ("POST", "/api/topics/x")]
)
def test_wrong_methods_under_api_are_empty(opensend, method, path):
    reply = opensend(method, path, {})
    assert (reply.status, reply.raw) == (405, b"")
    assert "allow" not in reply.headers


@pytest.mark.parametrize("path", STATIC)
def test_what_looks_like_an_item_is_a_route_of_its_own(opensend, path):
    own = {method for operation in VENDOR.operations for method in (operation.method,) if path in operation.paths}
    assert {*own, "OPTIONS", *({"HEAD"} if "GET" in own else ())} == {*STATIC[path]}
    for method in {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"} - {*STATIC[path]}:
        reply = opensend(method, path)
        assert (reply.status, reply.raw) == (405, b""), method


def test_every_such_path_is_known():
    literal = {path for operation in VENDOR.operations for path in operation.paths if "{" not in path}
    items = [re.sub(r"\{[^}]+\}", "[^/]+", path) for one in VENDOR.operations for path in one.paths if "{" in path]
    alike = {path for path in literal if any(re.fullmatch(item, path) for item in items)}
    assert {path for path in alike if path.startswith("/api/")} == STATIC.keys()


@pytest.mark.parametrize(
    ("path", "allow"), [("/api/contacts", "GET, HEAD, OPTIONS, POST"), ("/api/contacts/bulk", "OPTIONS, POST")]
)
def test_options_under_api(opensend, path, allow):
    reply = opensend.as_key("")("OPTIONS", path)
    assert (reply.status, reply.raw, reply.headers["allow"]) == (204, b"", allow)


def test_head_under_api(opensend):
    reply = opensend("HEAD", "/api/contacts")
    assert (reply.status, reply.raw, reply.headers["content-type"]) == (200, b"", JSON)


# --- the guard --------------------------------------------------------------------------------------------------

API, PAGE = 200, 307


@pytest.mark.parametrize(
    ("path", "key", "headers", "status"),
    [
        ("/topics", "os_key", {}, API),
        ("/topics", "os_key", {"Accept": "text/html"}, PAGE),
        ("/topics", "os_key", {"Accept": "text/html,application/json"}, PAGE),
        ("/topics", "os_key", {"Sec-Fetch-Dest": "document"}, PAGE),
        ("/topics", "os_key", {"Sec-Fetch-Dest": "empty"}, API),
        ("/topics", "os_key", {"RSC": "1"}, PAGE),
        ("/topics", "os_key", {"Next-Url": ""}, PAGE),
        ("/topics", "", {"Authorization": ""}, 401),
        ("/topics", "", {}, PAGE),
        ("/topics", "", {"Accept": "application/json"}, 401),
        ("/topics", "", {"Content-Type": "application/json"}, 401),
        ("/contact-properties", "os_key", {"Accept": "text/html"}, PAGE),
        ("/contacts", "os_key", {"Accept": "text/html"}, API),
        ("/contacts", "", {}, 401),
        ("/segments", "os_key", {"Sec-Fetch-Dest": "document"}, API),
        ("/audiences", "", {"Accept": "text/html"}, 401),
        ("/api/topics", "os_key", {"Accept": "text/html"}, API),
        ("/automations", "", {}, PAGE),
        ("/automations", "os_key", {}, 501),
    ],
)
def test_root_pages_are_only_for_requests_that_look_like_api_calls(opensend, path, key, headers, status):
    assert opensend.as_key(key).get(path, headers=headers).status == status


def test_the_guard_is_for_gets_alone(opensend):
    body = {"name": "News", "default_subscription": "opt_in", "visibility": "public"}
    assert opensend.post("/topics", body, headers={"Accept": "text/html"}).status == 201


# --- headers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "inner"),
    [
        ("/contacts", {}),
        ("/api/contacts", {}),
        ("/segments", {}),
        ("/contacts/a%0D%0Ab@x.co/topics", {"x-middleware-rewrite": "/api/contacts/a%0D%0Ab@x.co/topics"}),
        ("/contacts/a%2Fb/topics", {"x-middleware-rewrite": "/api/contacts/a%2Fb/topics"}),
        ("/topics?limit=1", {"x-middleware-rewrite": "/api/topics", "x-opensend-root-api-alias": "topics"}),
        ("/topics/x", {"x-middleware-rewrite": "/api/topics/x", "x-opensend-root-api-alias": "topics"}),
        (
            "/contact-properties",
            {"x-middleware-rewrite": "/api/properties", "x-opensend-root-api-alias": "contact-properties"},
        ),
        ("/api/properties", {}),
    ],
)
def test_headers_of_api_answers(opensend, path, inner):
    reply = by_host(opensend, "GET", path)
    length = {"content-length": str(len(reply.raw)), "content-type": JSON, "x-ratelimit-backend": "disabled"}
    assert reply.headers == SECURITY | length | inner


def test_there_is_no_cors(opensend):
    reply = opensend.get("/contacts", headers={"Origin": "http://app.example.com"})
    assert not [name for name in reply.headers if name.startswith("access-control")]


# --- who may call -----------------------------------------------------------------------------------------------

REFUSED = {"error": "Missing or invalid API key"}
FORBIDDEN = {
    "name": "insufficient_api_key_permission",
    "code": "insufficient_api_key_permission",
    "message": "This API key does not have permission to access this resource.",
    "statusCode": 403,
}


@pytest.mark.parametrize(
    "header",
    [None, "", "os_key", "bearer os_key", "Bearer  os_key", "Bearer", "Bearer ", "Basic os_key", "Bearer os_key x",
     "Bearer other_key", "Bearer os_invalid"],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("GET", "/contacts"), ("POST", "/contacts"), ("GET", "/api/segments/x")])
def test_what_is_no_key(opensend, header, method, path):
    headers = {} if header is None else {"Authorization": header}
    reply = opensend.as_key("")(method, path, body=b"{not json", headers=headers)
    assert (reply.status, reply.json) == (401, REFUSED)
    assert "www-authenticate" not in reply.headers


@pytest.mark.parametrize("key", ["os_0123456789abcdef0123456789abcdef", "os_x", "ns_x"])
def test_every_well_formed_key_is_welcome(opensend, key):
    assert opensend.as_key(key).get("/contacts").status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/contacts"), ("POST", "/contacts"), ("DELETE", "/api/topics/x")])
def test_sending_keys_may_not(opensend, method, path):
    reply = opensend.as_key("os_restricted")(method, path, body=b"{not json")
    assert (reply.status, reply.json) == (403, FORBIDDEN)


def test_workspaces_do_not_see_each_other(opensend):
    elsewhere = opensend.as_key("os_key~elsewhere")
    id = elsewhere.post("/contacts", {"email": "ann@example.com"}).json["id"]
    assert opensend.get(f"/contacts/{id}").status == 404
    assert opensend.get("/contacts").json["data"] == []
    assert opensend.post("/contacts", {"email": "ann@example.com"}).status == 201


def test_a_redirect_is_not_counted_and_an_answer_is(sandbox):
    client = sandbox("opensend", rate_limits="vendor")
    for _ in range(40):
        assert client("PATCH", "/contacts", {}).status == 307
    assert client.post("/contacts", {}).headers["x-ratelimit-backend"] == "redis"
