"""Kind of trouble -> status and body, which each of Customer.io's interfaces shapes in a way of its own.

    Track v1    {"meta": {"errors": ["..."]}}, pretty-printed; {"meta": {"error": "..."}} where there is one by nature
    Track v2    {"errors": [{"reason", "field", "message"}]} for what is wrong with an operation, else as Track v1
    App         {"errors": [{"detail", "status", "code"?, "source"?}]}
    sends       {"meta": {"error": "..."}}
    Pipelines   {"meta": {"error": "..."}} (I), and only in strict mode: else 200 whatever is wrong

The 401 of Track and the 400 of Track v1 are recorded (S), the others documented (D); texts marked I are our inference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from lookalike.answer import Answer, json_answer
from lookalike.call import Call
from lookalike.ids import Ids
from lookalike.limits import Limit, Standing
from lookalike.problem import KINDS, Problem
from lookalike.vendors.customerio.identity import CROCKFORD
from lookalike.vendors.customerio.interfaces import APP, ENTITY, PIPELINES, SEND, interface, is_strict

CONTENT_TYPE = "application/json; charset=utf-8"

_STATUSES = {"invalid": 400, "malformed": 400}

_TEXTS: Mapping[str, str] = {  # I, all of them
    "unauthorized": "unauthorized",
    "forbidden": "forbidden",
    "not_found": "not found",
    "conflict": "conflict",
    "invalid": "bad request",
    "malformed": "bad request",
    "too_large": "request entity too large",
    "internal": "internal server error",
    "unavailable": "service unavailable",
    "no_route": "not found",
    "no_method": "method not allowed",
    "unimplemented": "not implemented",
}
_TRACK_TEXTS: Mapping[str, str] = {**_TEXTS, "unauthorized": "Unauthorized request"}  # S
_SEND_TEXTS: Mapping[str, str] = {
    **_TEXTS,
    "unauthorized": "Unauthorized",  # S
    "forbidden": "Account is not authorized for transactional messaging. Contact win@customer.io for support.",  # D
    "malformed": "Request entity must be JSON encoded and not exceed 2048 KB.",  # D
}


_TYPES = frozenset({"str", "int", "list[any]", "dict[str,any]"})


# --- what handlers raise ---------------------------------------------------------------------------------------------


def rejected(*texts: str) -> Problem:
    """Track v1: 400 with every text; Pipelines: with all of them in one."""
    return Problem("invalid", details=list(texts))


def refused(text: str, status: int = 400) -> Problem:
    """Track's merge and the sends: `{"meta": {"error": text}}`."""
    return Problem("invalid", text, status=status)


def unfit(field: str, reason: str, message: str) -> Problem:
    """Track v2: what is wrong with an operation. `reason`: required, invalid, parse_error, too_large (I)."""
    return Problem("invalid", details=[{"reason": reason, "field": field, "message": message}])


def missing(what: str, *, exact: bool = False) -> Problem:
    """App: 404 `<what> not found (reference ...)`; with `exact` the text stands as it is."""
    return Problem("not_found", what if exact else f"{what} not found", exact=exact)


def bad_request(detail: str | None = None, *, exact: bool = False) -> Problem:
    """App: 400 `<detail> (reference ...)`; with `exact` without the reference."""
    return Problem("invalid", detail, exact=exact)


def unprocessable(detail: str, pointer: str) -> Problem:
    """App: 422 about the place that `pointer` leads to."""
    return Problem("invalid", detail, status=422, pointer=pointer, exact=True)


# --- bodies ----------------------------------------------------------------------------------------------------------


def render(call: Call, problem: Problem) -> Answer:
    """The interface's own form of a problem."""
    found = interface(call)
    if found == PIPELINES and "reason" in problem.extra and not is_strict(call):
        return json_answer(200, {}, CONTENT_TYPE)
    status = problem.status or _STATUSES.get(problem.kind, KINDS[problem.kind])
    if found == APP:
        answer = json_answer(status, {"errors": _app_errors(call, problem, status)}, CONTENT_TYPE)
    elif found == ENTITY and problem.kind in ("invalid", "malformed", "too_large"):
        answer = pretty(problem.status or 400, {"errors": _entity_errors(problem)})
    elif found == SEND:
        answer = json_answer(status, {"meta": {"error": _send_text(call, problem)}}, CONTENT_TYPE)
    else:
        meta = _meta(call, problem)
        if found == PIPELINES and "errors" in meta:
            meta = {"error": "; ".join(meta["errors"])}
        answer = pretty(status, {"meta": meta})
    _say_when(call, problem, answer)
    return answer


