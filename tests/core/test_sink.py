"""Sinks: what comes is kept within bounds, what was chosen is answered, and nothing else can be done there."""

from __future__ import annotations

import base64

import pytest

from lookalike import sinks
from lookalike.app import App, create_app
from lookalike.control import sink as control_sink
from lookalike.server import Server
from lookalike.settings import Settings
from lookalike.sinks import SinkError, parse_script
from tests.support import TIME, Client, Reply, wsgi
from tests.wire import Wire

ANSWER = {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "ok\n", "delay": 0.0}
SAFE = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}


@pytest.fixture
def app() -> App:
    return create_app(Settings(fixture="none", vendor=("autosend",)))


@pytest.fixture
def client(app) -> Client:
    return Client("autosend", app=app)


def send(app: App, name: str = "app", method: str = "POST", body: bytes = b"{}", **headers: str) -> Reply:
    return wsgi(app, method, f"/_lookalike/sink/{name}", body, {n.replace("_", "-"): v for n, v in headers.items()})


def received(client: Client, name: str = "app") -> list[dict]:
    return client.control("GET", f"/sinks/{name}").json["received"]


def test_a_request_is_kept_as_it_came(client, app):
    reply = send(app, "app/hooks/a?x=1&y=%20", body=b'{"a": 1}', Content_Type="application/json", X_Signature="v1")
    assert (reply.status, reply.raw, reply.headers) == (
        200,
        b"ok\n",
        {"content-type": "text/plain", "content-length": "3", **SAFE},
    )
    assert client.control("GET", "/sinks/app").json == {
        "name": "app",
        "count": 1,
        "answer": ANSWER,
        "script": [],
        "received": [
            {
                "number": 1,
                "at": TIME,
                "method": "POST",
                "path": "/hooks/a",
                "query": "x=1&y=%20",
                "headers": {
                    "host": "127.0.0.1:7357",
                    "content-type": "application/json",
                    "content-length": "8",
                    "x-signature": "v1",
                },
                "body": '{"a": 1}',
                "json": {"a": 1},
                "base64": None,
                "truncated": False,
            }
        ],
    }


@pytest.mark.parametrize("method", control_sink.METHODS)
def test_any_method_will_do(client, app, method):
    reply = send(app, method=method, body=b"")
    assert (reply.status, reply.raw) == (200, b"" if method == "HEAD" else b"ok\n")
    assert [(one["method"], one["body"], one["json"]) for one in received(client)] == [(method, "", None)]


@pytest.mark.parametrize(
    ("body", "text", "data"),
    [
        (b"a=b", "a=b", None),
        (b"\xff\xfe", None, None),
        (b'"\xc3\xa4"', '"ä"', "ä"),
        (b"[" * 250 + b"]" * 250, "[" * 250 + "]" * 250, None),
    ],
)
def test_bodies_of_all_kinds(client, app, body, text, data):
    send(app, body=body)
    (one,) = received(client)
    assert (one["body"], one["json"]) == (text, data)
    assert one["base64"] == (None if text is not None else base64.b64encode(body).decode())


def test_the_newest_come_first_and_sinks_keep_apart(client, app):
    for name in ("a", "b", "a"):
        send(app, name, body=name.encode())
    assert [one["number"] for one in received(client, "a")] == [3, 1]
    assert [one["number"] for one in client.control("GET", "/sinks/a?limit=1").json["received"]] == [3]
    assert received(client, "b")[0]["body"] == "b"
    assert client.control("GET", "/sinks").json == {
        "sinks": [
            {"name": "b", "count": 1, "answer": ANSWER, "script": []},
            {"name": "a", "count": 2, "answer": ANSWER, "script": []},
        ]
    }


def test_a_sink_that_nobody_used_is_empty_and_not_made_by_looking(client):
    assert client.control("GET", "/sinks/app").json == {
        "name": "app",
        "count": 0,
        "answer": ANSWER,
        "script": [],
        "received": [],
    }
    assert client.control("GET", "/sinks").json == {"sinks": []}


# --- answers ------------------------------------------------------------------------------------------------------


def test_it_answers_what_it_was_told(client, app):
    body = {"status": 422, "headers": {"X-A": "b"}, "body": {"error": "ä"}}
    told = client.control("PUT", "/sinks/app", body)
    answer = {
        "status": 422,
        "headers": {"Content-Type": "application/json", "X-A": "b"},
        "body": '{"error":"ä"}',
        "delay": 0.0,
    }
    assert told.json == {"name": "app", "count": 0, "answer": answer, "script": []}
    reply = send(app)
    assert (reply.status, reply.json) == (422, {"error": "ä"})
    assert reply.headers == {
        "content-type": "application/json",
        "x-a": "b",
        "content-length": str(len(reply.raw)),
        **SAFE,
    }
    assert client.control("PUT", "/sinks/app", {"headers": {"content-type": "text/html"}, "body": "<p>"}).status == 200
    assert (send(app).raw, send(app).headers["content-type"]) == (b"<p>", "text/html")
    assert client.control("PUT", "/sinks/app", {}).json["answer"] == ANSWER


