"""The messages that the sandbox kept, through the control API."""

from __future__ import annotations

import pytest

from tests.support import Client

MESSAGE = {
    "id": "m1",
    "from": "us@shop.test",
    "to": ["Ann <Ann@example.com>"],
    "subject": "Welcome, Ann",
    "html": "<p>Hi</p>",
    "text": "Hi",
    "created_at": "2026-01-01T00:00:00.000Z",
}
SECOND = {**MESSAGE, "id": "m2", "to": ["bob@example.com"], "subject": None, "created_at": "2026-01-02T00:00:00.000Z"}
THIRD = {
    **MESSAGE,
    "id": "m3",
    "to": ["c@example.com"],
    "cc": ["ann@example.com"],
    "created_at": "2026-01-03T00:00:00Z",
}


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.sandbox.prepare()
    return made


@pytest.fixture
def with_messages(client) -> Client:
    client.as_key("AS_key~ci7").get("/v1/contacts/1")
    client.sandbox.workspace("default").part("autosend").keep_message(MESSAGE)
    client.sandbox.workspace("ci7").part("autosend").keep_message(SECOND)
    client.sandbox.workspace("default").part("autosend").keep_message(THIRD)
    return client


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["m3", "m2", "m1"]),
        ("?limit=2", ["m3", "m2"]),
        ("?workspace=ci7", ["m2"]),
        ("?workspace=nowhere", []),
        ("?vendor=auto*", ["m3", "m2", "m1"]),
        ("?vendor=other", []),
        ("?recipient=ann@example.com", ["m3", "m1"]),
        ("?recipient=example.com", []),
        ("?subject=Welcome*", ["m3", "m1"]),
        ("?subject=Welcome", []),
    ],
)
def test_messages_are_listed_newest_first_and_filtered(with_messages, query, ids):
    reply = with_messages.control("GET", f"/messages{query}")
    assert reply.status == 200
    assert [message["id"] for message in reply.json["messages"]] == ids


def test_one_message_is_shown_whole(with_messages):
    reply = with_messages.control("GET", "/messages/m2")
    assert (reply.status, reply.json) == (200, {"workspace": "ci7", "vendor": "autosend", **SECOND, "events": []})
