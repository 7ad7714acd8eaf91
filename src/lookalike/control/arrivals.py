"""Mail that arrives at a vendor, since nobody outside can send any here."""

from __future__ import annotations

from base64 import b64decode
from email.utils import parseaddr
from typing import Any, ClassVar

from pydantic import Field, field_validator

from lookalike.arrivals import Arrival, CannotArrive, Enclosure, Party
from lookalike.control.parsing import ControlBody
from lookalike.control.refusal import Refusal
from lookalike.control.targets import check_workspace_name, served
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox

routes = Routes("arrivals")


class EnclosureBody(ControlBody):
    """A file; `content` is base64."""

    filename: str = Field(min_length=1)
    content: str
    content_type: str = Field(default="application/octet-stream", pattern="^[!-.0-~]+/[!-.0-~][ -~]*$")

    @field_validator("content")
    @classmethod
    def _decodable(cls, text: str) -> str:
        try:
            b64decode(text, validate=True)
        except ValueError:
            raise ValueError("this is no base64") from None
        return text

    def enclosure(self) -> Enclosure:
        return Enclosure(self.filename, self.content_type, b64decode(self.content))


class ArrivalBody(ControlBody):
    """A mail; addresses are bare or in the form `Ann Lee <ann@example.com>`."""

    LIMIT: ClassVar[int] = 16 * 1024 * 1024

    vendor: str
    workspace: str = DEFAULT_WORKSPACE
    sender: str = Field(alias="from")
    to: str | list[str]
    cc: list[str] = Field([])
    reply_to: list[str] = Field([])
    subject: str = ""
    text: str | None = None
    html: str | None = None
    headers: dict[str, str] = Field({})
    in_reply_to: str | None = None
    attachments: list[EnclosureBody] = Field([])
    status: str | None = None

    _check = field_validator("workspace")(check_workspace_name)

    def arrival(self) -> Arrival:
        """The mail in nobody's terms. Raises Refusal."""
        to = [self.to] if isinstance(self.to, str) else self.to
        if not to:
            raise Refusal(400, "Member 'to' is empty: name the address at which the mail arrives.")
        return Arrival(
            sender=_party(self.sender),
            to=tuple(map(_party, to)),
            cc=tuple(map(_party, self.cc)),
            reply_to=tuple(map(_party, self.reply_to)),
            subject=self.subject,
            text=self.text,
            html=self.html,
            headers=self.headers,
            in_reply_to=self.in_reply_to,
            attachments=tuple(file.enclosure() for file in self.attachments),
            status=self.status,
        )


def _party(text: str) -> Party:
    name, email = parseaddr(text)
    if "@" not in email:
        raise Refusal(400, f"{text!r} is no address: write ann@example.com or Ann Lee <ann@example.com>.")
    return Party(email, name or None)


@routes.post("/inbound", body=ArrivalBody, status=201)
def receive_mail(sandbox: Sandbox, body: ArrivalBody) -> dict[str, Any]:
    """Have a mail arrive at a vendor that receives mail, with its webhooks; answers it as the vendor shows it."""
    vendor, arrival = served(sandbox, body.vendor), body.arrival()
    if vendor.receive is None:
        raise Refusal(409, f"{vendor.title} receives no mail here.")
    workspace = sandbox.workspace(body.workspace)
    with workspace.unit():
        workspace.due.run()
        try:
            return vendor.receive(sandbox.part(workspace, vendor), arrival)
        except CannotArrive as reason:
            raise Refusal(409, str(reason)) from None