def _say_when(call: Call, problem: Problem, answer: Answer) -> None:
    """`Retry-After` for limits of seconds; none for daily ones (D)."""
    if problem.kind != "rate_limited":
        return
    standing: Standing | None = call.notes.get("standing")
    if standing is None or standing.limit.window < 3600:
        answer.headers.append(("Retry-After", str(problem.extra.get("retry_after", 1))))


def pretty(status: int, data: Any) -> Answer:
    """An answer as Track writes its errors: two spaces a level, a newline at the end (S)."""
    body = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Answer(status, body, [("Content-Type", CONTENT_TYPE)], data=data)


def _meta(call: Call, problem: Problem) -> dict[str, Any]:
    if problem.details is not None:
        return {"errors": problem.details}
    if problem.errors:
        return {"errors": [sentence(error) for error in problem.errors]}
    if problem.kind == "rate_limited":
        return {"error": _rate_text(call)}
    text = problem.message or _TRACK_TEXTS[problem.kind]
    return {"errors": [text]} if problem.kind in ("invalid", "malformed") and not problem.message else {"error": text}


def _send_text(call: Call, problem: Problem) -> str:
    if problem.errors:
        return _send_sentence(problem.errors[0])
    if problem.kind == "rate_limited":
        return _rate_text(call)
    return problem.message or _SEND_TEXTS[problem.kind]


def _send_sentence(error: Mapping[str, Any]) -> str:
    if not error["loc"]:
        return _SEND_TEXTS["malformed"]
    if error["type"] == "missing" or error.get("input", "") is None:
        return f'Missing required field: "{error["loc"][-1]}"'
    return sentence(error)


def _entity_errors(problem: Problem) -> Sequence[Mapping[str, Any]]:
    if problem.details is not None:
        found: Sequence[Mapping[str, Any]] = problem.details
        return found
    reason = {"malformed": "parse_error", "too_large": "too_large"}.get(problem.kind, "invalid")
    return [{"reason": reason, "field": "", "message": problem.message or _TEXTS[problem.kind]}]


def _app_errors(call: Call, problem: Problem, status: int) -> list[dict[str, Any]]:
    if not problem.errors:
        return [_app_error(call, problem, status)]
    places = list(dict.fromkeys(_place(error) for error in problem.errors))
    return [_app_error(call, problem, status, place) for place in places]


def _app_error(call: Call, problem: Problem, status: int, place: tuple[Any, ...] = ()) -> dict[str, Any]:
    text = _rate_text(call) if problem.kind == "rate_limited" else problem.message or _TEXTS[problem.kind]
    if not problem.extra.get("exact") and problem.kind != "unauthorized":  # the vendor shows its 401 without one
        text += f" (reference {reference(call)})"
    shown: dict[str, Any] = {"detail": text, "status": str(status)}
    if problem.code is not None:
        shown["code"] = problem.code
    pointer = problem.extra.get("pointer")
    if place:
        pointer = "/" + "/".join(map(str, place))
    if pointer is not None:
        shown["source"] = {"pointer": pointer}
    return shown


def reference(call: Call) -> str:
    """The ULID in most of the App API's errors (D); here it follows from the request, so that a run repeats it."""
    return "01" + Ids("customerio reference", call.method, call.path).text(24, CROCKFORD)


def _rate_text(call: Call) -> str:
    standing: Standing | None = call.notes.get("standing")
    limit = standing.limit if standing is not None else Limit("", 10, 1)
    return f"rate limited to {limit.maximum} requests per {limit.window:g}s"


def _place(error: Mapping[str, Any]) -> tuple[Any, ...]:
    """Where one of pydantic's errors is, without the name of a type: where several go, it tells of each."""
    loc: tuple[Any, ...] = error["loc"]
    return loc[:-1] if loc and loc[-1] in _TYPES else loc


def sentence(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors in words (I)."""
    place = ".".join(map(str, _place(error))) or "body"
    if error["type"] == "missing":
        return f"{place} is required"
    return f"{place}: {str(error['msg'])[:1].lower()}{str(error['msg'])[1:]}"
