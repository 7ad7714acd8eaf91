"""Transactional sends, one model a channel; in each the order in which fields are judged."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.moments import LastUsed

KINDS = ("id", "email", "cio_id")


def _one_identifier(found: Mapping[str, Any]) -> Mapping[str, Any]:
    given = [kind for kind in KINDS if found.get(kind) not in (None, "")]
    if len(given) != 1 or not isinstance(found[given[0]], str | int) or isinstance(found[given[0]], bool):
        raise PydanticCustomError("identifiers", "must have exactly one of id, email or cio_id")
    return {given[0]: str(found[given[0]])}


Identifiers = Annotated[dict[str, Any], AfterValidator(_one_identifier)]
MessageId = int | str
Data = dict[str, Any]


class Addressed(RequestModel):
    """What has to say where it goes; judged before the rest."""

    to: str


class Send(RequestModel):
    """What every channel takes."""

    identifiers: Identifiers
    transactional_message_id: MessageId | None = None
    message_data: Data | None = None
    send_at: int | None = None
    language: str | None = None
    disable_message_retention: bool | None = None
    send_to_unsubscribed: bool | None = None
    queue_draft: bool | None = None
    auto_create: bool | None = None


class EmailInput(Send, Addressed):
    """With a template, or with `body`, `subject` and `from` in its stead; the SDKs send headers as text or object."""

    body: str | None = None
    subject: str | None = None
    from_: str | None = Field(alias="from", default=None)
    body_plain: str | None = None
    body_amp: str | None = None
    cc: str | None = None
    bcc: str | None = None
    fake_bcc: bool | None = None
    reply_to: str | None = None
    preheader: str | None = None
    headers: str | Data | list[Any] | None = None
    attachments: dict[str, str] | None = None
    tracked: bool | None = None
    disable_css_preprocessing: bool | None = None


class Device(RequestModel):
    """A device that is added to the person on the way."""

    token: str
    platform: Literal["ios", "android"]
    last_used: LastUsed = None
    attributes: Data | None = None


class PushInput(Send):
    """With a template, or with a payload of one's own."""

    to: str | None = None
    title: str | None = None
    message: str | None = None
    image_url: str | None = None
    link: str | None = None
    sound: str | None = None
    custom_data: Data | None = None
    custom_payload: Data | None = None
    custom_device: Device | None = None


class SmsInput(Send, Addressed):
    transactional_message_id: MessageId
    from_: str | None = Field(alias="from", default=None)
    tracked: bool | None = None


class WhatsAppInput(Send):
    """`to` and `from` may come from the template."""

    transactional_message_id: MessageId
    to: str | None = None
    from_: str | None = Field(alias="from", default=None)
    tracked: bool | None = None


class InAppInput(Send):
    """In-app and inbox messages."""

    transactional_message_id: MessageId


class Queued(ResponseModel):
    """`send_at` is there when it lies ahead."""

    delivery_id: str
    queued_at: int
    send_at: int | None = None