def test_a_script_comes_first(client, app):
    told = client.control("PUT", "/sinks/app", {"script": "500x2, ok, 429", "status": 201, "body": "made"})
    assert told.json["script"] == ["500", "500", "ok", "429"]
    assert [(reply.status, reply.text) for reply in (send(app) for _ in range(6))] == [
        (500, "500\n"),
        (500, "500\n"),
        (201, "made"),
        (429, "429\n"),
        (201, "made"),
        (201, "made"),
    ]


@pytest.mark.parametrize("step", ["reset", "empty"])
def test_an_answer_may_break_off(step):
    with Server(Settings(port=0, vendor=("autosend",), fixture="none")) as server:
        client = Client("autosend", app=server.app)
        client.control("PUT", "/sinks/app", {"script": step})
        with Wire(server.port) as wire:
            wire.send("POST", "/_lookalike/sink/app", b"{}")
            if step == "reset":
                with pytest.raises(ConnectionResetError):
                    wire.rest()
            else:
                assert wire.rest() == b""
        assert client.control("GET", "/sinks/app").json["count"] == 1


def test_an_answer_may_be_late(client, app):
    assert client.control("PUT", "/sinks/app", {"delay": "1500ms"}).json["answer"]["delay"] == 1.5
    environ = {}

    def spy(given, start_response):
        environ.update(given)
        answered = app(given, start_response)
        environ["effect"] = given["lookalike.effect"]
        return answered

    wsgi(spy, "POST", "/_lookalike/sink/app", b"", {})
    assert environ["effect"].delay == 1.5


