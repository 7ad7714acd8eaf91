"""The control API: `/_lookalike/...`, JSON for the machine it runs on. Never subject to faults, never in the journal.

Its routes are declared as vendors declare theirs; a handler takes the sandbox, the path's parameters, `body` and
`query`, and returns data or raises `Refusal`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from lookalike.answer import Answer, Lengthy
from lookalike.control.arrivals import routes as arrival_routes
from lookalike.control.clocks import routes as clock_routes
from lookalike.control.crowds import routes as crowd_routes
from lookalike.control.messages import routes as message_routes
from lookalike.control.parsing import read_body, read_query
from lookalike.control.protection import admit
from lookalike.control.refusal import Refusal
from lookalike.control.requests import routes as request_routes
from lookalike.control.rules import routes as fault_routes
from lookalike.control.runs import routes as run_routes
from lookalike.control.segments import routes as segment_routes
from lookalike.control.sink import add_receiver
from lookalike.control.sink import routes as sink_routes
from lookalike.control.snapshots import routes as snapshot_routes
from lookalike.control.state import routes as state_routes
from lookalike.control.waiting import routes as wait_routes
from lookalike.control.webhooks import routes as webhook_routes
from lookalike.due import Overdue
from lookalike.routes import Operation
from lookalike.sandbox import Sandbox
from lookalike.stores import Unwritable

ROUTES = (
    state_routes,
    fault_routes,
    request_routes,
    clock_routes,
    message_routes,
    arrival_routes,
    run_routes,
    webhook_routes,
    sink_routes,
    wait_routes,
    segment_routes,
    crowd_routes,
    snapshot_routes,
)


def control(sandbox: Sandbox) -> Blueprint:
    """The blueprint of one sandbox's control API."""
    blueprint = Blueprint("control", __name__)
    for operation in (operation for routes in ROUTES for operation in routes):
        rule = operation.paths[0].replace("{", "<").replace("}", ">")
        blueprint.add_url_rule(
            rule,
            operation.id,
            partial(_view, sandbox, operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    add_receiver(blueprint, sandbox)
    blueprint.app_errorhandler(HTTPException)(partial(_unrouted, sandbox))
    return blueprint


def _view(sandbox: Sandbox, operation: Operation, **params: str) -> Response:
    try:
        admit(request, sandbox, public=operation.public)
        sandbox.refresh()
        arguments: dict[str, Any] = {**params, **read_query(request, operation.query)}
        if operation.body is not None:
            arguments["body"] = read_body(request, operation.body)
        return _told(sandbox, operation, partial(operation.handler, sandbox, **arguments))
    except Refusal as refusal:
        return _refused(refusal)
    except Unwritable as error:
        return _refused(Refusal(503, error.sentence))


def _told(sandbox: Sandbox, operation: Operation, handle: Callable[[], Any]) -> Response:
    try:
        result = handle()
    except Refusal as refusal:
        return _refused(refusal)
    except Unwritable as error:
        return _refused(Refusal(503, error.sentence))
    except Overdue as overdue:
        result = Lengthy(partial(_handled_then, overdue, handle))
    sandbox.changes.notify()
    if isinstance(result, Answer):
        return Response(result.body, result.status, result.headers)
    if not isinstance(result, Lengthy):
        return _json(operation.status, result)
    environ, work = request.environ, result
    if "lookalike.edge" not in environ:
        return _told(sandbox, operation, work.run)
    # The edge calls this in a thread.
    environ["lookalike.pending"] = lambda respond: _told(sandbox, operation, work.run)(environ, respond)
    return Response(status=202)


def _handled_then(overdue: Overdue, handle: Callable[[], Any]) -> Any:
    """What a handler returns once all is done that was in its way."""
    while True:
        overdue.due.finish()
        try:
            return handle()
        except Overdue as more:
            overdue = more


def _refused(refusal: Refusal) -> Response:
    return _json(refusal.status, {"error": str(refusal), **refusal.details})


_SENTENCES = {
    404: "There is no {method} {path}: the routes are described in the README under 'Control API'.",
    405: "{path} does not know {method}: use {allowed}.",
}


def _unrouted(sandbox: Sandbox, error: HTTPException) -> Response:
    """What Flask would say in HTML: no such route, wrong method."""
    try:
        admit(request, sandbox, public=False)
    except Refusal as refusal:
        return _refused(refusal)
    status = error.code or 500
    allowed = sorted(set(getattr(error, "valid_methods", None) or ()) - {"HEAD"})
    sentence = _SENTENCES.get(status, "lookalike itself failed here: its log says why.")
    text = sentence.format(method=request.method, path=request.path, allowed=", ".join(allowed))
    answer = _json(status, {"error": text})
    if allowed:
        answer.headers["Allow"] = ", ".join(allowed)
    return answer


def _json(status: int, data: Any) -> Response:
    return Response(orjson.dumps(data), status, mimetype="application/json")
