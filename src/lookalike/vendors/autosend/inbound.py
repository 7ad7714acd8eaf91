"""Mail that came in: to list and read, its files to fetch, and to reply to.

The documented errors of these pages are a bare `Invalid value`, without code and details; that the 404s are of the same
form, and that the same is said of a bad reply, is inferred.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import mails
from lookalike.vendors.autosend.identity import FILES
from lookalike.vendors.autosend.inbound_mail import INBOUND, inbound_json, item_json, references_to
from lookalike.vendors.autosend.paging import newest, pagination, window
from lookalike.vendors.autosend.problems import ATTACHMENT_NOT_FOUND, INBOUND_NOT_FOUND, missing
from lookalike.vendors.autosend.schemas.fields import Success, ToldSuccess, normal_email
from lookalike.vendors.autosend.schemas.inbound import (
    AttachmentQuery,
    InboundFile,
    InboundItems,
    InboundMessage,
    InboundQuery,
    ReplyInput,
    ReplyQueued,
    is_object_id,
)
from lookalike.vendors.autosend.schemas.mails import Address, Content

LINK_LASTS = 900
"""Seconds for which a link to a file works."""

_GONE = "This link is unknown or has expired"
_REPLY = re.compile(r"re:", re.IGNORECASE)

routes = Routes("inbound", doc="https://docs.autosend.com/api-reference/inbound-emails")


@routes.get("/v1/inbound/messages", query=InboundQuery, returns=Success[InboundItems], source="S")
def list_inbound_messages(call: Call, query: InboundQuery) -> dict[str, Any]:
    """List the mails that came in, newest first (I); those that were blocked only with `includeBlocked`.

    `to` looks at the recipients in To alone (I). Since there are no domains here, no mail is of a `domainId`.
    """
    found, shelf = call.collection(INBOUND), "all" if query.includeBlocked else "let in"
    if query.model_fields_set <= {"includeBlocked", "page", "limit"}:
        page = newest(found, query.page, query.limit, shelf)
    else:
        fitting = _fitting(found.scan("newest", within=shelf, descending=True), query)
        page = window(fitting, query.page, query.limit, call.workspace.name)
    items = [item_json(mail) for mail in page.documents]
    return {"success": True, "data": {"items": items, "pagination": pagination(query.page, query.limit, page.total)}}


def _fitting(found: Iterator[Document], query: InboundQuery) -> Iterator[Document]:
    for mail in found if query.domainId is None else ():
        if (
            query.from_ in (None, normal_email(mail["from"]["email"]))
            and (query.to is None or query.to in [normal_email(one["email"]) for one in mail["to"]])
            and query.threadId in (None, mail["threadId"])
            and (query.search or "").casefold() in mail["subject"].casefold()
            and (query.dateFrom or "") <= mail["receivedAt"] <= (query.dateTo or "~")
        ):
            yield mail


@routes.get("/v1/inbound/messages/{id}", returns=Success[InboundMessage], source="S")
def get_inbound_message(call: Call, id: str) -> dict[str, Any]:
    """Get a mail that came in, whole.

    Every verdict is `PASS` here.
    """
    return {"success": True, "data": inbound_json(_mail(call, id))}


def _mail(call: Call, id: str) -> Document:
    if not is_object_id(id):
        raise Problem("invalid")
    found = call.collection(INBOUND).get(id.lower())
    if found is None:
        raise missing(INBOUND_NOT_FOUND)
    return found


@routes.get(
    "/v1/inbound/messages/{id}/attachments/{idx}", query=AttachmentQuery, returns=Success[InboundFile], source="S"
)
def get_inbound_attachment(call: Call, id: str, idx: str, query: AttachmentQuery) -> dict[str, Any] | Answer:
    """Get a link to a file that came with a mail, or with `download=true` the file; `idx` is its number or id.

    The link works for 15 minutes; that it leads to this server is ours, the vendor's own lead to a file store.
    """
    is_number = re.fullmatch("[0-9]+", idx) is not None
    if not is_number and not is_object_id(idx.removeprefix("att_")):
        raise Problem("invalid")
    mail = _mail(call, id)
    wanted = (idx.lstrip("0") or "0") if is_number else idx
    file = next((one for one in mail["attachments"] if wanted in (str(one["index"]), one["attachmentId"])), None)
    if file is None:
        raise missing(ATTACHMENT_NOT_FOUND)
    if query.download:
        return _sent(file)
    data = {name: file[name] for name in ("attachmentId", "filename", "contentType", "size")}
    link = f"{call.base_url}{FILES}{_token(call, mail, file)}"
    return {"success": True, "data": {**data, "downloadUrl": link, "expiresIn": LINK_LASTS}}


@routes.get("/v1/inbound/files/{token}", public=True, source="I")
def download_inbound_file(call: Call, token: str) -> Answer:
    """Send the file behind a link that `get_inbound_attachment` gave; the vendor's own links lead to a file store."""
    told, _, signature = token.partition("~")[0].rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(call, told).encode()):
        raise Problem("not_found", _GONE)
    id, index, until = told.split(".")
    mail = call.collection(INBOUND).get(id)
    if mail is None or int(until) <= call.clock.now():
        raise Problem("not_found", _GONE)
    return _sent(mail["attachments"][int(index)])


def _token(call: Call, mail: Document, file: Document) -> str:
    told = f"{mail['id']}.{file['index']}.{int(call.clock.now()) + LINK_LASTS}"
    name = call.workspace.name
    return f"{told}.{_signature(call, told)}" + ("" if name == DEFAULT_WORKSPACE else f"~{name}")


def _signature(call: Call, told: str) -> str:
    return hmac.new(call.workspace.digits("inbound files").encode(), told.encode(), sha256).hexdigest()


def _sent(file: Document) -> Answer:
    name = file["filename"]
    plain = re.sub("[^ -~]", "?", name).replace("\\", "\\\\").replace('"', '\\"')
    disposition = f'attachment; filename="{plain}"'
    if plain != name:
        disposition += f"; filename*=UTF-8''{quote(name, safe='')}"
    headers = [("Content-Type", file["contentType"]), ("Content-Disposition", disposition)]
    return Answer(200, b64decode(file["content"]), headers)


@routes.post(
    "/v1/inbound/messages/{id}/reply", body=ReplyInput, returns=ToldSuccess[ReplyQueued], status=202, source="S"
)
def reply_to_inbound_message(call: Call, id: str, body: ReplyInput) -> dict[str, Any]:
    """Reply to whom a mail asks to reply to, or else to its sender (I), in the same thread.

    The reply goes the way of every mail that is sent. Every sending domain counts as verified, and one without html
    and text is taken, since neither is documented as required (I).
    """
    mail = _mail(call, id)
    content = Content(
        subject=body.subject or _answering(mail["subject"]),
        html=body.html,
        text=body.text,
        attachments=body.attachments,
        headers={"In-Reply-To": mail["messageId"], "References": references_to(mail)},
    )
    to = [Address(**address) for address in mail["replyTo"] or [mail["from"]]]
    message = mails.compose(call.part, content, body.from_, to, cc=body.cc, bcc=body.bcc, data=None)
    mails.queue(call.part, {**message, "inReplyToInboundEmailId": mail["id"], "threadId": mail["threadId"]})
    told = "Reply queued"
    count = len(to) + len(body.cc or ()) + len(body.bcc or ())
    data = {"emailId": message["id"], "message": told, "status": "QUEUED", "totalRecipients": count}
    return {"success": True, "message": told, "data": data}


def _answering(subject: str) -> str:
    return subject if _REPLY.match(subject) else f"Re: {subject}"