def test_under_another_server_it_is_late_too(client, app, monkeypatch):
    waited = []
    monkeypatch.setattr(control_sink, "sleep", waited.append)
    client.control("PUT", "/sinks/app", {"delay": 2})

    def elsewhere(environ, start_response):
        environ.pop("lookalike.edge")
        return app(environ, start_response)

    assert wsgi(elsewhere, "POST", "/_lookalike/sink/app", b"", {"X-A": "b"}).status == 200
    assert waited == [2.0]
    assert received(client)[0]["headers"]["x-a"] == "b"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"status": 199}, "Member 'status' cannot be used: input should be greater than or equal to 200."),
        ({"status": 600}, "Member 'status' cannot be used: input should be less than or equal to 599."),
        ({"headers": {"a b": "c"}}, "Member 'headers' cannot be used: 'a b' is no name of a header."),
        ({"headers": {"": "c"}}, "Member 'headers' cannot be used: '' is no name of a header."),
        (
            {"headers": {"X": "a\r\nb"}},
            "Member 'headers' cannot be used: the value of X has characters that no header may have.",
        ),
        ({"headers": {"Content-Length": "5"}}, "Member 'headers' cannot be used: content-Length is up to the server."),
        (
            {"headers": {"content-security-policy": ""}},
            "Member 'headers' cannot be used: content-security-policy is up to the server.",
        ),
        ({"delay": "2m"}, "Member 'delay' cannot be used: an answer may be 60 s late at most."),
        (
            {"delay": "soon"},
            "Member 'delay' cannot be used: 'soon' is not a duration: write for example 8d, 1h30m or 250ms.",
        ),
        (
            {"script": "500x2,,ok"},
            "Member 'script' cannot be used: '' is no step: write ok, a status, reset or empty, as in '500x2, ok'.",
        ),
        ({"script": "100"}, "Member 'script' cannot be used: '100' is no step: write ok, a status, reset or empty, "
            "as in '500x2, ok'."),
        ({"script": "500x9999, 500x9999"}, "Member 'script' cannot be used: a script has at most 10000 steps."),
        ({"statuses": 1}, "Member 'statuses' is unknown: use status, headers, body, delay, script."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(client, body, sentence):
    reply = client.control("PUT", "/sinks/app", body)
    assert (reply.status, reply.json) == (400, {"error": sentence})
    assert client.control("GET", "/sinks").json == {"sinks": []}


def test_scripts():
    assert parse_script(" ok , 503x2,reset,empty") == ["ok", "503", "503", "reset", "empty"]
    with pytest.raises(SinkError):
        parse_script("timeout")


# --- forgetting ---------------------------------------------------------------------------------------------------


def test_a_deleted_sink_has_forgotten_all(client, app):
    client.control("PUT", "/sinks/app", {"status": 500})
    send(app)
    send(app, "other")
    assert client.control("DELETE", "/sinks/app").json == {"deleted": 1}
    assert client.control("DELETE", "/sinks/app").json == {"deleted": 0}
    assert send(app).status == 200
    assert client.control("DELETE", "/sinks").json == {"deleted": 2}
    assert client.control("GET", "/sinks").json == {"sinks": []}


def test_a_reset_of_all_forgets_them_and_one_of_a_workspace_does_not(client, app):
    send(app)
    client.control("POST", "/reset", {"workspace": "default"})
    assert len(received(client)) == 1
    client.control("POST", "/reset", {})
    assert received(client) == []


# --- bounds -------------------------------------------------------------------------------------------------------


def test_a_sink_keeps_the_newest(client, app, monkeypatch):
    monkeypatch.setattr(sinks, "KEPT", 3)
    for _ in range(5):
        send(app)
    assert [one["number"] for one in received(client)] == [5, 4, 3]
    assert client.control("GET", "/sinks/app").json["count"] == 5


def test_all_sinks_together_keep_so_many_bytes(client, app, monkeypatch):
    monkeypatch.setattr(sinks, "ALL_KEPT", 3000)
    for name in ("a", "a", "b"):
        send(app, name, body=b"x" * 1000)
    assert [[one["number"] for one in received(client, name)] for name in "ab"] == [[2], [3]]
    client.control("DELETE", "/sinks/a")
    send(app, "b", body=b"x" * 1000)
    assert len(received(client, "b")) == 2


def test_there_are_so_many_sinks_and_the_one_used_longest_ago_goes(client, app, monkeypatch):
    monkeypatch.setattr(sinks, "MOST", 2)
    for name in ("a", "b", "a", "c"):
        send(app, name)
    assert [one["name"] for one in client.control("GET", "/sinks").json["sinks"]] == ["a", "c"]


def test_a_long_body_is_kept_in_part(client, app):
    send(app, body=b"x" * (sinks.BODY_KEPT + 1))
    (one,) = received(client)
    assert (len(one["body"]), one["truncated"]) == (sinks.BODY_KEPT, True)


def test_a_body_beyond_all_measure_is_refused(client, app, monkeypatch):
    monkeypatch.setattr(control_sink, "_BODY_LIMIT", 10)
    reply = send(app, body=b"x" * 11)
    assert (reply.status, reply.json) == (413, {"error": "The body is too large: send at most 10 bytes."})
    assert received(client) == []


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_a_web_page_may_be_kept_and_do_nothing_else(client, app, headers):
    assert send(app, **headers).status == 200
    assert "access-control-allow-origin" not in send(app, method="OPTIONS", **headers).headers
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for method, path in (("GET", "/sinks/app"), ("PUT", "/sinks/app"), ("DELETE", "/sinks/app"), ("GET", "/sinks")):
        assert client.control(method, path, headers=named).status == 403
    assert client.control("GET", "/sinks/app").json["count"] == 2


@pytest.mark.parametrize("host", ["evil.test", "evil.test:7357", ""])
def test_a_foreign_host_may_not_even_that(client, app, host):
    reply = send(app, Host=host)
    assert reply.status == 403
    assert reply.json == {"error": f"Host {host!r} is not this machine: use http://127.0.0.1 or http://localhost."}
    assert client.control("GET", "/sinks").json == {"sinks": []}


def test_over_the_network_a_webhook_needs_no_token_and_whoever_looks_does():
    app = create_app(Settings(fixture="none", host="0.0.0.0", control_token="a-control-token", vendor=("autosend",)))
    assert send(app, Host="lookalike:7357").status == 200
    client = Client("autosend", app=app)
    assert client.control("GET", "/sinks/app").status == 401
    assert client.control("PUT", "/sinks/app", {}).status == 401
    token = {"Authorization": "Bearer a-control-token"}
    assert client.control("GET", "/sinks/app", headers=token).json["count"] == 1


@pytest.mark.parametrize("name", ["-a", ".a", "a b", "a" * 65, "%2e"])
def test_names_that_cannot_be(client, app, name):
    sentence = "a sink's name has 1 to 64 letters, digits, dots, dashes and underscores"
    replies = [send(app, name.replace(" ", "%20")), client.control("PUT", f"/sinks/{name.replace(' ', '%20')}", {})]
    for reply in replies:
        assert reply.status == 404
        assert reply.json["error"].endswith(f": {sentence}.")
