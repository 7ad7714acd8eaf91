"""`lookalike webhooks` and `lookalike wait`: what they print, and how they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.terminal import lines
from tests.support import Like

ID = Like("dlv_[0-9a-f]{20}")


pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def server() -> Iterator[Server]:
    chosen = {"port": 0, "fixture": "none", "seed": 1, "vendor": ("opensend", "segmailer")}
    with Server(Settings.model_validate(chosen)) as made:
        yield made


def ask(server: Server, method: str, path: str, body: object = None) -> httpx.Response:
    return httpx.request(method, server.url + path, json=body, headers={"Authorization": "Bearer os_x"})


def emit(server: Server, email: str = "a@b.co") -> None:
    assert ask(server, "POST", "/opensend/contacts", {"email": email}).status_code == 201


@pytest.fixture
def endpoint(server) -> str:
    """An endpoint whose receiver is a sink that first fails; its id."""
    ask(server, "POST", "/_lookalike/clock", {"freeze": "2026-01-01T00:00:00Z"})
    ask(server, "PUT", "/_lookalike/sinks/app", {"script": "500"})
    url = f"{server.url}/_lookalike/sink/app"
    made = ask(server, "POST", "/opensend/webhooks", {"endpoint": url, "events": ["contact.created"]})
    return str(made.json()["id"])


def test_deliveries(run, server, endpoint):
    assert lines(run("webhooks")) == ["no deliveries"]
    emit(server)
    (found,) = lines(run("wait", "sink", "name=app", "--timeout", "20s"))
    assert json.loads(found)["method"] == "POST"
    assert run("wait", "delivery", "status=pending", "--timeout", "20s").exit_code == 0
    assert run("clock", "advance", "5s").exit_code == 0
    (shown,) = lines(run("webhooks"))
    *words, id = shown.split()
    assert " ".join(words) == "2026-01-01T00:00:00.000Z opensend default contact.created delivered 2 sent 200"
    assert id == ID
    assert lines(run("webhooks", "list", "--event", "contact.*", "--status", "delivered")) == [shown]
    assert lines(run("webhooks", "list", "--subscription", "x")) == ["no deliveries"]
    expected = [
        f"contact.created to {server.url}/_lookalike/sink/app: delivered, due no more",
        "1  2026-01-01T00:00:00.000Z  500",
        "2  2026-01-01T00:00:05.000Z  200",
    ]
    assert lines(run("webhooks", "show", id)) == expected
    assert lines(run("webhooks", "replay", id)) == [*expected, "2  2026-01-01T00:00:05.000Z  200 (replay)"]
    assert json.loads(run("webhooks", "--json").output)["deliveries"][0]["id"] == id
    unknown = run("webhooks", "show", "x")
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        "lookalike: There is no delivery 'x': GET /_lookalike/webhooks/deliveries lists them.\n",
    )


def test_modes(run, endpoint):
    assert lines(run("webhooks", "modes")) == ["no modes"]
    told = run("webhooks", "misbehave", "opensend", "--duplicate", "2", "--bad-signature", "--stale-timestamp", "10m")
    assert lines(told) == ["opensend  default  *  duplicate=2 bad_signature=True stale_timestamp=600.0"]
    assert lines(
        run("webhooks", "misbehave", "opensend", "--subscription", endpoint, "--never", "--workspace", "w")
    ) == [f"opensend  w  {endpoint}  never=True"]
    assert len(lines(run("webhooks", "modes"))) == 2
    assert lines(run("webhooks", "behave", "--workspace", "w")) == ["removed 1"]
    assert lines(run("webhooks", "misbehave", "opensend")) == ["opensend  default  *  none"]
    wrong = run("webhooks", "misbehave", "nobody")
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        "lookalike: Vendor 'nobody' is not served here: use opensend or segmailer.\n",
    )


def test_waiting(run, server):
    emit(server)
    (found,) = lines(run("wait", "request", "operation=create_contact", "status=2xx", "--timeout", "10s"))
    assert json.loads(found)["id"] == "req_1"
    assert len(json.loads(run("wait", "request", "path=/contacts", "--json").output)["found"]) == 1
    late = run("wait", "request", "path=/contacts", "status=500", "--timeout", "1ms", "--count", "2")
    assert (late.exit_code, late.stdout) == (1, "")
    near = {"id": "req_1", "method": "POST", "path": "/contacts", "operation": "create_contact", "status": 201}
    assert late.stderr.splitlines() == [
        f'near: {json.dumps(near)} status is 201 and not "500"',
        "lookalike: No such request within 0.001 s (0 of 2): wait longer, or see what came closest.",
    ]
    nobody = run("wait", "member", "vendor=segmailer", "segment=s", "contact=c", "in=false", "--timeout", "1ms")
    assert nobody.exit_code == 1
    assert nobody.stderr.startswith('near: {"vendor": "segmailer"')


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("request", "status"), "'status' is no MEMBER=VALUE: write for example status=2xx."),
        (
            ("sink", "nome=x"),
            "Member 'sink.name' is missing: add it.",
        ),
        (("sink", "name=x", "--timeout", "2m"), "Member 'timeout' cannot be used: one may wait 60 s at most."),
    ],
)
def test_what_makes_no_sense(run, arguments, sentence):
    result = run("wait", *arguments)
    assert (result.exit_code, result.stderr) == (2, f"lookalike: {sentence}\n")
