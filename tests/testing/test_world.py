"""What a test sees of its workspace, and what its assertions say when they do not hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from lookalike.credentials import MAGIC
from lookalike.remote import Control, ControlError
from lookalike.server import Server
from lookalike.settings import Settings
from lookalike.testing import Sandbox, World
from lookalike.testing.expectations import Expect
from tests.support import Like

ANN = {"email": "ann@example.com", "firstName": "Ann"}


@pytest.fixture(params=[True, False], ids=["socket", "no-socket"])
def world(request) -> Iterator[World]:
    """An empty workspace of one vendor, over a socket and without one."""
    with Sandbox(socket=request.param, vendor=("autosend",)) as made:
        yield made


@pytest.fixture
def call(world) -> Iterator[Callable[..., requests.Response]]:
    """`call("POST", "/contacts", {...})`: one request as the code under test would make it."""
    with requests.Session() as session:
        if world.autosend.url.startswith("http://lookalike.invalid"):
            world.mount(session)

        def send(method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
            headers = {"Authorization": f"Bearer {more.pop('key', world.autosend.key)}"}
            return session.request(method, world.autosend.url + path, json=json, headers=headers, timeout=30, **more)

        yield send


def complaint(assertion: Callable[[], object]) -> list[str]:
    """What an assertion that does not hold says."""
    with pytest.raises(AssertionError) as caught:
        assertion()
    return str(caught.value).splitlines()


def test_a_vendor_is_a_member(world):
    assert world.autosend is world.accounts["autosend"]
    assert world.autosend.name == "autosend"
    assert world.autosend.key == f"AS_lookalike~{world.name}"
    assert world.autosend.url.endswith("/autosend/v1")
    assert world.autosend.variables == {
        "LOOKALIKE_AUTOSEND_URL": world.autosend.url,
        "LOOKALIKE_AUTOSEND_KEY": world.autosend.key,
        "AUTOSEND_BASE_URL": world.autosend.url,
        "AUTOSEND_API_KEY": world.autosend.key,
    }
    with pytest.raises(
        AttributeError, match=r"^'autosent' is neither a member nor a vendor served here: there are autosend$"
    ):
        _ = world.autosent


def test_variables_end_with_the_sandbox(monkeypatch):
    monkeypatch.setenv("AUTOSEND_BASE_URL", "before")
    with Sandbox(socket=False, vendor=("autosend",)) as world:
        assert world.env() == world.autosend.variables
        world.autosend.env()
        assert os.environ["AUTOSEND_API_KEY"] == world.autosend.key
    assert os.environ["AUTOSEND_BASE_URL"] == "before"
    assert "AUTOSEND_API_KEY" not in os.environ


@pytest.mark.parametrize(
    ("ports", "url"), [(None, "http://localhost:{port}/autosend/v1"), (True, "http://localhost:{own}/v1")]
)
def test_vendors_are_where_the_server_was_found(free_port_block, ports, url):
    """It says 127.0.0.1, which from another container is another machine."""
    settings = {"port": 0, "fixture": "none", "vendor": ("autosend",), "ports": free_port_block if ports else None}
    with Server(Settings.model_validate(settings)) as server:
        control = Control(f"http://localhost:{server.port}")
        with World(control, "here", set_variable=lambda _name, _value: None) as world:
            expected = url.format(port=server.port, own=free_port_block)
            assert world.autosend.url == world.autosend.variables["AUTOSEND_BASE_URL"] == expected
            answer = requests.get(f"{expected}/contacts/1", headers={"Authorization": "Bearer AS_x"}, timeout=30)
            assert answer.status_code == 404
        control.close()


# --- faults -----------------------------------------------------------------------------------------------------


def test_fail(world, call):
    fault = world.fail("autosend", "create_contact", "rate_limited", times=2)
    statuses = [call("POST", "/contacts", ANN).status_code for _ in range(3)]
    assert (statuses, fault.hits) == ([429, 429, 200], 2)
    fault.remove()
    fault.remove()
    assert fault.hits == 0


def test_a_fault_in_each_of_its_forms(world, call):
    def status() -> int:
        return call("GET", "/contacts/unknown").status_code

    with world.fault("503", operation="get_contact") as fault:
        assert (status(), fault.hits) == (503, 1)
    with world.fault({"type": "error", "status": 502}, method="GET", path="/v1/contacts/*", skip=1):
        assert [status(), status()] == [404, 502]
    with world.fault(script="500x2, ok, 418"):
        assert [status() for _ in range(4)] == [500, 500, 404, 418]
    with world.fault("500", body={"email": "ann@*"}, probability=1.0):
        assert call("POST", "/contacts", ANN).status_code == 500
    assert status() == 404
    with pytest.raises(ControlError, match=r"^Member 'fault' cannot be used: 'x' is no fault: "):
        world.fault("x")
    with pytest.raises(ControlError, match=r"^Member 'when.vendr' is unknown: leave it out\.$"):
        world.fault("503", vendr="autosend")


# --- what went on -----------------------------------------------------------------------------------------------


def test_requests_come_in_their_order(world, call):
    call("POST", "/contacts", ANN)
    call("GET", "/contacts/unknown")
    assert [(entry["operation"], entry["status"]) for entry in world.requests()] == [
        ("create_contact", 200),
        ("get_contact", 404),
    ]
    assert [entry["operation"] for entry in world.requests("autosend", "create_*", status="2xx")] == ["create_contact"]
    assert [entry["operation"] for entry in world.requests(limit=1)] == ["get_contact"]
    assert world.requests(text="nobody") == []


def send(call, to: str, subject: str = "Hello") -> None:
    mail = {"from": {"email": "us@shop.test"}, "to": {"email": to}, "subject": subject, "html": "<p>Hi</p>"}
    assert call("POST", "/mails/send", mail).ok


def test_messages_come_in_their_order(world, call):
    send(call, "ann@example.com")
    world.advance("1h")
    send(call, "bob@example.com", "Bye")
    assert [message["to"] for message in world.messages()] == [["ann@example.com"], ["bob@example.com"]]
    assert [message["subject"] for message in world.messages("autosend", recipient="bob@example.com")] == ["Bye"]


def test_what_happens_to_a_message(world, call):
    send(call, "ann@example.com")
    told = world.happen(world.messages()[0], "opened")
    assert [event["type"] for event in told["events"]][-1] == "opened"
    told = world.happen(told["id"], "bounced", bounce="permanent", reason="unknown user")
    assert told["events"][-1]["reason"] == "unknown user"


def test_time(world, call):
    world.freeze("2026-01-01T00:00:00Z")
    assert world.advance("8d") == 0
    assert world.now == "2026-01-09T00:00:00.000Z"
    assert world.advance(90) == 0
    assert world.now == "2026-01-09T00:01:30.000Z"
    world.resume()
    assert not world.now.startswith("2026-01-09")
    world.freeze()
    assert world.now == world.now
    with pytest.raises(ControlError, match=r"^The clock stays as it is: 'soon' is not a duration: "):
        world.advance("soon")


def test_fixtures(world, call, tmp_path):
    def known(email: str) -> bool:
        found = call("POST", "/contacts/search/emails", {"emails": [email]}).json()["data"]
        return [contact["email"] for contact in found["contacts"]] == [email]

    call("POST", "/contacts", ANN)
    assert known("ann@example.com")
    text = "people:\n  list:\n    - {email: bob@example.com}\n"
    world.fixture(text)
    assert (known("ann@example.com"), known("bob@example.com")) == (False, True)
    (tmp_path / "my.yaml").write_text(text.replace("bob", "eve").strip())
    world.fixture(tmp_path / "my.yaml")
    assert known("eve@example.com")
    call("POST", "/contacts", ANN)
    world.reset()
    assert (known("ann@example.com"), known("eve@example.com")) == (False, True)
    (tmp_path / "my.json").write_text('{\n\t"people": {"list": [\n\t\t{"email": "joe@example.com"}]}}')
    world.fixture(str(tmp_path / "my.json"))
    assert known("joe@example.com")
    world.fixture("demo", seed=7)
    assert world.messages()
    with pytest.raises(ControlError, match=r"^Member 'fixture' cannot be used: fixture 'dmeo' is unknown: "):
        world.fixture("dmeo")
    with pytest.raises(ControlError, match=r"^fixture .*/nothing\.yaml cannot be read: No such file or directory\.$"):
        world.fixture(tmp_path / "nothing.yaml")


def test_a_world_that_is_closed_twice(world):
    world.close()
    world.close()
    assert [found["name"] for found in world.control.ask("GET", "/workspaces")["workspaces"]] == ["default"]


def test_a_snapshot(world, call):
    world.freeze("2026-01-01T00:00:00Z")
    send(call, "ann@example.com")
    before = world.snapshot()
    with world.snapshot():
        world.advance("8d")
        send(call, "bob@example.com")
        assert len(world.messages()) == 2
    assert (len(world.messages()), world.now) == (1, "2026-01-01T00:00:00.000Z")
    send(call, "eve@example.com")
    before.restore()
    assert [message["to"] for message in world.messages()] == [["ann@example.com"]]
    assert len(world.control.ask("GET", "/snapshots")["snapshots"]) == 2
    world.close()
    assert world.control.ask("GET", "/snapshots") == {"snapshots": []}


def test_runs(world):
    assert world.runs() == world.runs("autosend", kind="workflow", limit=5) == []


# --- webhooks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", [True], indirect=True, ids=["socket"])
def test_a_sink_keeps_what_it_gets(world, call):
    sink = world.sink("crm")
    made = call("POST", "/webhooks", {"name": "crm", "url": sink.url, "events": ["contact.created"]})
    assert made.ok, made.text
    sink.answers("500", status=204)
    call("POST", "/contacts", ANN)
    (first,) = sink.wait()
    assert (first["method"], first["json"]["type"]) == ("POST", "contact.created")
    world.wait("delivery", event="contact.created")
    world.advance("1d")
    assert [one["json"]["type"] for one in sink.wait(2)] == ["contact.created"] * 2
    (delivery,) = world.deliveries("autosend", event="contact.*")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 204]
    assert len(sink.received()) == 2
    assert world.sink("other").received() == []
    assert complaint(lambda: sink.wait(3, timeout=0))[0].startswith("No such sink within 0 s (2 of 3)")
    world.close()
    assert world.control.ask("GET", "/sinks") == {"sinks": []}


@pytest.mark.parametrize("world", [False], indirect=True, ids=["no-socket"])
def test_where_nothing_listens_no_webhook_comes(world):
    with pytest.raises(TypeError, match=r"^this sandbox has no socket, so no webhook can come: "):
        world.sink()


def test_waiting(world, call):
    call("POST", "/contacts", ANN)
    send(call, "ann@example.com")
    assert [entry["operation"] for entry in world.wait("request", operation="create_contact")] == ["create_contact"]
    assert [message["to"] for message in world.wait("message", recipient="ann@example.com")] == [["ann@example.com"]]
    assert complaint(lambda: world.wait("message", recipient="bob@example.com", timeout=0)) == [
        "No such message within 0 s (0 of 1): wait longer, or see what came closest.",
        "  vendor 'autosend', subject 'Hello', recipient was ['ann@example.com']",
    ]
    assert complaint(lambda: world.wait("request", status=418, timeout="1ms"))[0].startswith("No such request within")
    assert complaint(lambda: world.wait("delivery", timeout=0))[1:] == ["  nothing came close"]
    with pytest.raises(ControlError, match=r"^Member 'subjct' is unknown: "):
        world.wait("message", subjct="x")


# --- assertions that explain themselves -------------------------------------------------------------------------


def test_requests_that_were_made(world, call):
    for _ in range(2):
        call("POST", "/contacts", ANN)
    world.expect.request()
    world.expect.request("autosend")
    world.expect.request("autosend", "create_contact", body={"email": "ann@*"}, status=200, count=1)
    world.expect.request(operation="create_contact", min=1, max=2)
    world.expect.request(method="POST", path="/v1/contacts", count=2)
    world.expect.request("autosend", "delete_contact", count=0)


EXPECTATIONS: list[tuple[Callable[[Expect], object], list[str]]] = [
    (
        lambda expect: expect.request("autosend", "create_contact", status=201),
        [
            "expected at least 1 request(s) with vendor 'autosend', operation 'create_contact', status 201, found none",
            "these came closest:",
            "  POST /v1/contacts 200 create_contact",
            "      status: expected 201, was 200",
        ],
    ),
    (
        lambda expect: expect.request(body={"email": "bob@*"}, count=1),
        [
            "expected exactly 1 request(s) with body {'email': 'bob@*'}, found none",
            "these came closest:",
            "  POST /v1/contacts 200 create_contact",
            "      body.email: expected 'bob@*', was 'ann@example.com'",
        ],
    ),
    (
        lambda expect: expect.request("autosend", count=0),
        [
            "expected exactly 0 request(s) with vendor 'autosend', found 1",
            "these were made:",
            "  00:00:00.000 autosend POST /v1/contacts 200 create_contact",
            '      sent {"email": "ann@example.com", "firstName": "Ann"}',
        ],
    ),
    (
        lambda expect: expect.request(min=2, max=3),
        ["expected 2 to 3 request(s), found 1"],
    ),
    (
        lambda expect: expect.request(max=0),
        [
            "expected exactly 0 request(s), found 1",
            "these were made:",
            "  00:00:00.000 autosend POST /v1/contacts 200 create_contact",
            '      sent {"email": "ann@example.com", "firstName": "Ann"}',
        ],
    ),
    (
        lambda expect: expect.message("ann@example.com"),
        ["expected at least 1 message(s) with recipient 'ann@example.com', found none", "no message was sent at all"],
    ),
]


@pytest.mark.parametrize(("expectation", "said"), EXPECTATIONS)
def test_what_is_said_of_requests_that_were_not_made(world, call, expectation, said):
    world.freeze("2026-01-01T00:00:00Z")
    call("POST", "/contacts", ANN)
    assert complaint(lambda: expectation(world.expect))[: len(said)] == said


def test_requests_that_went_elsewhere(world, call):
    assert complaint(world.expect.request) == [
        "expected at least 1 request(s), found none",
        f"no request at all came to the workspace {world.name!r}",
    ]
    call("POST", "/contacts", ANN, key="AS_lookalike")
    assert complaint(world.expect.request)[2:] == [
        f"but 1 came to 'default': the code under test has to use this test's key, which ends in ~{world.name}"
    ]


def test_messages_that_were_sent(world, call):
    send(call, "ann@example.com")
    world.expect.message()
    world.expect.message("ann@example.com", subject="Hel*", vendor="autosend", count=1)
    world.expect.message("bob@example.com", count=0)
    assert complaint(lambda: world.expect.message("bob@example.com")) == [
        "expected at least 1 message(s) with recipient 'bob@example.com', found none",
        "these were sent:",
        "  autosend to ann@example.com: Hello",
    ]
    assert complaint(lambda: world.expect.message(count=2))[0] == "expected exactly 2 message(s), found 1"


def test_requests_that_nobody_handles(world, call):
    world.freeze("2026-01-01T00:00:00Z")
    call("GET", "/contacts/unknown")
    world.expect.no_unhandled()
    call("GET", "/nothing")
    call("GET", "/templates")
    said = complaint(world.expect.no_unhandled)
    assert [line for line in said if not line.startswith("      got ")] == [
        "2 requests were not handled:",
        "  00:00:00.000 autosend GET /v1/nothing   404 no such operation",
        "  00:00:00.000 autosend GET /v1/templates 501 list_templates (not implemented)",
    ]


RULE = {"field": "firstName", "fieldType": "string", "operator": "equals", "value": "Ann"}


@pytest.fixture
def vip(call) -> dict[str, str]:
    """A segment of all who are called Ann, and a list that Bob is put on by hand."""
    criteria = {"logicalOperator": "AND", "groups": [RULE]}
    segment = call("POST", "/contact-lists", {"name": "VIP", "type": "segment", "filterCriteria": criteria})
    by_hand = call("POST", "/contact-lists", {"name": "By hand"})
    assert (segment.status_code, by_hand.status_code) == (201, 201), (segment.text, by_hand.text)
    return {"list": by_hand.json()["data"]["id"]}


def test_who_is_in_a_segment(world, call, vip):
    call("POST", "/contacts", ANN)
    bob = {"email": "bob@example.com", "firstName": "Bob", "listIds": [vip["list"]]}
    assert call("POST", "/contacts", bob).ok
    world.expect.contact("ann@example.com").in_segment("VIP")
    world.expect.contact("ann@example.com", "autosend").not_in_segment("By hand")
    world.expect.contact("bob@example.com").in_segment("By hand")
    world.wait("member", vendor="autosend", segment="VIP", contact="bob@example.com", in_=False)

    def awaited(segment: str, contact: str) -> list[str]:
        member = {"vendor": "autosend", "segment": segment, "contact": contact}
        return complaint(lambda: world.wait("member", **member, timeout=0))[1:]

    assert awaited("VIP", "bob@example.com") == ["  autosend: 'bob@example.com' is not in 'VIP'"]
    assert awaited("VOP", "eve@example.com") == ["  autosend: no such contact and no such segment"]
    said = complaint(lambda: world.expect.contact("bob@example.com").in_segment("VIP"))
    assert said[0] == "'bob@example.com' is not in the segment 'VIP' of autosend"
    assert any("fails: " in line and "saw Bob" in line for line in said), said
    assert complaint(lambda: world.expect.contact("bob@example.com").not_in_segment("By hand")) == [
        "'bob@example.com' is in the segment 'By hand' of autosend"
    ]
    assert complaint(lambda: world.expect.contact("eve@example.com").not_in_segment("VPI")) == [
        "no vendor knows both the contact 'eve@example.com' and the segment 'VPI'",
        "  autosend has no such contact and no such segment",
    ]


def test_who_is_in_a_segment_wherever_both_are_known():
    fixture = """
