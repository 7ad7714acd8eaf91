"""The messages that the sandbox kept, through the control API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lookalike.messages import EVENTS_KEPT, CannotHappen, Draft, Happening, first_link, recipients
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


# --- finding and forgetting ---------------------------------------------------------------------------------------


def ids(client: Client, query: str = "") -> list[str]:
    return [message["id"] for message in client.control("GET", f"/messages{query}").json["messages"]]


def test_a_recipient_is_found_without_a_search(with_messages, monkeypatch):
    outbox = with_messages.sandbox.workspace("default").messages
    looked = []
    page = type(outbox).page

    def look(self, order, **more):
        looked.append((order, more["within"]))
        return page(self, order, **more)

    monkeypatch.setattr(type(outbox), "page", look)
    assert ids(with_messages, "?recipient=ANN@example.com&workspace=default") == ["m3", "m1"]
    assert ("recipient", "ann@example.com") in looked
    assert "newest" not in dict(looked)


@pytest.mark.parametrize(
    ("query", "deleted", "left"),
    [
        ("", 3, []),
        ("?workspace=ci7", 1, ["m3", "m1"]),
        ("?recipient=ann@example.com", 2, ["m2"]),
        ("?subject=Welcome*", 2, ["m2"]),
        ("?vendor=other", 0, ["m3", "m2", "m1"]),
    ],
)
def test_the_outbox_is_emptied(with_messages, query, deleted, left):
    reply = with_messages.control("DELETE", f"/messages{query}")
    assert (reply.status, reply.json) == (200, {"deleted": deleted})
    assert ids(with_messages) == left


def test_the_oldest_go(sandbox):
    client = sandbox("autosend", messages=2)
    client.sandbox.prepare()
    part = client.sandbox.workspace("default").part("autosend")
    for message in (SECOND, THIRD, MESSAGE):
        part.keep_message(message)
    assert ids(client) == ["m3", "m2"]
    part.keep_message({**SECOND, "id": "m4"})
    assert ids(client) == ["m3", "m4"]


def test_a_message_that_is_kept_again_keeps_its_place_and_its_events(with_messages):
    part = with_messages.sandbox.workspace("default").part("autosend")
    part.keep_message({**MESSAGE, "id": "m0"})
    happening = Happening("opened", 1767225600.0, ("Ann@example.com",), ip="192.0.2.1")
    part.note_message("m1", happening)
    part.note_message("nowhere", happening)
    part.keep_message({**MESSAGE, "subject": "Changed", "to": ["bob@example.com"]})
    assert ids(with_messages, "?workspace=default") == ["m3", "m0", "m1"]
    event = {
        "type": "opened",
        "at": "2026-01-01T00:00:00.000Z",
        "recipients": ["Ann@example.com"],
        "ip": "192.0.2.1",
    }
    shown = with_messages.control("GET", "/messages/m1").json
    expected = {**MESSAGE, "subject": "Changed", "to": ["bob@example.com"], "events": [event]}
    assert shown == {"workspace": "default", "vendor": "autosend", **expected}
    assert ids(with_messages, "?recipient=bob@example.com") == ["m2", "m1"]


def test_of_many_events_the_last_are_kept(with_messages):
    part = with_messages.sandbox.workspace("default").part("autosend")
    for number in range(EVENTS_KEPT + 2):
        part.note_message("m1", Happening("opened", 1767225600.0 + number, ("ann@example.com",)))
    events = with_messages.control("GET", "/messages/m1").json["events"]
    assert (len(events), events[0]["at"]) == (EVENTS_KEPT, "2026-01-01T00:00:02.000Z")


@pytest.mark.parametrize(
    ("content", "link"),
    [
        (
            {"html": "<a class=x href='https://x.test/?a=1&amp;b=2'>x</a> <a href='https://y.test'>"},
            "https://x.test/?a=1&b=2",
        ),
        ({"html": "<A HREF=http://x.test/a>x</A>", "text": "https://y.test"}, "http://x.test/a"),
        ({"html": "<a href='#top'>", "text": "see https://y.test/b, now"}, "https://y.test/b,"),
        ({"html": "<a href='mailto:a@x.test'>", "text": None}, None),
        ({}, None),
    ],
)
def test_the_first_link_of_a_message(content, link):
    assert first_link(content) == link


def test_recipients_are_bare_addresses():
    message = {"to": ["Ann <Ann@example.com>", "device-token"], "cc": None, "bcc": ["b@example.com"]}
    assert list(recipients(message)) == ["Ann@example.com", "device-token", "b@example.com"]


# --- what happens to them -----------------------------------------------------------------------------------------

LINKED = {
    **MESSAGE,
    "to": ["Ann <Ann@example.com>", "bob@example.com"],
    "html": "<a href='https://shop.test/'>x</a>",
    "created_at": "2026-01-01T12:00:00.000Z",
}
NOW = "2026-01-02T12:00:00.000Z"
BOTH = ["Ann@example.com", "bob@example.com"]


class Taken:
    """A vendor's part in what happens: it notes it, and refuses what a test wants refused."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self.drafts: list[Draft] = []
        self.refusal: str | None = None

    def happen(self, part, message, happening):
        if self.refusal is not None:
            raise CannotHappen(self.refusal)
        part.keep_message({**message, "status": happening.type})
        self.happenings.append(happening)

    def compose(self, part, draft):
        if self.refusal is not None:
            raise CannotHappen(self.refusal)
        self.drafts.append(draft)
        part.keep_message({**SECOND, "id": "made", "to": list(draft.to), "subject": draft.subject})
        return "made"


