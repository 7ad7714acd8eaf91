"""Clients without a socket meet what they would meet over one: the same answers, and faults as the same errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests

from lookalike.testing import CannotStart, Sandbox, World

Outcome = tuple[Any, ...]


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[World, World]]:
    """One world over a socket and one without, with the same seed."""
    with (
        Sandbox(vendor=("autosend",), seed=7) as over,
        Sandbox(socket=False, vendor=("autosend",), seed=7) as without,
    ):
        yield over, without


def by_requests(world: World, *, mounted: bool, url: str | None = None, timeout: float = 10) -> Outcome:
    with requests.Session() as session:
        if mounted:
            world.mount(session)
        try:
            answer = session.post(
                url or f"{world.autosend.url}/contacts",
                json={"email": "ann@example.com"},
                headers={"Authorization": f"Bearer {world.autosend.key}"},
                timeout=timeout,
            )
            return answer.status_code, answer.headers["content-type"], shape(answer.json())
        except requests.RequestException as error:
            return (type(error),)


def by_httpx(world: World, *, mounted: bool, url: str | None = None, timeout: float = 10) -> Outcome:
    with httpx.Client(transport=world.transport() if mounted else None, timeout=timeout, trust_env=False) as client:
        try:
            answer = client.post(url or f"{world.autosend.url}/contacts", **content(world))
            return answer.status_code, answer.headers["content-type"], shape(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            return (type(error),)


def by_async_httpx(world: World, *, mounted: bool, url: str | None = None, timeout: float = 10) -> Outcome:
    async def ask() -> Outcome:
        transport: Any = world.transport() if mounted else None
        async with httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False) as client:
            try:
                answer = await client.post(url or f"{world.autosend.url}/contacts", **content(world))
                return answer.status_code, answer.headers["content-type"], shape(answer.json())
            except (httpx.HTTPError, ValueError) as error:
                return (type(error),)

    return asyncio.run(ask())


def content(world: World) -> dict[str, Any]:
    return {"json": {"email": "ann@example.com"}, "headers": {"Authorization": f"Bearer {world.autosend.key}"}}


def shape(body: Any) -> Any:
    """Members and types; ids and times differ."""
    return {key: shape(value) for key, value in body.items()} if isinstance(body, dict) else type(body)


CLIENTS = {"requests": by_requests, "httpx": by_httpx, "async httpx": by_async_httpx}
FAULTS = [
    "ok",
    "503",
    "rate_limited",
    "latency=1",
    "timeout=5",
    "reset",
    "empty",
    "truncate=10",
    "garbage",
    "slow=9000",
]
ENDS = {
    "timeout=5": {requests.ReadTimeout, httpx.ReadTimeout},
    "reset": {requests.ConnectionError, httpx.ReadError},
    "empty": {requests.ConnectionError, httpx.RemoteProtocolError},
    "truncate=10": {requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError},
}
"""What must come out, so that two wrong ends are not taken for right."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_fault_looks_the_same(worlds, client, fault):
    ask: Callable[..., Outcome] = CLIENTS[client]
    outcomes = []
    for world, mounted in zip(worlds, (False, True), strict=True):
        world.reset()
        world.control.ask("DELETE", "/faults")
        world.fault(script=fault)
        outcomes.append(ask(world, mounted=mounted, timeout=0.2 if fault.startswith("timeout") else 10))
    assert outcomes[0] == outcomes[1]
    if fault in ENDS:
        assert outcomes[0][0] in ENDS[fault]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_real_host_names_lead_here(worlds, client):
    world = worlds[1]
    world.reset()
    outcome = CLIENTS[client](world, mounted=True, url="https://api.autosend.com/v1/contacts")
    assert outcome[0] == 200
    world.expect.request("autosend", "create_contact", body={"email": "ann@example.com"})


def test_other_hosts_are_not_reached_by_httpx(worlds):
    with httpx.Client(transport=worlds[1].transport()) as client, pytest.raises(httpx.ConnectError) as caught:
        client.get("https://example.com/")
    assert str(caught.value) == "example.com is no vendor's host, and this sandbox has no network"


def test_other_hosts_are_left_alone_by_requests(worlds):
    with requests.Session() as session:
        before = dict(session.adapters)
        worlds[1].mount(session)
        assert session.get_adapter("https://example.com/") is before["https://"]


@pytest.mark.parametrize(
    ("body", "sent"), [(None, b""), (b"raw", b"raw"), ("text", b"text"), (iter([b"a", b"b"]), b"ab")]
)
def test_any_body_of_requests_arrives(worlds, body, sent):
    world = worlds[1]
    world.reset()
    with requests.Session() as session:
        world.mount(session)
        headers = {"Authorization": f"Bearer {world.autosend.key}"}
        session.post(f"{world.autosend.url}/contacts?a=1&b=%2F", data=body, headers=headers, timeout=(1, 5))
    entry = world.requests()[-1]
    assert (entry["body"], entry["query"]) == (sent.decode() or None, "a=1&b=%2F")


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_head_has_a_length_and_no_body(worlds, method):
    world = worlds[1]
    with requests.Session() as session:
        world.mount(session)
        answer = session.request(method, f"{world.autosend.url}/contact-lists", timeout=5)
    assert int(answer.headers["content-length"]) > 0
    assert (answer.content == b"") is (method == "HEAD")


def test_a_path_arrives_as_it_was_sent(worlds):
    world = worlds[1]
    with httpx.Client(transport=world.transport()) as client:
        client.get(
            f"{world.autosend.url}/contacts/a%2Fb%20ü", headers={"Authorization": f"Bearer {world.autosend.key}"}
        )
    assert world.requests()[-1]["path"] == "/v1/contacts/a%2Fb ü"


def test_a_world_with_a_socket_needs_neither(worlds):
    for method in ("mount", "transport"):
        with pytest.raises(TypeError, match=f"^this sandbox has a socket: {method} is for "):
            getattr(worlds[0], method)(*[requests.Session()][: method == "mount"])


def test_a_client_that_was_not_led_here_reaches_nothing(worlds):
    """The base URL has a name that no resolver knows."""
    assert worlds[1].autosend.url == "http://lookalike.invalid/autosend/v1"


@pytest.mark.parametrize("socket", [True, False])
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"fixture": "dmeo"}, "fixture 'dmeo' is unknown: use "),
        ({"vendor": ("nobody",)}, "vendor 'nobody' is unknown: use "),
        ({"store": "nonsense:"}, "store 'nonsense:' is unknown: use "),
        ({"port": "x"}, "--port 'x' cannot be used: "),
    ],
)
def test_a_sandbox_that_cannot_start_is_one_sentence(socket, settings, sentence):
    with pytest.raises(CannotStart) as caught, Sandbox(socket=socket, **settings):
        pass
    assert str(caught.value).startswith(sentence)
