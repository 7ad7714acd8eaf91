"""Messages that were made for people: deliveries."""

from typing import Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.identifiers import Identifiers, IdType
from lookalike.vendors.customerio.schemas.paging import Limit1000, QueryModel

MessageType = Literal["email", "webhook", "twilio", "push", "in_app", "slack", "whatsapp", "live_notification"]


class Window(QueryModel):
    start: str = ""
    limit: Limit1000 = 50
    start_ts: int | None = None
    end_ts: int | None = None


class CustomerMessagesQuery(Window):
    id_type: IdType = "id"


class MessagesQuery(Window):
    """`trigger_id` is that of a broadcast's trigger; `drafts` asks for drafts, which are left out otherwise."""

    type: MessageType | None = None
    metric: str | None = None
    drafts: bool = False
    campaign_id: int | None = None
    newsletter_id: int | None = None
    action_id: int | None = None
    transactional_id: int | None = None
    trigger_id: int | None = None
    template_id: int | None = None
    content_id: int | None = None
    get_tracked_responses: bool = False


class MessageQuery(QueryModel):
    archived_message: bool = False
    get_tracked_responses: bool = False


class Message(ResponseModel):
    """Parents that do not apply are null; `metrics` holds those that came in, as unix seconds.

    `tracked_responses` is there where it is asked for.
    """

    id: str
    deduplicate_id: str
    message_template_id: int | None
    msg_template_id: int | None
    customer_id: str | None
    customer_identifiers: Identifiers | None
    recipient: str | None
    subject: str | None
    metrics: dict[str, int]
    created: int
    failure_message: str | None
    campaign_id: int | None
    action_id: int | None
    parent_action_id: int | None
    newsletter_id: int | None
    content_id: int | None
    broadcast_id: int | None
    trigger_event_id: str | None
    forgotten: bool
    type: str
    tracked_responses: dict[str, Any] | None = None


class MessageList(ResponseModel):
    messages: list[Message]
    next: str


class ArchivedMessage(ResponseModel):
    id: str
    body: str | None
    from_: str | None = Field(alias="from")
    reply_to: str | None
    recipient: str | None
    subject: str | None
    cc: str | None
    bcc: str | None
    fake_bcc: bool | None
    preheader_text: str | None
    url: str | None
    request_method: str | None
    headers: str | None
    forgotten: bool


class MessageAnswer(ResponseModel):
    """`archived_message` is there where it is asked for."""

    message: Message
    archived_message: ArchivedMessage | None = None


class ArchivedMessageAnswer(ResponseModel):
    archived_message: ArchivedMessage
