"""How much of a list comes at once, and where the next page begins."""

from __future__ import annotations

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"
LISTS = [
    ("/contacts", {"email": "p{}@example.com"}, 40, 100),
    ("/segments", {"name": "S{}"}, 20, 100),
    ("/audiences", {"name": "S{}"}, 20, 100),
    ("/api/topics", {"name": "T{}"}, 20, 100),
    ("/api/properties", {"name": "P{}"}, 20, 100),
    ("/events", {"name": "e{}"}, 50, 100),
    ("/api/suppressions", {"email": "p{}@example.com"}, 50, 100),
    ("/webhooks", {"endpoint": "https://example.com/{}", "events": ["email.sent"]}, 20, 100),
    ("/emails", {"from": "a@example.com", "to": "p{}@example.com", "subject": "s", "text": "t"}, 20, 100),
    ("/logs", None, 20, 100),
    ("/broadcasts", {"from": "a", "subject": "s", "segment_id": UNKNOWN}, 40, 120),
    ("/api-keys", {"name": "k{}"}, 20, 100),
    ("/domains", {"name": "d{}.example.com"}, 20, 100),
    ("/templates", {"name": "T{}", "html": "x"}, 200, 200),
]


@pytest.mark.parametrize(("path", "body", "default", "most"), LISTS, ids=[one[0] for one in LISTS])
def test_sizes_of_pages(sandbox, path, body, default, most):
    client = sandbox("opensend")
    made, body = (path, body) if body is not None else ("/emails", LISTS[8][1])
    for number in range(most + 1):
        filled = {name: value.format(number) if isinstance(value, str) else value for name, value in body.items()}
        assert client.post(made, filled).status < 300

    def size(**query):
        return len(client.get(path, query=query).json["data"])

    assert size() == default
    assert size(limit=most) == most
    assert size(limit=1) == 1
    if path != "/events":  # which refuses these
        assert [size(limit=limit) for limit in ("", "0", "x", "-5", most + 1, "Infinity")] == [
            *(default, default, default),
            *(1, most, most),
        ]


@pytest.mark.parametrize("path", [one[0] for one in LISTS if one[0] != "/api/properties"])
@pytest.mark.parametrize("after", ["x", f" {UNKNOWN}", f"{UNKNOWN} ", UNKNOWN[:-1]])
def test_after_is_an_id_or_a_500(sandbox, path, after):
    client = sandbox("opensend")
    assert client.get(path, query={"after": after}).status == 500
    assert client.get(path, query={"after": UNKNOWN}).status == 200


SEARCHES = [
    "/contacts",
    "/segments",
    "/audiences",
    "/topics",
    "/contact-properties",
    "/logs",
    "/broadcasts",
    "/templates",
]


@pytest.mark.parametrize("path", [*SEARCHES, "/api/suppressions"])
def test_nul_is_nothing_to_search_for(sandbox, path):
    assert sandbox("opensend").get(f"{path}?search=a%00").status == 500


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "/contacts/%00", "Failed to fetch contact"),
        ("DELETE", "/contacts/%00", "Failed to delete contact"),
        ("GET", "/contacts/%00/segments", "Failed to fetch contact segments"),
        ("GET", "/contacts/%00/topics", "Failed to fetch contact topics"),
        ("PATCH", "/contacts/%00", "Failed query"),
    ],
)
def test_nul_is_nobody_s_address(sandbox, method, path, text):
    reply = sandbox("opensend")(method, path, {})
    assert (reply.status, reply.json) == (500, {"error": text})
