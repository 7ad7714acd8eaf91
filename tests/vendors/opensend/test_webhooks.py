"""OpenSend webhooks: endpoints, the deliveries that wait for them, and replays."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend import webhooks
from lookalike.vendors.opensend.schemas.webhooks import EVENT_TYPES
from tests.receiver import answering
from tests.support import TIME, UUID, Client, Like

UNKNOWN = "00000000-0000-4000-8000-000000000000"
URL = "https://hooks.example.com/x"
SECRET = Like("whsec_[A-Za-z0-9_-]{32}")
FAILED_QUERY = {"error": "Failed query"}
NOT_FOUND = {"error": "Webhook not found"}


def make(client: Client, *events: str, endpoint: str = URL) -> dict[str, Any]:
    reply = client.post("/webhooks", {"endpoint": endpoint, "events": list(events or ["contact.created"])})
    assert reply.status == 201, reply.text
    return reply.json


def item(made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    shown = {name: made[name] for name in ("id", "endpoint", "events", "status", "created_at")}
    return {**shown, **changes}


def deliveries(client: Client, made: dict[str, Any]) -> list[dict[str, Any]]:
    return client.get(f"/webhooks/{made['id']}").json["recent_deliveries"]


def stored(client: Client) -> list[dict[str, Any]]:
    """What is kept of deliveries beside what is shown, oldest first."""
    part = client.sandbox.workspace("default").parts["opensend"]
    found = part.collection(webhooks.DELIVERIES)
    ids = part.collection(webhooks.WEBHOOKS).scan()
    return [one for webhook in ids for one in found.scan("age", within=webhook["id"])]


def events(client: Client) -> list[tuple[str, dict[str, Any]]]:
    return [(one["type"], one["data"]) for one in stored(client)]


def refused(form: list[str] | None = None, **fields: list[str]) -> dict[str, Any]:
    return {"error": "Validation failed", "details": {"formErrors": form or [], "fieldErrors": fields}}


PENDING = {
    "id": UUID,
    "status": "pending",
    "attempt": 0,
    "status_code": None,
    "response_body": None,
    "attempted_at": None,
    "next_retry_at": None,
    "created_at": TIME,
}
SUCCESS = {
    **PENDING,
    "status": "success",
    "attempt": 1,
    "status_code": 200,
    "response_body": "ok",
    "attempted_at": TIME,
}


@pytest.mark.parametrize("path", ["/webhooks", "/api/webhooks"])
@pytest.mark.parametrize(
    ("body", "endpoint", "wanted"),
    [
        ({"endpoint": URL, "events": ["email.sent", "contact.created"]}, URL, ["email.sent", "contact.created"]),
        ({"url": URL, "event_types": ["email.sent", "email.sent"]}, URL, ["email.sent"]),
        ({"endpoint": URL, "events": list(EVENT_TYPES), "status": "disabled"}, URL, list(EVENT_TYPES)),
        (
            {
                "endpoint": URL,
                "url": "https://b.example.com",
                "events": ["email.sent"],
                "event_types": ["email.clicked"],
            },
            URL,
            ["email.sent"],
        ),
        ({"endpoint": "http://hooks.example.com:8080/?a=b", "events": ["email.sent"]}, None, ["email.sent"]),
    ],
)
def test_create_and_read(client, path, body, endpoint, wanted):
    made = client.post(path, body)
    expected = {
        "object": "webhook",
        "id": UUID,
        "endpoint": endpoint or body["endpoint"],
        "events": wanted,
        "status": "enabled",
        "created_at": "2026-03-01T12:00:00.000Z",
        "signing_secret": SECRET,
    }
    assert (made.status, made.json) == (201, expected)
    shown = item(made.json)
    read = client.get(f"{path}/{made.json['id'].upper()}")
    assert (read.status, read.json) == (200, {"object": "webhook", **shown, "recent_deliveries": []})
    assert client.get(path).json == {"object": "list", "data": [shown], "has_more": False}


NEEDED = "Endpoint and events are required"
STRING = "Invalid input: expected string, received number"
TOO_FEW = "Too small: expected array to have >=1 items"
UNSUPPORTED = "Unsupported webhook event type"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, refused([NEEDED])),
        ({"events": ["email.sent"]}, refused([NEEDED])),
        ({"endpoint": URL}, refused([NEEDED])),
        ({"endpoint": "hook", "events": ["email.sent"]}, refused(endpoint=["Invalid URL"])),
        ({"url": "http://", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"url": "//hooks.example.com", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"url": "https://hooks example.com", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"url": "https://hooks.example.com:99999", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"url": "https://[v1.x:y]/", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"url": "https://[fe80::1%25eth0]/", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"url": "https://[::1", "events": ["email.sent"]}, refused(url=["Invalid URL"])),
        ({"endpoint": "hook"}, refused([NEEDED], endpoint=["Invalid URL"])),
        ({"events": []}, refused([NEEDED], events=[TOO_FEW])),
        (
            {"endpoint": "https://x.com/" + "a" * 2048, "events": ["email.sent"]},
            refused(endpoint=["Too big: expected string to have <=2048 characters"]),
        ),
        ({"endpoint": 5, "events": ["email.sent"]}, refused(endpoint=[STRING])),
        ({"endpoint": URL, "events": []}, refused(events=[TOO_FEW])),
        ({"endpoint": URL, "events": ["email.sent", "segment.created"]}, refused(events=[UNSUPPORTED])),
        ({"endpoint": URL, "events": [1, "x"]}, refused(events=[UNSUPPORTED, UNSUPPORTED])),
        (
            {"endpoint": URL, "events": "email.sent"},
            refused(events=["Invalid input: expected array, received string"]),
        ),
        ([], refused(["Invalid input: expected object, received array"])),
    ],
)
def test_create_refuses(client, body, expected):
    reply = client.post("/webhooks", body)
    assert (reply.status, reply.json) == (422, expected)
    assert client.get("/webhooks").json["data"] == []


UNSAFE = [
    ("http://127.0.0.1:9/x", "private_ip_literal"),
    ("http://10.1.2.3", "private_ip_literal"),
    ("http://172.16.0.1", "private_ip_literal"),
    ("http://192.168.1.1", "private_ip_literal"),
    ("http://169.254.169.254", "private_ip_literal"),
    ("http://100.64.0.1", "private_ip_literal"),
    ("http://224.0.0.1", "private_ip_literal"),
    ("http://[::1]:3000/", "private_ip_literal"),
    ("http://[fe80::1]/", "private_ip_literal"),
    ("http://[fd00::1]/", "private_ip_literal"),
    ("http://[::ffff:127.0.0.1]/", "private_ip_literal"),
    ("http://127.1/", "private_ip_literal"),
    ("http://0x7f000001/", "private_ip_literal"),
    ("http://2130706433/", "private_ip_literal"),
    ("http:localhost", "blocked_hostname"),
    ("http://localhost:3000/hook", "blocked_hostname"),
    ("http://LOCALHOST", "blocked_hostname"),
    ("https://printer.local", "blocked_hostname"),
    ("https://db.internal", "blocked_hostname"),
    ("https://x.localhost", "blocked_hostname"),
    ("ftp://hooks.example.com", "blocked_protocol"),
    ("mailto:a@b.co", "blocked_protocol"),
    ("https://u:p@hooks.example.com", "credentials_in_url"),
]


@pytest.mark.parametrize(("endpoint", "reason"), UNSAFE)
def test_unsafe_targets_end_in_a_500_where_the_vendors_rule_is_asked_for(sandbox, endpoint, reason):
    client = sandbox("opensend", webhook_urls="vendor")
    expected = (500, {"error": f"Webhook endpoint rejected: {reason}"})
    reply = client.post("/webhooks", {"endpoint": endpoint, "events": ["email.sent"]})
    assert (reply.status, reply.json) == expected
    made = make(client)
    reply = client.patch(f"/webhooks/{made['id']}", {"url": endpoint})
    assert (reply.status, reply.json) == expected
    assert client.get("/webhooks").json["data"] == [item(made)]


@pytest.mark.parametrize(("endpoint", "reason"), UNSAFE)
def test_otherwise_only_what_could_never_be_called_is_refused(client, endpoint, reason):
    reply = client.post("/webhooks", {"endpoint": endpoint, "events": ["email.sent"]})
    private = reason in ("private_ip_literal", "blocked_hostname")
    assert reply.status == (201 if private else 500)
    made = make(client)
    changed = client.patch(f"/webhooks/{made['id']}", {"url": endpoint})
    assert changed.status == (200 if private else 500)


@pytest.mark.parametrize(
    "endpoint",
    ["http://8.8.8.8/x", "http://[2001:4860:4860::8888]/", "http://172.32.0.1", "http:/hooks.example.com/a b"],
)
def test_public_addresses_are_welcome(client, endpoint):
    assert make(client, endpoint=endpoint)["endpoint"] == endpoint


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("body", [b"", b"{"])
def test_no_json(client, method, body):
    path = "/webhooks" if method == "POST" else f"/webhooks/{make(client)['id']}"
    reply = client(method, path, body=body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ({"status": "disabled"}, {"status": "disabled"}),
        ({"active": False}, {"status": "disabled"}),
        ({"active": False, "status": "enabled"}, {"status": "enabled"}),
        ({"events": ["email.sent", "email.sent"]}, {"events": ["email.sent"]}),
        ({"event_types": ["email.sent"]}, {"events": ["email.sent"]}),
        ({"endpoint": "https://new.example.com"}, {"endpoint": "https://new.example.com"}),
        ({"url": "https://new.example.com"}, {"endpoint": "https://new.example.com"}),
    ],
)
@pytest.mark.parametrize("path", ["/webhooks", "/api/webhooks"])
def test_update(client, path, body, changes):
    made = make(client)
    reply = client.patch(f"{path}/{made['id']}", body)
    assert (reply.status, reply.json) == (200, {"object": "webhook", **item(made, **changes)})
    assert client.get(path).json["data"] == [item(made, **changes)]


ENABLED = 'Invalid option: expected one of "enabled"|"disabled"'


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 500, {"error": "No values to set"}),
        ({"name": "x"}, 500, {"error": "No values to set"}),
        ({"status": "active"}, 422, refused(status=[ENABLED])),
        ({"active": "yes"}, 422, refused(active=["Invalid input: expected boolean, received string"])),
        ({"events": []}, 422, refused(events=[TOO_FEW])),
        ({"events": ["x"]}, 422, refused(events=[UNSUPPORTED])),
        ({"endpoint": "x"}, 422, refused(endpoint=["Invalid URL"])),
        ([], 422, refused(["Invalid input: expected object, received array"])),
        ({"status": "enabled"}, 404, NOT_FOUND),
    ],
)
def test_update_refuses_before_it_looks(client, body, status, expected):
    reply = client.patch(f"/webhooks/{UNKNOWN}", body)
    assert (reply.status, reply.json) == (status, expected)


@pytest.mark.parametrize("id", [UNKNOWN, "abc"])
@pytest.mark.parametrize(("method", "body"), [("GET", ...), ("PATCH", {"active": True}), ("DELETE", ...)])
def test_unknown_ids(client, id, method, body):
    reply = client(method, f"/webhooks/{id}", body)
    assert (reply.status, reply.json) == ((404, NOT_FOUND) if id == UNKNOWN else (500, FAILED_QUERY))


def test_delete_takes_the_deliveries_along(client):
    gone, stays = make(client), make(client)
    client.post("/contacts", {"email": "a@b.co"})
    assert len(stored(client)) == 2
    reply = client.delete(f"/webhooks/{gone['id']}")
    assert (reply.status, reply.json) == (200, {"object": "webhook", "id": gone["id"], "deleted": True})
    assert [one["webhook_id"] for one in stored(client)] == [stays["id"]]
    assert client.sandbox.workspace("default").parts["opensend"].collection(webhooks.DELIVERIES).count() == 1
    reply = client.delete(f"/webhooks/{gone['id']}")
    assert (reply.status, reply.json) == (404, NOT_FOUND)


def test_list_pages_to_the_end_by_id_descending(client):
    made = [item(make(client)) for _ in range(5)]
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    for _ in range(3):
        page = client.get("/webhooks", query=query).json
        seen += page["data"]
        query["after"] = page["data"][-1]["id"]
    assert not page["has_more"]
    assert seen == sorted(made, key=lambda one: one["id"], reverse=True)


@pytest.mark.parametrize("query", ["after=abc", "limit=1.5"])
def test_list_with_what_the_database_refuses(client, query):
    reply = client.get(f"/webhooks?{query}")
    assert (reply.status, reply.json) == (500, FAILED_QUERY)


# --- deliveries -------------------------------------------------------------------------------------------------


def test_an_event_leaves_a_delivery_for_every_endpoint_that_listens(client):
    first, second = make(client, "contact.created"), make(client, "email.sent", "contact.created")
    deaf = make(client, "contact.deleted")
    off = make(client, "contact.created")
    client.patch(f"/webhooks/{off['id']}", {"active": False})
    client.post("/contacts", {"email": "Ann@example.com", "first_name": "Ann", "properties": {"a": "b"}})
    for made in (first, second):
        assert deliveries(client, made) == [PENDING]
    assert deliveries(client, deaf) == deliveries(client, off) == []
    data = {
        "id": UUID,
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": None,
        "unsubscribed": False,
        "properties": {"a": "b"},
        "segments": [],
        "topics": [],
        "created_at": TIME,
    }
    assert events(client) == [("contact.created", data)] * 2
    assert len({one["event_id"] for one in stored(client)}) == 1


def test_up_to_twenty_deliveries_are_shown_by_id_not_by_time(client):
    made = make(client)
    for number in range(25):
        client.post("/contacts", {"email": f"a{number}@b.co"})
    shown = [one["id"] for one in deliveries(client, made)]
    everything = [one["id"] for one in stored(client)]
    assert shown == sorted(everything, reverse=True)[:20]
    assert everything != sorted(everything)


def test_an_endpoint_keeps_so_many_deliveries_and_no_more(client, monkeypatch):
    monkeypatch.setattr(webhooks, "KEPT", 3)
    make(client)
    for number in range(5):
        client.post("/contacts", {"email": f"a{number}@b.co"})
    assert [data["email"] for _, data in events(client)] == ["a2@b.co", "a3@b.co", "a4@b.co"]


# --- replays ----------------------------------------------------------------------------------------------------


def replay(client: Client, webhook: str, delivery: str) -> Any:
    return client.post(f"/api/webhooks/{webhook}/deliveries/{delivery}/replay")


def test_replay(client):
    made = make(client)
    client.sandbox.outbox.exchange = answering()
    client.post("/contacts", {"email": "a@b.co"})
    client.clock(advance="1h")
    original = deliveries(client, made)[0]
    assert original == {**SUCCESS, "attempted_at": "2026-03-01T12:00:00.000Z"}
    reply = replay(client, made["id"], original["id"])
    again = reply.json["replay_delivery"]
    assert (reply.status, reply.json) == (
        202,
        {
            "object": "webhook_delivery_replay",
            "original_delivery": original,
            "replay_delivery": {
                **SUCCESS,
                "attempted_at": "2026-03-01T13:00:00.000Z",
                "created_at": "2026-03-01T13:00:00.000Z",
            },
        },
    )
    assert again["id"] != original["id"]
    assert sorted(deliveries(client, made), key=lambda one: one["created_at"]) == [original, again]
    first, second = stored(client)
    assert [first[name] for name in ("event_id", "type", "data")] == [second[n] for n in ("event_id", "type", "data")]


def test_replay_refuses(client):
    made, other = make(client), make(client, "email.sent")
    client.post("/contacts", {"email": "a@b.co"})
    id = deliveries(client, made)[0]["id"]
    cases = {
        (UNKNOWN, id): (404, {"error": "Webhook endpoint not found or deleted"}),
        (made["id"], UNKNOWN): (404, {"error": "Webhook delivery not found for this endpoint"}),
        (other["id"], id): (404, {"error": "Webhook delivery not found for this endpoint"}),
        ("abc", id): (500, FAILED_QUERY),
        (made["id"], "abc"): (500, FAILED_QUERY),
    }
    for (webhook, delivery), expected in cases.items():
        reply = replay(client, webhook, delivery)
        assert (reply.status, reply.json) == expected
    client.patch(f"/webhooks/{made['id']}", {"status": "disabled"})
    for delivery in (id, UNKNOWN):
        reply = replay(client, made["id"], delivery)
        disabled = {"error": "Webhook endpoint is disabled and cannot replay deliveries"}
        assert (reply.status, reply.json) == (409, disabled)
    assert len(stored(client)) == 1


def test_replay_has_no_root_form(client):
    reply = client.post(f"/webhooks/{UNKNOWN}/deliveries/{UNKNOWN}/replay")
    assert (reply.status, reply.headers["location"]) == (307, "/opensend/auth")


# --- what email sends leave -------------------------------------------------------------------------------------


def send(client: Client, to: Any, **more: Any) -> str | None:
    reply = client.post("/emails", {"from": "n@acme.com", "to": to, "subject": "s", "text": "t", **more})
    return reply.json.get("id")


def test_ordinary_mail_leaves_nothing(client):
    make(client, *EVENT_TYPES)
    send(client, "bo@example.com")
    client.clock(advance="1m")
    client.get("/emails")
    assert events(client) == []


def test_scheduling(client):
    make(client, *EVENT_TYPES)
    id = send(client, ["a@b.co", "b@b.co"], scheduled_at="in 1 hour")
    data = {
        "email_id": id,
        "status": "scheduled",
        "scheduled_at": "2026-03-01T13:00:00.000Z",
        "accepted_at": "2026-03-01T12:00:00.000Z",
        "recipient_count": 2,
    }
    assert events(client) == [("email.scheduled", data)]


@pytest.mark.parametrize("batch", [False, True])
def test_refusals(client, batch):
    make(client, *EVENT_TYPES)
    client.post("/api/suppressions", {"email": "gone@example.com", "reason": "bounced"})
    bodies = [
        {"from": "n@acme.com", "to": to, "subject": "s", "text": "t"}
        for to in (["Gone@example.com", "ok@example.com"], "suppressed@resend.dev")
    ]
    if batch:
        client.post("/emails/batch", bodies)
    else:
        for body in bodies:
            client.post("/emails", body)
    common = {
        "reason": "recipient_suppressed",
        "recipient_count": 1,
        "submitted_at": "2026-03-01T12:00:00.000Z",
    }
    assert events(client) == [
        ("email.suppressed", {**common, "recipients": [{"email": "gone@example.com", "reason": "bounced"}]}),
        ("email.suppressed", {**common, "recipients": [{"email": "suppressed@resend.dev", "reason": "suppressed"}]}),
    ]


SANDBOX = {"sandbox": True, "provider": "opensend-sandbox"}
BOUNCE = {"diagnosticCode": "smtp; 550 5.1.1 (Unknown User)", "status": "5.1.1"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "delivered+x@resend.dev",
            [
                ("email.sent", {**SANDBOX, "recipients": ["delivered+x@resend.dev"]}),
                (
                    "email.delivered",
                    {
                        **SANDBOX,
                        "delivery": {"recipients": ["delivered+x@resend.dev"], "timestamp": "2026-03-01T12:00:00.100Z"},
                    },
                ),
            ],
        ),
        (
            "bounced@resend.dev",
            [
                (
                    "email.bounced",
                    {
                        **SANDBOX,
                        "bounceType": "Permanent",
                        "bouncedRecipients": [{"emailAddress": "bounced@resend.dev", **BOUNCE}],
                    },
                )
            ],
        ),
        (
            "complained@resend.dev",
            [
                (
                    "email.complained",
                    {**SANDBOX, "complainedRecipients": [{"emailAddress": "complained@resend.dev"}]},
                )
            ],
        ),
    ],
)
def test_sandbox_outcomes(client, address, expected):
    make(client, *EVENT_TYPES)
    send(client, address)
    assert events(client) == []
    client.clock(advance="1s")
    client.get("/emails")
    assert events(client) == expected
