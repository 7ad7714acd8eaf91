"""The log: what was asked of the two send operations and what they answered; nothing else is logged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import islice
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, dates, jsonb, paging
from lookalike.vendors.opensend.credentials import caller
from lookalike.vendors.opensend.problems import FAILED_QUERY, render
from lookalike.vendors.opensend.schemas.logs import Log, LogList

LOGS = Resource("logs", indexes=("email_ids",), orders=(Order("id"), Order("by_status", within="status")))

DOCS = "https://opensend.namuh.co/docs/api-reference/logs"

routes = Routes("logs", doc=DOCS)

REDACTED = "[REDACTED]"
_SECRET = re.compile(
    r"authorization|cookie|api[-_]?key|token|secret|password|credential|^html$|^text$|^content$|^content_base64$",
    re.IGNORECASE,
)
_LONGEST_TEXT, _MOST_ITEMS, _MOST_MEMBERS, _DEEPEST = 2000, 50, 80, 8

Handler = Callable[[Call], dict[str, Any]]


def logged(handler: Handler) -> Callable[[Call], Answer]:
    """Log what a handler answers, refusals too.

    The handler leaves in `call.notes` what was asked (`asked`) and which emails came of it (`emails`: their ids).
    """

    @wraps(handler)
    def wrapper(call: Call) -> Answer:
        try:
            answer = call.answer(200, handler(call))
        except Problem as problem:
            answer = render(call, problem)
        _keep(call, answer)
        return answer

    return wrapper


def _keep(call: Call, answer: Answer) -> None:
    query = call.environ.get("QUERY_STRING")
    try:
        asked, answered = (jsonb.stored(redacted(data)) for data in (call.notes.get("asked"), answer.data))
    except Problem:
        return  # what the database refuses is not logged (I)
    call.collection(LOGS).put(
        {
            "id": call.ids.uuid4(),
            "method": call.method,
            "endpoint": f"{call.path}?{query}" if query else call.path,
            "status": answer.status,
            "user_agent": call.header("User-Agent"),
            "api_key_id": caller(call)["id"],
            "request_body": asked,
            "response_body": answered,
            "email_ids": call.notes.get("emails", []),
            "created_at": call.clock.iso(),
        }
    )


def redacted(value: Any, depth: int = 0) -> Any:
    """A JSON value as the log shows it: contents and secrets blotted out, long things cut."""
    if depth > _DEEPEST:
        return "[truncated-depth]"
    if isinstance(value, str):
        rest = len(value) - _LONGEST_TEXT
        return value if rest <= 0 else f"{value[:_LONGEST_TEXT]}…[truncated {rest} chars]"
    if isinstance(value, list):
        rest = len(value) - _MOST_ITEMS
        kept = [redacted(item, depth + 1) for item in value[:_MOST_ITEMS]]
        return kept if rest <= 0 else [*kept, f"[truncated {rest} items]"]
    if isinstance(value, dict):
        rest = len(value) - _MOST_MEMBERS
        members = {
            key: REDACTED if _SECRET.search(key) else redacted(member, depth + 1)
            for key, member in islice(value.items(), _MOST_MEMBERS)
        }
        return members if rest <= 0 else {**members, "__truncated_keys": rest}
    return value


def log_item(log: dict[str, Any]) -> dict[str, Any]:
    """An entry as lists show it."""
    return {
        "id": log["id"],
        "method": log["method"],
        "endpoint": log["endpoint"],
        "response_status": log["status"],
        "user_agent": log["user_agent"],
        "api_key_id": log["api_key_id"],
        "created_at": log["created_at"],
    }


@routes.get(
    "/logs",
    "/api/logs",
    returns=LogList,
    source="S",
    doc=f"{DOCS}/list-logs",
    extras={"fallback": FAILED_QUERY},
)
def list_logs(call: Call) -> dict[str, Any]:
    """List entries by id, descending, all or by `status`; the other filters read through them."""
    asked = paging.window(call)
    order, within = _sequence(call)
    wanted = _filters(call)
    before = call.argument("before")
    bound = (coercion.database_id(before),) if before else None
    after = None if asked.after is None else (asked.after,)
    if wanted:
        rest = call.collection(LOGS).scan(order, within=within, descending=bound is None)
        matches = (log for log in rest if _between(log, after, bound) and all(test(log) for test in wanted))
        found, has_more = _first(matches, asked.limit)
        found = found if bound is None else found[::-1]
    else:
        page = call.collection(LOGS).page(
            order, limit=asked.limit, within=within, after=after, before=bound, descending=True
        )
        found, has_more = page.documents, page.has_more
    return {"object": "list", "data": [log_item(log) for log in found], "has_more": has_more}


@routes.get(
    "/logs/{id}",
    "/api/logs/{id}",
    returns=Log,
    source="S",
    doc=f"{DOCS}/get-log",
    extras={"fallback": FAILED_QUERY},
)
def get_log(call: Call, id: str) -> dict[str, Any]:
    """Read an entry, with both bodies as far as the log keeps them."""
    log = call.collection(LOGS).get(coercion.database_id(id))
    if log is None:
        raise Problem("not_found", "Log not found")
    shown = ("id", "method", "endpoint", "status", "user_agent", "api_key_id", "request_body", "response_body")
    return {"object": "log", **{name: log[name] for name in shown}, "created_at": log["created_at"]}


def _sequence(call: Call) -> tuple[str, int | None]:
    """All entries, or those of one status. A status that is no whole number ends in the database's 500."""
    status = call.argument("status")
    if not status:
        return "id", None
    number = coercion.number(status)
    if not number.is_integer():
        raise Problem("internal")
    return "by_status", int(number)


def _first(matches: Iterator[Document], limit: int) -> tuple[list[Document], bool]:
    found = list(islice(matches, limit + 1))
    return found[:limit], len(found) > limit


def _between(log: Document, after: tuple[str] | None, before: tuple[str] | None) -> bool:
    return (after is None or log["id"] < after[0]) and (before is None or log["id"] > before[0])


def _filters(call: Call) -> list[Callable[[Document], bool]]:
    wanted: list[Callable[[Document], bool]] = []
    method = (call.argument("method") or "").upper()
    if method:
        wanted.append(lambda log: log["method"] == method)
    key = call.argument("api_key_id") or call.argument("apiKeyId")
    if key:
        id = coercion.database_id(key)
        wanted.append(lambda log: log["api_key_id"] == id)
    agent = call.argument("user_agent") or call.argument("userAgent")
    if agent:
        pattern = coercion.pattern(agent)
        wanted.append(lambda log: pattern.search(log["user_agent"] or "") is not None)
    return wanted + _dated(call) + _search(call)


def _dated(call: Call) -> list[Callable[[Document], bool]]:
    wanted: list[Callable[[Document], bool]] = []
    first = dates.first_moment(call.argument("date_from") or call.argument("created_after"))
    if first is not None:
        wanted.append(lambda log: log["created_at"] >= first)
    last = dates.last_moment(call.argument("date_to") or call.argument("created_before"))
    if last is not None:
        wanted.append(lambda log: log["created_at"] <= last)
    return wanted


def _search(call: Call) -> list[Callable[[Document], bool]]:
    search = (call.argument("q") or call.argument("search") or "").strip()
    if not search:
        return []
    pattern = coercion.pattern(search)
    places = ("id", "endpoint", "user_agent", "status", "request_body", "response_body", "api_key_id", "email_ids")
    return [lambda log: any(pattern.search(_text(log[place])) for place in places)]


def _text(value: Any) -> str:
    """A value as the database writes it: JSON with blanks between the members, which searches may name."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
