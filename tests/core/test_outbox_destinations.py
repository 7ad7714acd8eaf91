"""Where webhooks may go. What is checked is the address that is connected to, however the URL spells it."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest
import trustme

from lookalike.outbox import exchange
from lookalike.outbox.destinations import Destinations, target
from lookalike.outbox.sender import Refused
from tests.core.lab import lab
from tests.receiver import Receiver

HERE = ("127.0.0.1", "::1")


def addresses(url: str, *hosts: str) -> list[str]:
    return asyncio.run(Destinations(hosts).addresses(target(url)))


def refusal(url: str, *hosts: str) -> str:
    with pytest.raises(Refused) as caught:
        addresses(url, *hosts)
    return str(caught.value)


@pytest.fixture
def resolver(monkeypatch) -> dict[str, list[str]]:
    """The names that can be looked up; whatever else is asked for is a look that should not have been."""
    names: dict[str, list[str]] = {}

    async def getaddrinfo(_loop, host, port, **_):
        if host not in names:
            raise AssertionError(f"{host} was looked up")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in names[host]]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return names


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:3000/hook", ["127.0.0.1"]),
        ("https://127.9.9.9/", ["127.9.9.9"]),
        ("http://[::1]:3000/hook", ["::1"]),
        ("http://[::ffff:127.0.0.1]/", ["127.0.0.1"]),
        ("http://[0:0:0:0:0:0:0:1]/", ["::1"]),
        ("http://localhost:3000", [*HERE]),
        ("http://LOCALHOST./", [*HERE]),
        ("http://app.localhost/x", [*HERE]),
    ],
)
def test_this_machine_is_welcome_without_a_look_at_any_resolver(resolver, url, expected):
    assert addresses(url) == expected


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://hooks.example.com/x", "hooks.example.com"),
        ("http://8.8.8.8/", "8.8.8.8"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("http://0.0.0.0/", "0.0.0.0"),
        ("http://[::]/", "::"),
        ("http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1"),
        ("http://[::ffff:8.8.8.8]/", "::ffff:8.8.8.8"),
        ("http://[fe80::1]/", "fe80::1"),
        ("http://[64:ff9b::7f00:1]/", "64:ff9b::7f00:1"),
        ("http://169.254.169.254/latest", "169.254.169.254"),
        ("http://127.1/", "127.1"),
        ("http://0x7f000001/", "0x7f000001"),
        ("http://2130706433/", "2130706433"),
        ("http://0177.0.0.1/", "0177.0.0.1"),
        ("http://localhost.evil.test/", "localhost.evil.test"),
        ("http://evillocalhost/", "evillocalhost"),
        ("http://127.0.0.1.evil.test/", "127.0.0.1.evil.test"),
        ("http://127.0.0.1#@evil.test/", None),
        ("http://evil.test#127.0.0.1/", "evil.test"),
        ("http://evil.test?127.0.0.1/", "evil.test"),
    ],
)
def test_nowhere_else_and_no_name_is_looked_up(resolver, url, host):
    if host is None:
        assert addresses(url) == ["127.0.0.1"]
        return
    assert refusal(url) == (
        f"{host} is not this machine, and webhooks go nowhere else: "
        f"start lookalike with --webhook-hosts {host} to let them"
    )


@pytest.mark.parametrize(
    ("url", "beginning"),
    [
        ("http://evil.test@127.0.0.1/", "'http://evil.test@127.0.0.1/' names a user"),
        ("http://127.0.0.1@evil.test/", "'http://127.0.0.1@evil.test/' names a user"),
        ("http://a:b@127.0.0.1/", "'http://a:b@127.0.0.1/' names a user"),
        ("http://127.0.0.1\\@evil.test/", "'http://127.0.0.1\\\\@evil.test/' is no proper URL"),
        ("http://127.0.0.1\t.evil.test/", "'http://127.0.0.1\\t.evil.test/' is no proper URL"),
        ("http://127.0.0.1/a b", "'http://127.0.0.1/a b' is no proper URL"),
        ("http://127.0.0.1/\r\nHost: x", "'http://127.0.0.1/\\r\\nHost: x' is no proper URL"),
        ("http://127.0.0.1:99999/", "'http://127.0.0.1:99999/' is no proper URL"),
        ("http://[::1/", "'http://[::1/' is no proper URL"),
        ("http://[::1%25lo]/", "'::1%25lo' is no host"),
        ("http://127.0.0.1%2eevil.test/", "'127.0.0.1%2eevil.test' is no host"),
        ("ftp://127.0.0.1/", "'ftp://127.0.0.1/' is no URL of a receiver"),
        ("file:///etc/passwd", "'file:///etc/passwd' is no URL of a receiver"),
        ("http:///x", "'http:///x' is no URL of a receiver"),
        ("127.0.0.1:80/x", "'127.0.0.1:80/x' is no URL of a receiver"),
        ("", "'' is no URL of a receiver"),
    ],
)
def test_urls_that_can_be_read_in_two_ways_are_refused(resolver, url, beginning):
    assert refusal(url).startswith(beginning)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("hooks.test", "https://hooks.test/x"),
        ("HOOKS.test.", "https://hooks.TEST/x"),
        ("*.test", "https://hooks.test/x"),
        ("*", "https://hooks.test/x"),
        ("10.0.0.0/8", "https://hooks.test/x"),
        ("10.1.2.3", "http://10.1.2.3/x"),
        ("10.1.2.3", "http://[::ffff:10.1.2.3]/x"),
    ],
)
def test_what_the_operator_names_is_welcome(resolver, host, url):
    resolver["hooks.test"] = ["10.1.2.3"]
    assert addresses(url, host) == ["10.1.2.3"]


@pytest.mark.parametrize("host", ["test", "hooks.test", "10.0.0.0/16", "fd00::/8", "*.hooks.test"])
def test_and_nothing_like_it(resolver, host):
    resolver["my.hooks"] = ["10.1.2.3"]
    refusal("http://my.hooks/", host)
    refusal("http://10.1.2.3/", host)


@pytest.mark.parametrize("host", ["hooks.test", "*"])
@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1"])
def test_a_named_host_does_not_stand_for_addresses_that_mean_something_else(resolver, host, address):
    resolver["hooks.test"] = [address]
    assert f"hooks.test ({address}) is not this machine" in refusal("http://hooks.test/", host)
    resolver["hooks.test"] = [address, "10.0.0.1"]
    assert addresses("http://hooks.test/", host) == ["10.0.0.1"]


def test_an_address_may_be_named_whatever_it_means(resolver):
    resolver["hooks.test"] = ["169.254.169.254"]
    assert addresses("http://hooks.test/", "169.254.169.254") == ["169.254.169.254"]


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://127.0.0.1", "127.0.0.1", "/"),
        ("http://LocalHost:80/a?b=c&d#e", "localhost", "/a?b=c&d"),
        ("https://localhost:443", "localhost", "/"),
        ("https://localhost:80/", "localhost:80", "/"),
        ("http://[::1]:3000/ä/%20?q=ü", "[::1]:3000", "/%C3%A4/%20?q=%C3%BC"),
        ("http://localhost?x", "localhost", "/?x"),
    ],
)
def test_host_and_path_of_the_request(url, authority, path):
    found = target(url)
    assert (found.authority, found.path) == (authority, path)


# --- over the network -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", HERE)
@pytest.mark.parametrize("name", [None, "localhost", "app.localhost"])
def test_receivers_on_either_address_of_this_machine(host, name):
    with Receiver(host).listening() as receiver:
        url = receiver.url if name is None else f"http://{name}:{receiver.port}/hook"
        one = lab()
        id = one.deliver(url)
        one.client.settle()
    assert one.document(id)["status"] == "delivered"
    assert receiver.received[0].headers["host"] == url.removeprefix("http://").removesuffix("/hook")


def test_a_refused_one_is_over_and_says_why():
    one = lab()
    id = one.deliver("http://hooks.example.com/")
    one.client.settle()
    (attempt,) = one.document(id)["attempts"]
    assert one.document(id)["status"] == "failed"
    assert attempt["error"].startswith("hooks.example.com is not this machine")
    assert (attempt["status"], attempt["body"]) == (None, None)
    assert one.outcomes[0][1].refused


def test_the_name_is_looked_up_once_for_each_attempt_and_what_came_is_connected_to(resolver, monkeypatch):
    with Receiver().listening() as receiver:
        one = lab(webhook_hosts=("rebinding.test",))
        looks = []

        async def getaddrinfo(_loop, host, port, **_):
            if host == "127.0.0.1":  # an address that was found is taken apart by the same function
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
            looks.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
        one.deliver(f"http://rebinding.test:{receiver.port}/")
        one.client.settle()
    assert looks == ["rebinding.test"]
    assert receiver.received[0].headers["host"] == f"rebinding.test:{receiver.port}"


def test_a_named_host_that_has_no_address_is_a_receiver_that_is_down(monkeypatch):
    async def getaddrinfo(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    one = lab(webhook_hosts=("hooks.test",))
    id = one.deliver("http://hooks.test/")
    one.client.settle()
    assert one.attempts(id)[0][2:] == (None, "no connection: Name or service not known")
    assert one.document(id)["status"] == "pending"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_receiver_behind_tls_has_to_be_trusted_under_its_name(monkeypatch, trusted):
    authority = trustme.CA()
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(ours)
    theirs = ssl.create_default_context()
    (authority if trusted else trustme.CA()).configure_trust(theirs)
    monkeypatch.setattr(exchange, "_tls", lambda: theirs)
    receiver = Receiver()
    receiver._server.socket = ours.wrap_socket(receiver._server.socket, server_side=True)
    with receiver.listening():
        one = lab()
        good = one.deliver(f"https://localhost:{receiver.port}/")
        misnamed = one.deliver(f"https://127.0.0.1:{receiver.port}/", subscription="t")
        one.client.settle()
    (first,), (second,) = one.attempts(good), one.attempts(misnamed)
    if trusted:
        assert first[2:] == (200, None)
        assert second[3].startswith("certificate not trusted: IP address mismatch")
    else:
        assert first[3].startswith("certificate not trusted: ")
    assert len(receiver.received) == trusted
