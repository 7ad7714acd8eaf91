"""What is said to happen to a message is taken in, or refused with a sentence, whatever the vendor."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.messages import KINDS
from tests.every_vendor.worlds import NAMES, VENDORS
from tests.support import Client

TELLING = [name for name in NAMES if VENDORS[name].happen is not None]


@pytest.fixture(params=TELLING)
def client(request: Any) -> Client:
    made = Client(request.param, settings={"fixture": "demo"})
    made.sandbox.prepare()
    return made


def a_message(client: Client) -> dict[str, Any]:
    """The newest of the fixture, or one that is made up where the vendor's API sends none."""
    found = client.control("GET", "/messages").json["messages"]
    if not found:
        made = {"vendor": client.vendor, "workspace": "default", "to": "ann@example.com", "subject": "Hi"}
        reply = client.control("POST", "/messages", {**made, "html": "<a href='https://shop.example/'>x</a>"})
        assert reply.status == 201, reply.text
        found = [reply.json]
    message: dict[str, Any] = found[0]
    return message


@pytest.mark.parametrize("type", KINDS)
def test_every_kind_is_taken_in_or_refused(client: Client, type: str) -> None:
    message = a_message(client)
    told = {"type": type} | ({"url": "https://shop.example/"} if type == "clicked" else {})
    reply = client.control("POST", f"/messages/{message['id']}/events", told)
    assert reply.status in (200, 409), reply.text
    after = client.control("GET", f"/messages/{message['id']}").json
    if reply.status == 200:
        assert reply.json == after
        assert after["events"][:-1] == message["events"]
        assert after["events"][-1]["type"] == type
    else:
        assert reply.json["error"].endswith(".")
        assert after == message


def test_most_kinds_are_taken_in(client: Client) -> None:
    taken = []
    for type in KINDS:
        message = a_message(client)
        told = {"type": type} | ({"url": "https://shop.example/"} if type == "clicked" else {})
        reply = client.control("POST", f"/messages/{message['id']}/events", told)
        taken += [type] if reply.status == 200 else []
    assert len(taken) >= 4
