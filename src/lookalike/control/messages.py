"""Every message that the sandbox "sent", across vendors and workspaces."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from email.utils import parseaddr
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from pydantic import Field

from lookalike.control.parsing import ControlQuery
from lookalike.control.refusal import Refusal
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.workspace import Workspace

routes = Routes("messages")

Message = dict[str, Any]


class MessagesQuery(ControlQuery):
    """Which messages: `recipient` is an address in to, cc or bcc; `vendor`, `workspace` and `subject` are globs."""

    vendor: str = "*"
    workspace: str = "*"
    recipient: str | None = None
    subject: str | None = None
    limit: int = Field(default=100, ge=1, le=10_000)

    def fits(self, message: Message) -> bool:
        if not fnmatchcase(message["vendor"], self.vendor):
            return False
        if self.subject is not None and not fnmatchcase(message.get("subject") or "", self.subject):
            return False
        return self.recipient is None or self.recipient.lower() in _recipients(message)


def _recipients(message: Message) -> Iterator[str]:
    for member in ("to", "cc", "bcc"):
        for address in message.get(member) or ():
            yield parseaddr(address)[1].lower()


def _newest_first(workspace: Workspace) -> Iterator[Message]:
    for message in workspace.messages.scan("newest", descending=True):
        yield _message_json(workspace, message)


def _message_json(workspace: Workspace, message: Message) -> Message:
    shown = {key: value for key, value in message.items() if key != "number"}
    return {"id": shown.pop("id"), "workspace": workspace.name, **shown}


@routes.get("/messages", query=MessagesQuery)
def list_messages(sandbox: Sandbox, query: MessagesQuery) -> dict[str, Any]:
    """The messages that pass the filters, newest first."""
    workspaces = [w for w in list(sandbox.workspaces.values()) if fnmatchcase(w.name, query.workspace)]
    streams = [_newest_first(workspace) for workspace in workspaces]
    merged = heapq.merge(*streams, key=lambda message: message["created_at"], reverse=True)
    return {"messages": list(islice(filter(query.fits, merged), query.limit))}


@routes.get("/messages/{id}")
def get_message(sandbox: Sandbox, id: str) -> Message:
    """One message, whole."""
    for workspace in list(sandbox.workspaces.values()):
        message = workspace.messages.get(id)
        if message is not None:
            return _message_json(workspace, message)
    raise Refusal(404, f"There is no message {id!r}: GET /_lookalike/messages lists them.")
