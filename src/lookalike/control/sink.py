"""`ANY /_lookalike/sink/<name>` receives; `/_lookalike/sinks/...` shows what came and says what is answered.

The receiving path asks for no token and takes requests of any origin, since what sends webhooks has neither. All that
can be done there is to have a request kept, within bounds, and to be given the answer that somebody chose who passed
the control API's own checks. That answer is shut off from this origin (`Content-Security-Policy: sandbox`), so that a
page chosen as an answer cannot use the control API either.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Request, Response, request
from pydantic import Field, field_validator
from werkzeug.exceptions import RequestEntityTooLarge

from lookalike.answer import status_line
from lookalike.clock import Clock, iso, parse_duration, sleep
from lookalike.control.parsing import ControlBody, ControlQuery
from lookalike.control.protection import admit_anybody
from lookalike.control.refusal import Refusal
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.sinks import NAME, NAME_RULE, Received, Sink, parse_script
from lookalike.sinks import Response as SinkResponse

routes = Routes("sinks")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST_DELAY = 60.0
"""Seconds by which a sink's answer may be late."""

_BODY_LIMIT = 16 * 1024 * 1024
_FORBIDDEN = {"content-length", "connection", "transfer-encoding", "content-security-policy"}


# --- receiving ------------------------------------------------------------------------------------------------


def add_receiver(blueprint: Blueprint, sandbox: Sandbox) -> None:
    """The path that takes requests, and those below it."""
    view = partial(_receive, sandbox)
    for rule, endpoint in (("/sink/<name>", "sink"), ("/sink/<name>/<path:rest>", "sink_below")):
        blueprint.add_url_rule(rule, endpoint, view, methods=METHODS, provide_automatic_options=False)


def _receive(sandbox: Sandbox, name: str, rest: str = "") -> Response:
    try:
        admit_anybody(request, sandbox)
        if not NAME.fullmatch(name):
            raise Refusal(404, f"There is no sink {name!r}: {NAME_RULE}.")
        body = _body(request)
    except Refusal as refusal:
        return Response(orjson.dumps({"error": str(refusal)}), refusal.status, mimetype="application/json")
    sink = sandbox.sinks.receive(
        name, Clock().now(), request.method, f"/{rest}", request.query_string.decode("latin-1"), _headers(request), body
    )
    sandbox.changes.notify()
    return _answer(sink.next_response(), request)


def _body(request: Request) -> bytes:
    request.max_content_length = _BODY_LIMIT
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Refusal(413, f"The body is too large: send at most {_BODY_LIMIT} bytes.") from None


def _headers(request: Request) -> list[tuple[str, str]]:
    raw = request.environ.get("lookalike.headers")
    if raw is None:
        return [(name.lower(), value) for name, value in request.headers.items()]
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]


def _answer(chosen: SinkResponse, request: Request) -> Response:
    headers = [*chosen.headers, ("Content-Security-Policy", "sandbox"), ("X-Content-Type-Options", "nosniff")]
    if "lookalike.edge" in request.environ:
        request.environ["lookalike.effect"] = chosen.effect
    else:  # under another server an answer can be late, but not break off
        sleep(chosen.delay)
    return Response(chosen.body, status_line(chosen.status), headers)


# --- showing and telling --------------------------------------------------------------------------------------


