"""Waiting until something has happened: found at once if it has, woken by it if not, and bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lookalike.changes import Changes
from lookalike.control import waiting
from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.lab import lab
from tests.support import Client, Reply, wsgi

CONTACT = {"email": "ada@example.com"}


@pytest.fixture
def client() -> Client:
    return Client("autosend", settings={"vendor": ("autosend", "segmailer", "opensend")})


class Waiter:
    """One that waits in a thread of its own."""

    def __init__(self, client: Client, body: dict[str, Any]) -> None:
        self._replies: list[Reply] = []
        self._client = client
        self._thread = threading.Thread(target=lambda: self._replies.append(wait(client, **body)), daemon=True)

    def __enter__(self) -> Waiter:
        self._thread.start()
        until = time.monotonic() + 10
        while not self._client.sandbox.changes.waiting and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.001)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()

    @property
    def reply(self) -> Reply:
        self._thread.join(10)
        return self._replies[0]


def wait(client: Client, **body: Any) -> Reply:
    return client.control("POST", "/wait", body)


def found(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.text
    return reply.json["found"]


# --- requests -----------------------------------------------------------------------------------------------------


def test_a_request_that_was_made_is_found_at_once(client):
    client.post("/v1/contacts", CONTACT)
    (entry,) = found(wait(client, request={"operation": "create*", "vendor": "autosend"}))
    assert (entry["id"], entry["path"], entry["status"]) == ("req_1", "/v1/contacts", 200)


def test_a_request_wakes_who_waits_for_it(client):
    with Waiter(client, {"request": {"path": "/v1/contacts", "status": "2xx"}, "timeout": 10}) as waiter:
        client.get("/v1/contact-lists")
        client.post("/v1/contacts", CONTACT)
        assert [entry["id"] for entry in found(waiter.reply)] == ["req_2"]


def test_several_may_be_needed(client):
    body = {"request": {"path": "/v1/contact-lists"}, "count": 2, "timeout": 10}
    client.get("/v1/contact-lists")
    with Waiter(client, body) as waiter:
        client.get("/v1/contact-lists")
        assert [entry["id"] for entry in found(waiter.reply)] == ["req_2", "req_1"]


def test_those_before_do_not_count_where_an_id_is_given(client):
    client.get("/v1/contact-lists")
    reply = wait(client, request={"path": "/v1/contact-lists", "since": "req_1"}, timeout=0)
    assert reply.status == 408


def test_what_came_close_is_told_in_the_end(client):
    client.post("/v1/contacts", CONTACT)
    reply = wait(client, request={"path": "/v1/contacts", "status": "500"}, timeout="10ms")
    assert reply.status == 408
    assert reply.json == {
        "error": "No such request within 0.01 s (0 of 1): wait longer, or see what came closest.",
        "near_misses": [
            {
                "id": "req_1",
                "method": "POST",
                "path": "/v1/contacts",
                "operation": "create_contact",
                "status": 200,
                "differences": [{"member": "status", "expected": "500", "actual": 200}],
            }
        ],
    }


# --- messages, deliveries, sinks ----------------------------------------------------------------------------------


def keep(client: Client, subject: str, to: str = "Ada <ada@example.com>", workspace: str = "default") -> None:
    where = client.sandbox.workspace(workspace)
    with where.unit():
        part = client.sandbox.part(where, client.sandbox.vendors["autosend"])
        part.keep_message(
            {
                "id": f"m-{subject}",
                "from": "n@example.com",
                "to": [to],
                "subject": subject,
                "html": None,
                "text": "",
                "created_at": part.clock.iso(),
            }
        )
    client.sandbox.changes.notify()


def test_a_message(client):
    with Waiter(client, {"message": {"recipient": "ADA@example.com", "subject": "Wel*"}, "timeout": 10}) as waiter:
        keep(client, "Bye")
        keep(client, "Welcome")
        (message,) = found(waiter.reply)
    assert (message["id"], message["vendor"], message["workspace"]) == ("m-Welcome", "autosend", "default")


def test_messages_that_came_close(client):
    keep(client, "Bye")
    keep(client, "Welcome", to="bob@example.com")
    keep(client, "Welcome", workspace="other")
    reply = wait(client, message={"recipient": "ada@example.com", "subject": "W*", "workspace": "default"}, timeout=0)
    assert reply.json["near_misses"] == [
        {
            "id": "m-Welcome",
            "workspace": "default",
            "vendor": "autosend",
            "subject": "Welcome",
            "differences": [
                {"member": "recipient", "expected": "ada@example.com", "actual": ["bob@example.com"]},
            ],
        },
        {
            "id": "m-Bye",
            "workspace": "default",
            "vendor": "autosend",
            "subject": "Bye",
            "differences": [{"member": "subject", "expected": "W*", "actual": "Bye"}],
        },
    ]


def test_a_delivery_that_the_outbox_sends_meanwhile():
    one = lab(clock=None)
    sandbox = one.client.sandbox
    sandbox.outbox.paused = False
    client = one.client
    client.control("PUT", "/sinks/app", {"script": "500"})
    with Server(Settings(port=0, vendor=("autosend",), fixture="none")) as receiver:
        url = f"{receiver.url}/_lookalike/sink/app"
        with Waiter(client, {"delivery": {"event": "e", "status": "delivered"}, "timeout": 10}) as waiter:
            id = one.deliver(url)
            (delivery,) = found(waiter.reply)
        assert (delivery["id"], delivery["attempts"][0]["status"]) == (id, 200)
    sandbox.close()


def test_a_delivery_that_came_close():
    one = lab()
    id = one.deliver("http://127.0.0.1:1/")
    reply = wait(one.client, delivery={"event": "x.*", "status": "delivered"}, timeout=0)
    assert reply.json["near_misses"] == [
        {
            "id": id,
            "workspace": "default",
            "vendor": "opensend",
            "subscription": "s",
            "event": "e",
            "status": "pending",
            "differences": [
                {"member": "event", "expected": "x.*", "actual": "e"},
                {"member": "status", "expected": "delivered", "actual": "pending"},
            ],
        }
    ]


def test_a_sinks_request(client):
    def send(name: str) -> None:
        wsgi(client.app, "POST", f"/_lookalike/sink/{name}", b'{"a":1}', {})

    with Waiter(client, {"sink": {"name": "app"}, "count": 2, "timeout": 10}) as waiter:
        for name in ("app", "other", "app"):
            send(name)
        assert [(one["number"], one["json"]) for one in found(waiter.reply)] == [(3, {"a": 1}), (1, {"a": 1})]
    reply = wait(client, sink={"name": "nobody"}, timeout=0)
    assert reply.json["near_misses"] == [{"name": "other", "count": 1}, {"name": "app", "count": 2}]


# --- memberships --------------------------------------------------------------------------------------------------


@pytest.fixture
def mailer(client) -> Client:
    """A client of a vendor with a rule-based group `Pro`."""
    made = Client("segmailer", app=client.app)
    made.post("/api/v2/segments", {"name": "Pro", "filter": {"attribute": "plan", "op": "eq", "value": "Pro"}})
    return made


def write(mailer: Client, plan: str) -> None:
    body = {"identifier": {"email": "ada@example.com"}, "attributes": {"plan": plan}}
    assert mailer.post("/api/v2/contacts", body).status in (200, 201)


def member(**more: Any) -> dict[str, Any]:
    return {"vendor": "segmailer", "segment": "Pro", "contact": "ada@example.com", **more}


def test_a_membership(mailer):
    write(mailer, "Free")
    with Waiter(mailer, {"member": member(), "timeout": 10}) as waiter:
        write(mailer, "Pro")
        (seen,) = found(waiter.reply)
    ids = seen.pop("ids")
    assert seen == {**member(), "workspace": "default", "in": True}
    assert ids["contact"] == mailer.get("/api/v2/contacts/ada@example.com").json["id"]
    assert found(wait(mailer, member={**member(), "segment": ids["segment"], "contact": ids["contact"]}))
    with Waiter(mailer, {"member": member(**{"in": False}), "timeout": 10}) as waiter:
        write(mailer, "Free")
        assert found(waiter.reply)[0]["in"] is False


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("who", [{"contact": "nobody@example.com"}, {"segment": "Nothing"}])
def test_what_is_not_there_is_neither_in_nor_out(mailer, wanted, who):
    write(mailer, "Free")
    reply = wait(mailer, member=member(**who, **{"in": wanted}), timeout=0)
    assert reply.status == 408
    (near,) = reply.json["near_misses"]
    assert near["in"] is False
    assert [name for name, id in near["ids"].items() if id is None] == list(who)


def test_a_membership_that_lags_comes_though_nobody_asks_meanwhile(mailer):
    assert mailer.control("PUT", "/lag", {"lag": "200ms"}).status == 200
    write(mailer, "Pro")
    assert wait(mailer, member=member(), timeout=0).status == 408
    assert found(wait(mailer, member=member(), timeout=10))[0]["in"] is True


def test_a_vendor_whose_groups_have_no_rules_tells_itself(client):
    made = Client("opensend", app=client.app)
    segment = made.post("/segments", {"name": "VIP"}).json["id"]
    contact = made.post("/contacts", {"email": "ann@example.com"}).json["id"]
    wanted = {"vendor": "opensend", "segment": "VIP", "contact": "ann@example.com"}
    assert wait(client, member=wanted, timeout=0).json["near_misses"] == [
        {**wanted, "workspace": "default", "in": False, "ids": {"contact": contact, "segment": segment}}
    ]
    made.post(f"/contacts/{contact}/segments/{segment}")
    (seen,) = found(wait(client, member={**wanted, "segment": segment, "contact": contact}, timeout=0))
    assert seen["in"] is True
    assert wait(client, member={**wanted, "segment": "VPI"}, timeout=0).json["near_misses"][0]["ids"] == {
        "contact": contact,
        "segment": None,
    }


def test_a_vendor_without_groups_has_no_members(client):
    vendors = client.sandbox.vendors
    vendors["opensend"] = replace(vendors["opensend"], membership=None)
    reply = wait(client, member={"vendor": "opensend", "segment": "s", "contact": "c"})
    sentence = "OpenSend has no groups of contacts: wait for a request instead."
    assert (reply.status, reply.json) == (400, {"error": sentence})


# --- bounds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "The body cannot be used: say one thing to wait for: request, message, delivery, sink, member."),
        (
            {"request": {}, "message": {}},
            "The body cannot be used: say one thing to wait for: request, message, delivery, sink, member.",
        ),
        ({"request": {}, "timeout": "61s"}, "Member 'timeout' cannot be used: one may wait 60 s at most."),
        ({"request": {}, "count": 0}, "Member 'count' cannot be used: input should be greater than or equal to 1."),
        (
            {"request": {"verb": "x"}},
            "Member 'verb' is unknown: use vendor, workspace, operation, method, path, status, text, unimplemented, "
            "since.",
        ),
        ({"delivery": {"status": "sent"}}, "Member 'status' cannot be used: input should be 'pending', 'held', "
            "'delivered' or 'failed'."),
        (
            {"request": {"vendor": "nobody"}},
            "Member 'when.vendor' 'nobody' matches no vendor served here: use autosend or opensend or segmailer.",
        ),
        ({"sink": {"name": "-"}}, "Member 'sink.name' cannot be used: a sink's name has 1 to 64 letters, digits, dots, "
            "dashes and underscores."),
        (
            {"member": {"vendor": "nobody", "segment": "s", "contact": "c"}},
            "Vendor 'nobody' is not served here: use autosend or opensend or segmailer.",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_once(client, body, sentence):
    reply = wait(client, **body)
    assert (reply.status, reply.json) == (400, {"error": sentence})


def test_so_many_may_wait(client, monkeypatch):
    monkeypatch.setattr(waiting, "MOST", 1)
    with Waiter(client, {"request": {"path": "/v1/contacts"}, "timeout": 10}) as waiter:
        reply = wait(client, request={})
        assert (reply.status, reply.json) == (503, {"error": "1 wait already: wait for fewer things at a time."})
        client.post("/v1/contacts", CONTACT)
        assert waiter.reply.status == 200
    assert client.sandbox.changes.waiting == 0


def test_a_server_that_stops_lets_everybody_go():
    with Server(Settings(port=0, vendor=("autosend",), fixture="none")) as server:
        client = Client("autosend", app=server.app)
        replies: list[httpx.Response] = []

        def ask() -> None:
            body = {"sink": {"name": "app"}, "timeout": 60}
            with suppress(httpx.TransportError):  # cut off
                replies.append(httpx.post(f"{server.url}/_lookalike/wait", json=body, timeout=70))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not client.sandbox.changes.waiting and time.monotonic() < until:
            time.sleep(0.001)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    thread.join(5)
    assert not thread.is_alive()
    reply = wait(client, sink={"name": "app"})
    assert (reply.status, reply.json) == (503, {"error": "lookalike is being stopped: start it again."})


# --- changes ------------------------------------------------------------------------------------------------------


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_nobody_is_told_while_nobody_waits():
    changes = Changes()
    changes.notify()
    assert changes.wait_until(lambda: None, 0) is None


def test_a_change_between_the_look_and_the_wait_is_not_missed():
    changes, there = Changes(), []

    def find() -> str | None:
        if there:
            return "found"
        there.append(True)
        changes.notify()  # by somebody else, right after we looked
        return None

    assert changes.wait_until(find, 10) == "found"


def test_what_comes_by_itself_is_looked_after_in_time():
    looks: list[float] = []

    def find() -> bool | None:
        looks.append(time.monotonic())
        return True if len(looks) == 3 else None

    assert Changes().wait_until(find, 10, lambda: 0.01) is True
    assert looks[2] - looks[0] < 5


def test_a_busy_server_is_not_looked_at_all_the_time():
    changes, looks, done = Changes(), [], threading.Event()

    def find() -> None:
        looks.append(1)
        time.sleep(0.02)

    def busy() -> None:
        while not done.is_set():
            changes.notify()
            time.sleep(0.0005)

    thread = in_thread(busy)
    changes.wait_until(find, 0.5)
    done.set()
    thread.join(5)
    assert 2 <= len(looks) <= 8
