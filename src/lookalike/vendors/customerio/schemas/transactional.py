"""Transactional messages: the templates that sends name."""

from lookalike.models import ResponseModel


class TransactionalMessage(ResponseModel):
    id: int
    name: str
    description: str
    send_to_unsubscribed: bool
    link_tracking: bool
    open_tracking: bool
    hide_message_body: bool
    queue_drafts: bool
    created_at: int
    updated_at: int


class TransactionalMessages(ResponseModel):
    messages: list[TransactionalMessage]


class TransactionalMessageAnswer(ResponseModel):
    message: TransactionalMessage
