"""OpenSend domains: DNS records, verification, and what webhooks hear of them."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from lookalike.vendors.opensend.webhooks import DELIVERIES
from tests.support import TIME, UUID, Client, Like

UNKNOWN = "00000000-0000-4000-8000-000000000000"
DKIM = Like("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA[A-Za-z0-9+/]{342}IDAQAB")
CAPABILITIES = [{"name": "sending", "enabled": True}, {"name": "receiving", "enabled": False}]


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("opensend")
    events = ["domain.created", "domain.updated", "domain.deleted"]
    body = {"endpoint": "https://hooks.example.com/in", "events": events}
    assert made.post("/webhooks", body).status == 201
    return made


def make(client: Client, name: str = "example.com", **body: Any) -> dict[str, Any]:
    reply = client.post("/domains", {"name": name, **body})
    assert reply.status == 201, reply.text
    return reply.json


def told(client: Client) -> list[tuple[str, Any]]:
    """What webhooks were told, oldest first."""
    deliveries = client.sandbox.workspace("default").parts["opensend"].collection(DELIVERIES)
    endpoint = client.get("/webhooks").json["data"][0]["id"]
    return [(row["type"], row["data"]) for row in deliveries.scan("age", within=endpoint)]


def record(name: str, kind: str, value: Any, status: str = "pending", **more: Any) -> dict[str, Any]:
    return {"ttl": "Auto", "name": name, "type": kind, "value": value, "status": status, **more}


def records(name: str, status: str = "pending") -> list[dict[str, Any]]:
    return [
        record(Like(rf"opensend-[0-9a-f]{{8}}\._domainkey\.{name}"), "TXT", DKIM, status),
        record(f"send.{name}", "TXT", "v=spf1 include:amazonses.com ~all", status),
        record(f"send.{name}", "MX", "feedback-smtp.us-east-1.amazonses.com", status, priority=10),
        record(f"_dmarc.{name}", "TXT", "v=DMARC1; p=none;", status),
    ]


def domain(name: str = "example.com", **more: Any) -> dict[str, Any]:
    return {
        "object": "domain",
        "id": UUID,
        "name": name,
        "status": "not_started",
        "region": "us-east-1",
        "records": records(name),
        "custom_return_path": None,
        "return_path": "send",
        "open_tracking": False,
        "click_tracking": False,
        "tracking_subdomain": None,
        "tls": "opportunistic",
        "capabilities": CAPABILITIES,
        "created_at": TIME,
        **more,
    }


def event(shown: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "name", "status", "region", "records", "capabilities", "created_at")
    return {name: shown[name] for name in names}


@pytest.mark.parametrize("path", ["/domains", "/api/domains"])
def test_create_and_read(client, path):
    made = client.post(path, {"name": " Example.COM "})
    assert (made.status, made.json) == (201, domain())
    reply = client.get(f"{path}/{made.json['id'].upper()}")
    assert (reply.status, reply.json) == (200, made.json)
    assert told(client) == [("domain.created", event(made.json))]


def test_create_with_everything(client):
    body = {
        "region": "eu-west-1",
        "custom_return_path": " bounce ",
        "open_tracking": True,
        "click_tracking": True,
        "tracking_subdomain": " Links ",
        "tls": "enforced",
        "capabilities": [{"name": "sending", "enabled": False, "other": 1}],
        "unknown": 1,
    }
    name = "eu.example.org"
    dkim, spf, mail, dmarc = records(name)
    spf["name"] = mail["name"] = f"bounce.{name}"
    mail["value"] = "feedback-smtp.eu-west-1.amazonses.com"
    assert make(client, name, **body) == domain(
        name,
        region="eu-west-1",
        records=[dkim, spf, mail, dmarc, record(f"links.{name}", "CNAME", "localhost")],
        custom_return_path="bounce",
        return_path="bounce",
        open_tracking=True,
        click_tracking=True,
        tracking_subdomain="Links",
        tls="enforced",
        capabilities=[{"name": "sending", "enabled": False}],
    )


def test_the_same_name_twice_is_two_domains(client):
    first, second = make(client), make(client)
    assert first["id"] != second["id"]
    keys = [made["records"][0] for made in (first, second)]
    assert keys[0]["name"] == keys[1]["name"]
    assert keys[0]["value"] != keys[1]["value"]


def test_the_key_in_the_record_is_an_rsa_key(client):
    text = make(client)["records"][0]["value"].partition("p=")[2]
    key = b64decode(text, validate=True)
    assert len(key) == 294
    assert key[:4] == b"\x30\x82\x01\x22"
    assert key[-5:] == b"\x02\x03\x01\x00\x01"
    modulus = key[33:-5]
    assert (len(modulus), modulus[0] >> 7, modulus[-1] & 1) == (256, 1, 1)


def fields(**errors: list[str]) -> dict[str, Any]:
    return {"error": "Validation failed", "details": {"formErrors": [], "fieldErrors": errors}}


def form(text: str) -> dict[str, Any]:
    return {"error": "Validation failed", "details": {"formErrors": [text], "fieldErrors": {}}}


REGIONS = 'Invalid option: expected one of "us-east-1"|"eu-west-1"|"sa-east-1"|"ap-northeast-1"'
TLS = 'Invalid option: expected one of "opportunistic"|"enforced"|"required"'
BOOLEAN, STRING = "Invalid input: expected boolean, received", "Invalid input: expected string, received"

LABELS = [
    ("", ["is required", "must start with a letter", "must end with a letter or number", "can only contain"]),
    ("1x", ["must start with a letter"]),
    ("x-", ["must end with a letter or number"]),
    ("a.b", ["can only contain"]),
    ("x" * 64, ["must be 63 characters or less"]),
]


def label_errors(what: str, found: list[str]) -> list[str]:
    whole = {"can only contain": "can only contain letters, numbers, and hyphens"}
    return [f"{what} {whole.get(text, text)}" for text in found]


WRONG_LABELS = [
    ({"name": "a.co", field: text}, fields(**{field: label_errors(what, found)}))
    for field, what in (("custom_return_path", "Return path"), ("tracking_subdomain", "Tracking subdomain"))
    for text, found in LABELS
]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, fields(name=["Invalid input: expected string, received undefined"])),
        ({"name": None}, fields(name=["Invalid input: expected string, received null"])),
        ({"name": " "}, fields(name=["Domain name is required"])),
        ({"name": "n" * 256}, fields(name=["Too big: expected string to have <=255 characters"])),
        ({"name": "a.co", "region": "mars-1"}, fields(region=[REGIONS])),
        ({"name": "a.co", "tls": "x"}, fields(tls=[TLS])),
        ({"name": "a.co", "open_tracking": 1}, fields(open_tracking=[f"{BOOLEAN} number"])),
        (
            {"name": 5, "click_tracking": "yes"},
            fields(
                name=["Invalid input: expected string, received number"],
                click_tracking=[f"{BOOLEAN} string"],
            ),
        ),
        ({"name": "a.co", "tracking_subdomain": None}, fields(tracking_subdomain=[f"{STRING} null"])),
        (
            {"name": "a.co", "capabilities": [{"name": "", "enabled": 1}]},
            fields(
                capabilities=[
                    "Too small: expected string to have >=1 characters",
                    f"{BOOLEAN} number",
                ]
            ),
        ),
        ([], form("Invalid input: expected object, received array")),
        (None, form("Invalid input: expected object, received null")),
        *WRONG_LABELS,
    ],
)
def test_create_refuses(client, body, expected):
    reply = client.post("/domains", body)
    assert (reply.status, reply.json) == (422, expected)
    assert client.get("/domains").json == {"object": "list", "data": [], "has_more": False}
    assert told(client) == []


@pytest.mark.parametrize("body", [b"{", b""])
def test_bad_json(client, body):
    id = make(client)["id"]
    for reply in (client.post("/domains", body=body), client.patch(f"/domains/{id}", body=body)):
        assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


def test_create_fails_where_the_database_does(client):
    reply = client.post("/domains", {"name": "a\0b"})
    assert (reply.status, reply.json) == (500, {"error": "Failed to create domain"})


def test_pages_join_in_descending_ids(client):
    made = {shown["id"]: shown for shown in (make(client, f"d{number}.example.com") for number in range(5))}
    seen: list[Any] = []
    while True:
        query = {"limit": 2} | ({"after": seen[-1]["id"]} if seen else {})
        page = client.get("/domains", query=query).json
        assert page["object"] == "list"
        seen += page["data"]
        if not page["has_more"]:
            break
    shown = ("id", "name", "status", "region", "capabilities", "created_at")
    assert seen == [{name: made[id][name] for name in shown} for id in sorted(made, reverse=True)]


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": 1.5}])
def test_list_fails_where_the_database_does(client, query):
    reply = client.get("/domains", query=query)
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch domains"})


@pytest.mark.parametrize("path", ["/domains", "/api/domains"])
@pytest.mark.parametrize(
    ("change", "changed", "shown"),
    [
        ({"tls": "enforced"}, ["tls"], {"tls": "enforced"}),
        ({"click_tracking": True, "open_tracking": True}, ["open_tracking", "click_tracking"], None),
        ({"capabilities": []}, ["capabilities"], {"capabilities": []}),
        (
            {"receiving_enabled": True},
            ["capabilities"],
            {"capabilities": [CAPABILITIES[0], {"name": "receiving", "enabled": True}]},
        ),
        (
            {"sending_enabled": False, "capabilities": CAPABILITIES[:1]},
            ["capabilities"],
            {"capabilities": CAPABILITIES[:1]},
        ),
    ],
)
def test_update_changes_and_tells(client, path, change, changed, shown):
    before = make(client)
    reply = client.patch(f"{path}/{before['id']}", change)
    assert (reply.status, reply.json) == (200, {"object": "domain", "id": before["id"]})
    after = client.get(f"/domains/{before['id']}").json
    assert after == before | (change if shown is None else shown)
    update = {"id": before["id"], "changed_fields": changed, "domain": event(after)}
    assert told(client)[1:] == [("domain.updated", update)]


def test_the_tracking_record_follows_the_subdomain(client):
    made = make(client, tracking_subdomain="links")
    path, plain = f"/domains/{made['id']}", made["records"][:-1]
    client.patch(path, {"tracking_subdomain": "go"})
    shown = client.get(path).json
    assert (shown["tracking_subdomain"], shown["records"]) == (
        "go",
        [*plain, record("go.example.com", "CNAME", "localhost")],
    )
    client.patch(path, {"tracking_subdomain": None})
    shown = client.get(path).json
    assert (shown["tracking_subdomain"], shown["records"]) == (None, plain)


@pytest.mark.parametrize(
    "change",
    [{"tls": "opportunistic"}, {"sending_enabled": True}, {"tracking_subdomain": None, "open_tracking": False}],
)
def test_an_update_without_a_change_tells_nothing(client, change):
    made = make(client)
    assert client.patch(f"/domains/{made['id']}", change).json == {"object": "domain", "id": made["id"]}
    assert client.get(f"/domains/{made['id']}").json == made
    assert told(client)[1:] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, form("At least one updatable field is required")),
        ({"name": "other.com", "region": "eu-west-1"}, form("At least one updatable field is required")),
        ({"tls": "x"}, fields(tls=[TLS])),
        ({"tracking_subdomain": "1x"}, fields(tracking_subdomain=["Tracking subdomain must start with a letter"])),
        ({"sending_enabled": "yes"}, fields(sending_enabled=["Invalid input: expected boolean, received string"])),
        ([], form("Invalid input: expected object, received array")),
    ],
)
def test_update_refuses(client, body, expected):
    made = make(client)
    reply = client.patch(f"/domains/{made['id']}", body)
    assert (reply.status, reply.json) == (422, expected)
    assert client.get(f"/domains/{made['id']}").json == made


@pytest.mark.parametrize(("name", "status"), [("example.com", "pending"), ("verified.example.com", "verified")])
@pytest.mark.parametrize("path", ["/domains", "/api/domains"])
def test_verify(client, path, name, status):
    made = make(client, name)
    reply = client.post(f"{path}/{made['id']}/verify")
    expected = {
        "object": "domain",
        "id": made["id"],
        "name": name,
        "status": status,
        "records": records(name, status),
        "custom_return_path": None,
        "return_path": "send",
        "created_at": made["created_at"],
    }
    assert (reply.status, reply.json) == (200, expected)
    assert client.get(f"/domains/{made['id']}").json == {**made, "status": status, "records": expected["records"]}
    told_names = ("id", "name", "status", "records")
    update = {**{key: expected[key] for key in told_names}, "capabilities": CAPABILITIES}
    assert told(client)[1:] == [("domain.updated", {**update, "previous_status": "not_started"})]
    again = client.post(f"{path}/{made['id']}/verify")
    assert again.json == expected
    assert len(told(client)) == 2


def test_delete_tells(client):
    made = make(client)
    reply = client.delete(f"/domains/{made['id']}")
    assert (reply.status, reply.json) == (200, {"object": "domain", "id": made["id"], "deleted": True})
    assert told(client)[1:] == [("domain.deleted", {"id": made["id"], "name": "example.com"})]
    again = client.delete(f"/domains/{made['id']}")
    assert (again.status, again.json) == (404, {"error": "Not found"})


@pytest.mark.parametrize(
    ("method", "tail", "missing"),
    [
        ("GET", "", "Not found"),
        ("PATCH", "", "Not found"),
        ("DELETE", "", "Not found"),
        ("POST", "/verify", "Domain not found"),
    ],
)
def test_ids_that_lead_nowhere(client, method, tail, missing):
    reply = client(method, f"/domains/{UNKNOWN}{tail}", {"tls": "enforced"})
    assert (reply.status, reply.json) == (404, {"error": missing})
    reply = client(method, f"/domains/example.com{tail}", {"tls": "enforced"})
    assert (reply.status, reply.json) == (422, fields(id=["Invalid UUID"]))


def test_a_bad_body_is_told_before_a_bad_id(client):
    assert client.patch("/domains/x", {}).json == form("At least one updatable field is required")
