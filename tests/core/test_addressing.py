"""The front door: prefix, Host and port lead to a vendor; nothing else does."""

from __future__ import annotations

import pytest

from lookalike.addressing import SLASH, FrontDoor, is_control, raw_path
from lookalike.vendor import discover
from tests.support import Client, wsgi

AUTOSEND = discover()["autosend"]
DOOR = FrontDoor([AUTOSEND])


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/a/b", "/a/b"),
        ("/a/b?x=%2F", "/a/b"),
        ("/a%20b/c", "/a b/c"),
        ("/a%2Fb/c", f"/a{SLASH}b/c"),
        ("/a%2fb", f"/a{SLASH}b"),
        ("/zo%C3%AB", "/zoë"),
        ("/%FF", "/\ufffd"),
        ("//a//b", "//a//b"),
        ("/a%3Fb", "/a?b"),
        ("/a+b@c.d", "/a+b@c.d"),
        ("http://127.0.0.1:7357/a/b", "/a/b"),
        ("/%", "/%"),
    ],
)
def test_the_path_is_decoded_but_for_slashes(raw, path):
    assert raw_path({"RAW_URI": raw, "PATH_INFO": "/other"}) == path
    assert raw_path({"REQUEST_URI": raw, "PATH_INFO": "/other"}) == path


def test_without_the_raw_path_the_decoded_one_has_to_do():
    assert raw_path({"PATH_INFO": "/zoë".encode().decode("latin-1")}) == "/zoë"


@pytest.mark.parametrize(
    ("host", "path", "prefix", "found"),
    [
        ("127.0.0.1:7357", "/autosend/v1/contacts", "/autosend", "/v1/contacts"),
        ("127.0.0.1:7357", "/autosend", "/autosend", "/"),
        ("127.0.0.1:7357", "/autosend/", "/autosend", "/"),
        ("127.0.0.1:7357", "/autosend//v1", "/autosend", "//v1"),
        ("api.autosend.com", "/v1/contacts", "", "/v1/contacts"),
        ("API.AutoSend.com:443", "/v1/contacts", "", "/v1/contacts"),
        ("autosend.localhost:7357", "/v1/contacts", "", "/v1/contacts"),
        ("autosend.localhost", "/_lookalike/health", "", "/_lookalike/health"),
    ],
)
def test_prefix_and_host_lead_to_the_vendor(host, path, prefix, found):
    assert DOOR.find({"HTTP_HOST": host}, path) == (AUTOSEND, prefix, found)


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("127.0.0.1", "/"),
        ("127.0.0.1", "/autosendx/v1"),
        ("127.0.0.1", "/AutoSend/v1"),
        ("127.0.0.1", "//autosend/v1"),
        ("other.localhost", "/v1/contacts"),
        ("api.autosend.com.evil.test", "/v1/contacts"),
        ("", "/v1/contacts"),
        ("127.0.0.1", "/_lookalike/health"),
    ],
)
def test_nothing_else_does(host, path):
    assert DOOR.find({"HTTP_HOST": host}, path) is None


def test_a_port_of_its_own_leads_to_the_vendor_whatever_the_host():
    environ = {"lookalike.vendor": "autosend", "HTTP_HOST": "127.0.0.1:7400"}
    assert DOOR.find(environ, "/v1/contacts") == (AUTOSEND, "", "/v1/contacts")
    assert DOOR.find(environ, "/_lookalikes") == (AUTOSEND, "", "/_lookalikes")
    assert DOOR.find(environ, "/_lookalike/health") is None


@pytest.mark.parametrize(
    ("path", "control"),
    [("/_lookalike", True), ("/_lookalike/", True), ("/_lookalike/x", True), ("/_lookalikes", False), ("/", False)],
)
def test_the_control_prefix_is_one_whole_segment(path, control):
    assert is_control(path) is control


@pytest.mark.parametrize("path", ["/", "/nobody/v1/contacts", "/_lookalikes/health"])
def test_an_unknown_prefix_is_told_with_the_list_of_vendors(path):
    client = Client("autosend", settings={"vendor": ("autosend",)})
    reply = wsgi(client.app, "GET", path, b"", {})
    first = path.split("/")[1]
    assert reply.status == 404
    assert reply.json == {
        "error": f"No vendor is served under /{first}: start the path with one of the vendors' names.",
        "vendors": ["autosend"],
    }
