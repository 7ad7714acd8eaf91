"""What went on in a workspace, as a few lines for whoever looks at a test that failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.testing.world import World

SHOWN = 20
"""Requests that are shown; of more the last ones."""

_MESSAGES_SHOWN = 5

_WIDTH = 160
"""Characters of a body that are shown."""


def timeline(world: World) -> str:
    """The last requests with what was sent, what went wrong, and the faults; then the messages and what never fired."""
    requests, messages = world.requests(), world.messages()
    rules = world.control.ask("GET", "/faults")["faults"]
    clock = world.control.ask("GET", "/clock", query={"workspace": world.name})["clock"]
    lines = [f"workspace {world.name}, {clock['now']}{' (frozen)' if clock['frozen'] else ''}"]
    lines += request_lines(requests) if requests else ["no requests"]
    lines += _messages(messages)
    for rule in rules:
        if rule["when"].get("workspace") == world.name and not rule["hits"]:
            lines.append(f"the fault {rule['id']} ({rule.get('script') or _fault_name(rule['fault'])}) was never hit")
    return "\n".join(lines)


def request_lines(requests: list[dict[str, Any]]) -> Iterator[str]:
    """One line a request, and one for each body that helps: what was sent, and what was answered in vain."""
    width = max((len(_asked(entry)) for entry in requests[-SHOWN:]), default=0)
    if len(requests) > SHOWN:
        yield f"{len(requests)} requests, the last {SHOWN}:"
    for entry in requests[-SHOWN:]:
        yield _line(entry, width)
        if entry["body"] is not None:
            yield f"    sent {_short(entry['body'])}"
        if entry["status"] >= 400 and entry["answer"] is not None:
            yield f"    got  {_short(entry['answer'])}"


def _asked(entry: dict[str, Any]) -> str:
    query = f"?{entry['query']}" if entry["query"] else ""
    return f"{entry['vendor']} {entry['method']} {entry['path']}{query}"


def _line(entry: dict[str, Any], width: int) -> str:
    operation = entry["operation"] or "no such operation"
    marks = ["not implemented"] if entry["unimplemented"] else []
    marks += [f"fault: {', '.join(entry['faults'])}"] if entry["faults"] else []
    marked = f" ({'; '.join(marks)})" if marks else ""
    return f"{entry['at'][11:23]} {_asked(entry):<{width}} {entry['status']} {operation}{marked}"


def _message(message: dict[str, Any]) -> str:
    events = ", ".join(event["type"] for event in message.get("events", ()))
    text = f"{message['vendor']} to {', '.join(message['to'])}: {message.get('subject') or '(no subject)'}"
    return f"    {text} ({events})" if events else f"    {text}"


def _messages(messages: list[dict[str, Any]]) -> Iterator[str]:
    if messages:
        shown = f", the last {_MESSAGES_SHOWN}" if len(messages) > _MESSAGES_SHOWN else ""
        yield f"{len(messages)} message{'s' if len(messages) > 1 else ''}{shown}:"
        yield from map(_message, messages[-_MESSAGES_SHOWN:])


def _fault_name(fault: dict[str, Any]) -> str:
    return str(fault.get("kind") or fault.get("status") or fault["type"])


def _short(data: Any) -> str:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
