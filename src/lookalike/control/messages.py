"""Every message that the sandbox "sent", across vendors and workspaces, and what is said to happen to them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import Field, model_validator

from lookalike.answer import Lengthy
from lookalike.clock import parse_instant
from lookalike.control.listing import Listing
from lookalike.control.parsing import ControlBody
from lookalike.control.refusal import Refusal
from lookalike.control.targets import Scope, concerned, existing, served, up_to_date
from lookalike.messages import CannotHappen, Draft, Happening, Message, first_link, recipients
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.workspace import Workspace

routes = Routes("messages")


class MessagesFilter(Scope):
    """Which messages: `recipient` is an address in to, cc or bcc; `vendor`, `workspace` and `subject` are globs."""

    recipient: str | None = None
    subject: str | None = None

    def select(self, workspace: Workspace) -> Iterator[Message]:
        """The messages of a workspace that pass, newest first; those to one recipient are found without a search."""
        order, within = self.place()
        return filter(self.fits, workspace.messages.scan(order, within=within, descending=True))

    def place(self) -> tuple[str, str | None]:
        """Order and partition in which they are found."""
        return ("newest", None) if self.recipient is None else ("recipient", self.recipient.lower())

    def fits(self, message: Message) -> bool:
        """Whether vendor and subject are as asked for."""
        if not fnmatchcase(message["vendor"], self.vendor):
            return False
        return self.subject is None or fnmatchcase(message.get("subject") or "", self.subject)


class MessagesQuery(MessagesFilter):
    limit: int = Field(default=100, ge=1, le=10_000)


def message_json(workspace: Workspace, message: Message) -> Message:
    """A message as it is shown: what the outbox keeps, without its number, and where it is."""
    shown = {key: value for key, value in message.items() if key not in ("number", "events")}
    return {"id": shown.pop("id"), "workspace": workspace.name, **shown, "events": message["events"]}


@routes.get("/messages", query=MessagesQuery)
def list_messages(sandbox: Sandbox, query: MessagesQuery) -> Lengthy | dict[str, Any]:
    """The messages that pass the filters, newest first."""
    workspaces = up_to_date(query.concerned(sandbox))
    listing = Listing("messages", lambda workspace: workspace.messages, query.fits, message_json, *query.place())
    return listing.answer(workspaces, query.limit)


@routes.delete("/messages", query=MessagesFilter)
def delete_messages(sandbox: Sandbox, query: MessagesFilter) -> dict[str, Any]:
    """Take the messages that pass the filters out of the outbox, without filters all; the vendors' own records stay."""
    deleted = 0
    for workspace in query.concerned(sandbox):
        with workspace.unit():
            for message in list(query.select(workspace)):
                deleted += workspace.messages.delete(message["id"])
    return {"deleted": deleted}


@routes.get("/messages/{id}")
def get_message(sandbox: Sandbox, id: str) -> Message:
    """One message, whole."""
    workspace, message = _found(sandbox, id)
    return message_json(workspace, message)


def _found(sandbox: Sandbox, id: str, name: str = "*") -> tuple[Workspace, Message]:
    """A message by its id; those of a fixture have the same in every workspace."""
    for workspace in concerned(sandbox, name):
        message = workspace.messages.get(id)
        if message is not None:
            return workspace, message
    raise Refusal(404, f"There is no message {id!r}: GET /_lookalike/messages lists them.")


# --- making one up ------------------------------------------------------------------------------------------------


class MessageBody(ControlBody):
    """A message for a vendor whose public API sends none."""

    vendor: str
    workspace: str
    to: str | list[str]
    subject: str
    html: str | None = None
    text: str | None = None
    sender: str | None = None
    campaign: str | None = None

    def draft(self) -> Draft:
        to = (self.to,) if isinstance(self.to, str) else tuple(self.to)
        return Draft(to, self.subject, self.html, self.text, self.sender, self.campaign)