@pytest.fixture
def taken(client):
    found = Taken()
    vendors = client.sandbox.vendors
    vendors["autosend"] = replace(vendors["autosend"], happen=found.happen, compose=found.compose)
    client.control("POST", "/reset", {})
    client.sandbox.workspace("default").drop_part("autosend")
    client.get("/v1/contacts/1")
    client.clock(freeze=NOW)
    client.sandbox.workspace("default").part("autosend").keep_message(LINKED)
    return found


def happen(client: Client, **told):
    return client.control("POST", "/messages/m1/events", told)


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"type": "delivered"}, {"recipients": BOTH}),
        ({"type": "delivered", "recipient": "ANN@example.com"}, {"recipients": BOTH[:1]}),
        ({"type": "opened", "at": "2026-01-01T14:00:00+01:00"}, {"recipients": BOTH, "at": "2026-01-01T13:00:00.000Z"}),
        (
            {"type": "opened", "user_agent": "Mail/1", "ip": "192.0.2.1"},
            {"recipients": BOTH, "user_agent": "Mail/1", "ip": "192.0.2.1"},
        ),
        ({"type": "clicked"}, {"recipients": BOTH, "url": "https://shop.test/"}),
        ({"type": "clicked", "url": "http://other.test/"}, {"recipients": BOTH, "url": "http://other.test/"}),
        ({"type": "bounced"}, {"recipients": BOTH, "bounce": "permanent"}),
        (
            {"type": "bounced", "bounce": "transient", "reason": "full"},
            {"recipients": BOTH, "bounce": "transient", "reason": "full"},
        ),
        ({"type": "complained", "reason": "abuse"}, {"recipients": BOTH, "reason": "abuse"}),
        ({"type": "unsubscribed"}, {"recipients": BOTH}),
        ({"type": "unsubscribed", "group": "News"}, {"recipients": BOTH, "group": "News"}),
    ],
)
def test_what_happens_is_told_to_the_vendor_and_noted(client, taken, told, event):
    reply = happen(client, **told)
    noted = {"type": told["type"], "at": NOW, **event}
    expected = {"workspace": "default", "vendor": "autosend", **LINKED, "status": told["type"], "events": [noted]}
    assert (reply.status, reply.json) == (200, expected)
    [happening] = taken.happenings
    assert happening.as_json() == noted
    assert client.control("GET", "/messages/m1").json == expected


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "Member 'type' is missing: add it."),
        (
            {"type": "lost"},
            "Member 'type' cannot be used: input should be 'delivered', 'opened', 'clicked', 'bounced', 'complained' or"
            " 'unsubscribed'.",
        ),
        (
            {"type": "opened", "url": "https://x.test"},
            "The body cannot be used: url goes with clicked, not with opened.",
        ),
        (
            {"type": "opened", "bounce": "permanent"},
            "The body cannot be used: bounce goes with bounced, not with opened.",
        ),
        (
            {"type": "clicked", "reason": "x"},
            "The body cannot be used: reason goes with bounced or complained, not with clicked.",
        ),
        (
            {"type": "bounced", "group": "x"},
            "The body cannot be used: group goes with unsubscribed, not with bounced.",
        ),
        (
            {"type": "bounced", "ip": "x"},
            "The body cannot be used: ip goes with opened or clicked, not with bounced.",
        ),
        (
            {"type": "bounced", "bounce": "hard"},
            "Member 'bounce' cannot be used: input should be 'permanent' or 'transient'.",
        ),
        (
            {"type": "clicked", "url": "ftp://x"},
            "Member 'url' cannot be used: string should match pattern '^https?://'.",
        ),
        (
            {"type": "opened", "recipient": "cid@example.com"},
            "'cid@example.com' is no recipient of it: use one of Ann@example.com, bob@example.com.",
        ),
        (
            {"type": "opened", "at": "yesterday"},
            "Member 'at' cannot be used: 'yesterday' is not an instant: write for example 2026-01-01T00:00:00Z.",
        ),
        (
            {"type": "opened", "at": "2026-01-02T12:00:01Z"},
            "Member 'at' lies in the future: move the clock on, or give an earlier moment.",
        ),
        (
            {"type": "opened", "at": "2026-01-01T11:59:59Z"},
            "Member 'at' lies before the message: give a moment after 2026-01-01T12:00:00.000Z.",
        ),
        ({"type": "opened", "when": "now"}, None),
    ],
)
def test_what_makes_no_sense_changes_nothing(client, taken, told, sentence):
    reply = happen(client, **told)
    assert reply.status == 400
    assert reply.json == {"error": sentence} if sentence else reply.json["error"].startswith("Member 'when' is unknown")
    assert taken.happenings == []
    assert client.control("GET", "/messages/m1").json["events"] == []