groups: [{name: Customers}]
people:
  list:
    - {email: ann@example.com, groups: [Customers]}
"""
    with Sandbox(socket=False, fixture=fixture) as world, requests.Session() as session:
        assert len(world.accounts) >= 5
        ann = world.expect.contact("ann@example.com")
        ann.in_segment("Customers")
        said = complaint(lambda: ann.not_in_segment("Customers"))
        assert [line for line in said if not line.startswith("  ")] == [
            f"'ann@example.com' is in the segment 'Customers' of {vendor}" for vendor in world.accounts
        ]
        session.headers["Authorization"] = f"Bearer {world.opensend.key}"
        (segment,) = world.mount(session).get(f"{world.opensend.url}/segments", timeout=30).json()["data"]
        session.delete(f"{world.opensend.url}/contacts/ann@example.com/segments/{segment['id']}", timeout=30)
        assert complaint(lambda: ann.in_segment("Customers")) == [
            "'ann@example.com' is not in the segment 'Customers' of opensend"
        ]
        world.expect.contact("ann@example.com", "autosend").in_segment("Customers")


# --- names ------------------------------------------------------------------------------------------------------


def test_the_plugin_knows_the_words_that_make_a_key_a_bad_one():
    from lookalike import pytest_plugin

    assert set(pytest_plugin._MAGIC.pattern.split("|")) == set(MAGIC)


def test_a_world_shows_where_it_is(world):
    assert repr(world) == Like(rf"<World 'test' at {world.control.url}>")