@routes.post("/messages", body=MessageBody, status=201)
def make_message(sandbox: Sandbox, body: MessageBody) -> Message:
    """Have a vendor whose public API sends nothing "send" a message."""
    workspace, part = _part(sandbox, body.workspace, body.vendor)
    if part.vendor.compose is None:
        raise Refusal(409, f"{part.vendor.title} sends messages by its own API: call that.")
    with workspace.unit():
        workspace.due.run()
        try:
            id = part.vendor.compose(part, body.draft())
        except CannotHappen as reason:
            raise Refusal(409, str(reason)) from None
        return message_json(workspace, _found(sandbox, id)[1])


def _part(sandbox: Sandbox, name: str, vendor: str) -> tuple[Workspace, Part]:
    found, workspace = served(sandbox, vendor), existing(sandbox, name)
    with workspace.unit():
        return workspace, sandbox.part(workspace, found)


# --- what happens to them -----------------------------------------------------------------------------------------

_GOES_WITH = {
    "url": ("clicked",),
    "bounce": ("bounced",),
    "reason": ("bounced", "complained"),
    "group": ("unsubscribed",),
    "user_agent": ("opened", "clicked"),
    "ip": ("opened", "clicked"),
}


class HappeningBody(ControlBody):
    """What happened: to all recipients or to one, now or at an earlier moment, and what else there is to say of it."""

    type: Literal["delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"]
    workspace: str = "*"
    recipient: str | None = None
    at: str | None = None
    url: str | None = Field(default=None, pattern="^https?://")
    bounce: Literal["permanent", "transient"] | None = None
    reason: str | None = None
    group: str | None = None
    user_agent: str | None = None
    ip: str | None = None

    @model_validator(mode="after")
    def _said_of_its_kind(self) -> HappeningBody:
        for name, types in _GOES_WITH.items():
            if getattr(self, name) is not None and self.type not in types:
                raise ValueError(f"{name} goes with {' or '.join(types)}, not with {self.type}")
        return self

    def happening(self, message: Message, now: float) -> Happening:
        """What happened to `message`. Raises Refusal."""
        return Happening(
            self.type,
            self._moment(message, now),
            self._concerned(message),
            url=self._link(message),
            bounce=(self.bounce or "permanent") if self.type == "bounced" else None,
            reason=self.reason,
            group=self.group,
            user_agent=self.user_agent,
            ip=self.ip,
        )

    def _moment(self, message: Message, now: float) -> float:
        if self.at is None:
            return now
        try:
            at = parse_instant(self.at)
        except ValueError as error:
            raise Refusal(400, f"Member 'at' cannot be used: {error}.") from None
        if at > now:
            raise Refusal(400, "Member 'at' lies in the future: move the clock on, or give an earlier moment.")
        if at < parse_instant(message["created_at"]):
            raise Refusal(400, f"Member 'at' lies before the message: give a moment after {message['created_at']}.")
        return at

    def _concerned(self, message: Message) -> tuple[str, ...]:
        everybody = dict.fromkeys(recipients(message))
        if not everybody:
            raise Refusal(409, "The message has no recipient to whom anything could happen.")
        if self.recipient is None:
            return tuple(everybody)
        found = tuple(one for one in everybody if one.lower() == self.recipient.lower())
        if not found:
            raise Refusal(400, f"{self.recipient!r} is no recipient of it: use one of {', '.join(everybody)}.")
        return found

    def _link(self, message: Message) -> str | None:
        if self.type != "clicked":
            return None
        link = self.url or first_link(message)
        if link is None:
            raise Refusal(400, "The message has no link to click: say which with the member 'url'.")
        return link


@routes.post("/messages/{id}/events", body=HappeningBody)
def happen(sandbox: Sandbox, id: str, body: HappeningBody) -> Message:
    """Say that something happened to a message, with all that follows for the vendor; answers the message."""
    workspace, message = _found(sandbox, id, body.workspace)
    with workspace.unit():
        workspace.due.run()
        part = workspace.part(message["vendor"])
        message = workspace.messages.get(id) or message
        if part is None or part.vendor.happen is None:
            raise Refusal(409, f"Vendor {message['vendor']!r} says nothing of what becomes of its messages.")
        happening = body.happening(message, workspace.clock.now())
        try:
            part.vendor.happen(part, message, happening)
        except CannotHappen as reason:
            raise Refusal(409, str(reason)) from None
        part.note_message(id, happening)
        return message_json(workspace, workspace.messages.get(id) or message)