def test_a_message_that_there_is_not(client, taken):
    reply = client.control("POST", "/messages/x/events", {"type": "opened"})
    assert (reply.status, reply.json) == (
        404,
        {"error": "There is no message 'x': GET /_lookalike/messages lists them."},
    )


def test_a_click_needs_a_link(client, taken):
    client.sandbox.workspace("default").part("autosend").keep_message(MESSAGE)
    reply = happen(client, type="clicked")
    assert (reply.status, reply.json) == (
        400,
        {"error": "The message has no link to click: say which with the member 'url'."},
    )


def test_nothing_happens_to_nobody(client, taken):
    client.sandbox.workspace("default").part("autosend").keep_message({**LINKED, "to": []})
    reply = happen(client, type="opened")
    expected = {"error": "The message has no recipient to whom anything could happen."}
    assert (reply.status, reply.json) == (409, expected)


def test_of_two_messages_with_one_id_the_workspace_says_which(client, taken):
    """As those of a fixture have."""
    client.as_key("AS_key~ci7").get("/v1/contacts/1")
    client.sandbox.workspace("ci7").part("autosend").keep_message(LINKED)
    assert happen(client, type="opened", workspace="ci7").json["workspace"] == "ci7"
    assert client.control("GET", "/messages/m1").json["events"] == []
    assert happen(client, type="opened", workspace="ci8").status == 404


def test_a_vendor_says_what_cannot_be(client, taken):
    taken.refusal = "It was never sent."
    reply = happen(client, type="opened")
    assert (reply.status, reply.json) == (409, {"error": "It was never sent."})
    assert client.control("GET", "/messages/m1").json["events"] == []


def test_a_vendor_without_any_notion_of_it(client, taken):
    part = client.sandbox.workspace("default").part("autosend")
    part.vendor = replace(part.vendor, happen=None)
    reply = happen(client, type="opened")
    assert (reply.status, reply.json) == (
        409,
        {"error": "Vendor 'autosend' says nothing of what becomes of its messages."},
    )


def test_what_is_due_is_in_the_list(client):
    client.clock(freeze="2026-01-01T00:00:00Z")
    workspace = client.sandbox.workspace("default")
    part = client.sandbox.part(workspace, client.sandbox.vendors["autosend"])
    keep = {"keep": lambda part, payload: part.keep_message({**MESSAGE, "id": payload["id"]})}
    part.vendor = replace(part.vendor, tasks=keep)
    part.later(60, "keep", {"id": "late"})
    workspace.clock.advance(60)
    assert [message["id"] for message in client.control("GET", "/messages").json["messages"]][:1] == ["late"]


def test_what_is_due_comes_first(client, taken):
    order = []
    part = client.sandbox.workspace("default").part("autosend")
    part.vendor = replace(part.vendor, tasks={"note": lambda _part, payload: order.append(payload["n"])})
    part.later(-1, "note", {"n": 1})
    happen(client, type="opened")
    assert (order, len(taken.happenings)) == ([1], 1)


# --- making one up ------------------------------------------------------------------------------------------------


def test_a_message_is_made_up(client, taken):
    body = {"vendor": "autosend", "workspace": "default", "to": "ann@example.com", "subject": "Hi"}
    reply = client.control("POST", "/messages", body)
    expected = {**SECOND, "id": "made", "to": ["ann@example.com"], "subject": "Hi", "events": []}
    assert (reply.status, reply.json) == (201, {"workspace": "default", "vendor": "autosend", **expected})
    assert taken.drafts == [Draft(("ann@example.com",), "Hi")]
    more = {"to": ["a@x.test", "b@x.test"], "html": "<p>", "text": "t", "sender": "us@x.test", "campaign": "c1"}
    client.control("POST", "/messages", {**body, **more})
    assert taken.drafts[1] == Draft(("a@x.test", "b@x.test"), "Hi", "<p>", "t", "us@x.test", "c1")


def test_a_message_that_cannot_be_made_up(client, taken):
    body = {"vendor": "autosend", "workspace": "default", "to": "ann@example.com", "subject": "Hi"}
    taken.refusal = "There is no such campaign."
    cases = [
        ({**body, "vendor": "x"}, 400, "Vendor 'x' is not served here: use autosend."),
        ({**body, "workspace": "x"}, 404, "There is no workspace 'x': GET /_lookalike/workspaces lists them."),
        (body, 409, "There is no such campaign."),
        ({"vendor": "autosend"}, 400, "Member 'workspace' is missing: add it."),
    ]
    for sent, status, sentence in cases:
        reply = client.control("POST", "/messages", sent)
        assert (reply.status, reply.json) == (status, {"error": sentence})
    part = client.sandbox.workspace("default").part("autosend")
    part.vendor = replace(part.vendor, compose=None)
    reply = client.control("POST", "/messages", body)
    assert (reply.status, reply.json) == (409, {"error": "AutoSend sends messages by its own API: call that."})