class SinkBody(ControlBody):
    """What to answer; text as it is, other JSON as JSON. A `script` comes before it: `500x2, ok, reset, empty`."""

    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = Field(default={}, max_length=50)
    body: Any = "ok\n"
    delay: str | float = 0.0
    script: str | None = None

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise ValueError(f"{name!r} is no name of a header")
            if name.lower() in _FORBIDDEN:
                raise ValueError(f"{name} is up to the server")
            if not value.isprintable() or not value.isascii():
                raise ValueError(f"the value of {name} has characters that no header may have")
        return headers

    @field_validator("delay")
    @classmethod
    def _in_bounds(cls, delay: str | float) -> float:
        seconds = parse_duration(str(delay))
        if seconds > LONGEST_DELAY:
            raise ValueError(f"an answer may be {LONGEST_DELAY:g} s late at most")
        return seconds

    @field_validator("script")
    @classmethod
    def _is_script(cls, script: str | None) -> str | None:
        if script is not None:
            parse_script(script)
        return script

    def response(self) -> SinkResponse:
        """The answer itself."""
        text = isinstance(self.body, str)
        body = self.body.encode("utf-8", "replace") if text else orjson.dumps(self.body)
        given = tuple(self.headers.items())
        if not any(name.lower() == "content-type" for name in self.headers):
            given = (("Content-Type", "text/plain" if text else "application/json"), *given)
        return SinkResponse(self.status, body, given, float(self.delay))


class SinkQuery(ControlQuery):
    limit: int = Field(default=100, ge=1, le=1000)


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Refusal(404, f"There is no sink {name!r}: {NAME_RULE}.")
    return name


def sink_json(sink: Sink, limit: int | None = None) -> dict[str, Any]:
    """A sink, with what it got if `limit` says how much of it, the newest first."""
    response = sink.response
    shown: dict[str, Any] = {
        "name": sink.name,
        "count": sink.count,
        "answer": {
            "status": response.status,
            "headers": dict(response.headers),
            "body": response.body.decode("utf-8", "replace"),
            "delay": response.delay,
        },
        "script": list(sink.script),
    }
    if limit is not None:
        shown["received"] = [received_json(one) for one in list(reversed(sink.received))[:limit]]
    return shown


def received_json(one: Received) -> dict[str, Any]:
    """A request that came. `body` is its text (for signatures), `json` what that means; bytes that are no text go as
    `base64`."""
    try:
        text: str | None = one.body.decode()
        raw = None
    except UnicodeDecodeError:
        text, raw = None, base64.b64encode(one.body).decode()
    return {
        "number": one.number,
        "at": iso(one.at),
        "method": one.method,
        "path": one.path,
        "query": one.query,
        "headers": {name: value for name, value in one.headers},
        "body": text,
        "json": _json(text),
        "base64": raw,
        "truncated": one.length > len(one.body),
    }


def _json(text: str | None) -> Any:
    try:
        data = orjson.loads(text or "null")
        orjson.dumps([[[[[[data]]]]]])  # orjson reads deeper JSON than it writes
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return data


@routes.get("/sinks")
def list_sinks(sandbox: Sandbox) -> dict[str, Any]:
    """The sinks that got something or were told something."""
    sinks = sandbox.sinks
    return {"sinks": [sink_json(sinks.find(name)) for name in sinks.names()]}


@routes.get("/sinks/{name}", query=SinkQuery)
def get_sink(sandbox: Sandbox, name: str, query: SinkQuery) -> dict[str, Any]:
    """What `ANY /_lookalike/sink/<name>` got, newest first, and what it answers."""
    return sink_json(sandbox.sinks.find(_checked(name)), query.limit)


@routes.put("/sinks/{name}", body=SinkBody)
def set_sink(sandbox: Sandbox, name: str, body: SinkBody) -> dict[str, Any]:
    """Say what a sink answers from now on: status, headers, body, delay, and a script that comes first."""
    sink = sandbox.sinks.get(_checked(name))
    sink.response = body.response()
    sink.script.clear()
    sink.script.extend(parse_script(body.script) if body.script is not None else ())
    return sink_json(sink)


@routes.delete("/sinks/{name}")
def delete_sink(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """Forget what a sink got and what it was told."""
    return {"deleted": sandbox.sinks.drop(_checked(name))}


@routes.delete("/sinks")
def delete_sinks(sandbox: Sandbox) -> dict[str, Any]:
    """Forget all sinks."""
    return {"deleted": sandbox.sinks.clear()}
