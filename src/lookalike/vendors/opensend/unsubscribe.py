"""Unsubscribe links: the public page they lead to, and its settings.

A link's token is its credential. For a workspace other than the default one it ends in `~name`, as keys do.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import parse_qs

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, columns, topics
from lookalike.vendors.opensend.contacts import CONTACTS
from lookalike.vendors.opensend.outbound_urls import split_url
from lookalike.vendors.opensend.problems import html
from lookalike.vendors.opensend.schemas.lists import UnsubscribeQuery
from lookalike.vendors.opensend.schemas.unsubscribe import UnsubscribePage, UnsubscribePageInput, UnsubscribePageSaved
from lookalike.vendors.opensend.topics import TOPICS
from lookalike.vendors.opensend.validation import js_length, read_json

SETTINGS = Resource("unsubscribe_page")
"""One document, of id `settings`."""


SECRET = b"lookalike"
"""What stands for the server's secret: tokens are worth nothing here, and a test can make one."""

PAGE = "/unsubscribe/{contact_id}"

DEFAULTS = {
    "logo_url": None,
    "brand_color": "#10b981",
    "headline": "Unsubscribed successfully",
    "message": (
        "You have been removed from this mailing list. You will no longer receive marketing emails from this sender."
    ),
    "footer_text": "Powered by OpenSend",
}

_NO_STORE = ("Cache-Control", "no-store")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
_LONGEST_URL = 2048
_LONGEST = {"headline": 200, "message": 1000, "footer_text": 200}
_SAID = {"logo_url": "logoUrl", "brand_color": "brandColor", "footer_text": "footerText"}
"""What the refusals call the settings whose names they do not use."""

routes = Routes("unsubscribe", doc="https://opensend.namuh.co/docs")


def token(part: Part, contact_id: str) -> str:
    """base64url of HMAC-SHA256 over `opensend.unsubscribe.v1:<contact id>`; with the workspace's tag, if it has one."""
    digest = hmac.new(SECRET, f"opensend.unsubscribe.v1:{contact_id}".encode(), sha256).digest()
    text = urlsafe_b64encode(digest).rstrip(b"=").decode()
    name = part.workspace.name
    return text if name == DEFAULT_WORKSPACE else f"{text}~{name}"


def link(part: Part, base: str, contact_id: str) -> str:
    """The link to a contact's unsubscribe page; `base` is what `Call.base_url` gave."""
    return f"{base}{PAGE.format(contact_id=contact_id)}?token={token(part, contact_id)}"


def link_for(part: Part, base: str, email: str) -> str | None:
    """The link for an address, if it is a contact's who is not unsubscribed."""
    contacts = part.collection(CONTACTS)
    contact = contacts.one("email", email) or contacts.one("email", email.lower())
    return None if contact is None or contact["unsubscribed"] else link(part, base, contact["id"])


def _contact(call: Call, id: str) -> Document | None:
    """The contact of a link, or None when the token is not theirs."""
    given = (call.argument("token") or "").partition("~")[0]
    right = token(call.part, id).partition("~")[0]
    if not hmac.compare_digest(given.encode(), right.encode()):
        return None
    return call.collection(CONTACTS).get(id)


def _visible(call: Call, contact: Document) -> list[Document]:
    """The topics that a contact sees: public ones, and private ones they have a preference for."""
    chosen = {preference["topicId"] for preference in contact["topics"]}
    everything = call.collection(TOPICS).scan(descending=True)
    return [topic for topic in everything if topic["visibility"] == "public" or topic["id"] in chosen]


# --- the page ---------------------------------------------------------------------------------------------------


@routes.get(PAGE, accepts_query=UnsubscribeQuery, public=True, source="S")
def show_unsubscribe_page(call: Call, contact_id: str) -> Answer:
    """Show the page behind an unsubscribe link."""
    contact = _contact(call, contact_id)
    if contact is None:
        return _page(404, "This unsubscribe link is invalid or has expired.")
    names = ", ".join(topic["name"] for topic in _visible(call, contact))
    return _page(200, escape(f"Email preferences of {contact['email']}" + (f": {names}" if names else "")))


@routes.post(PAGE, accepts_query=UnsubscribeQuery, public=True, source="S")
def submit_unsubscribe_page(call: Call, contact_id: str) -> Answer:
    """Unsubscribe with one click, or by the page's form."""
    contact = _contact(call, contact_id)
    if contact is None:
        return Answer(404, b"", [_NO_STORE])
    form = _form(call)
    if form == {"List-Unsubscribe": ["One-Click"]}:
        call.collection(CONTACTS).put(unsubscribed(contact))
        return Answer(202, b"", [_NO_STORE])
    action = form.get("action", [""])[0]
    if action == "unsubscribe_all":
        call.collection(CONTACTS).put(unsubscribed(contact))
        return _page(200, escape(_settings(call)["headline"]))
    if action == "save_preferences" and _save(call, contact, form.get("topics", [])):
        return _page(200, "Your preferences have been saved.")
    return _page(400, "This request cannot be understood.")


def _page(status: int, text: str) -> Answer:
    page = html(status, text)
    page.headers.append(_NO_STORE)
    return page


def _form(call: Call) -> dict[str, list[str]]:
    if not (call.header("Content-Type") or "").lower().startswith("application/x-www-form-urlencoded"):
        return {}
    return parse_qs(call.readable_body.decode("utf-8", "replace"), keep_blank_values=True)


def unsubscribed(contact: Document) -> Document:
    """A contact who wants no more mail."""
    return {**contact, "unsubscribed": True}


def opted_out(contact: Document, topic_id: str) -> Document:
    """A contact who wants no more mail on a topic."""
    kept = [preference for preference in contact["topics"] if preference["topicId"] != topic_id]
    return {**contact, "topics": [*kept, {"topicId": topic_id, "subscribed": False}]}


def _save(call: Call, contact: Document, wanted: list[str]) -> bool:
    """Set every visible topic: those wanted to opt_in, the others to opt_out. False when one of them is not visible."""
    visible = [topic["id"] for topic in _visible(call, contact)]
    if not set(wanted) <= set(visible):
        return False
    kept = [preference for preference in contact["topics"] if preference["topicId"] not in visible]
    contact["topics"] = kept + [{"topicId": id, "subscribed": id in wanted} for id in visible]
    call.collection(CONTACTS).put(contact)
    return True


# --- its settings -----------------------------------------------------------------------------------------------


def _settings(call: Call) -> dict[str, Any]:
    stored = call.collection(SETTINGS).get("settings") or {}
    return {name: stored.get(name, value) for name, value in DEFAULTS.items()}


@routes.get("/api/unsubscribe-page", returns=UnsubscribePage, source="S", extras={"sending": True})
def get_unsubscribe_page(call: Call) -> dict[str, Any]:
    """Get the settings of the unsubscribe page."""
    shown = [topics.item_json(topic) for topic in call.collection(TOPICS).scan(descending=True)]
    return {"object": "unsubscribe_page_settings", **_settings(call), "topics": shown}


@routes.put(
    "/api/unsubscribe-page",
    accepts=UnsubscribePageInput,
    returns=UnsubscribePageSaved,
    source="S",
    extras={"sending": True},
)
def update_unsubscribe_page(call: Call) -> dict[str, Any]:
    """Update the settings of the unsubscribe page; what is no text becomes one, as JavaScript writes it."""
    body = read_json(call)
    if not isinstance(body, dict):
        raise Problem("malformed", "Request body must be a JSON object")
    changes = {name: _setting(name, body[name]) for name in DEFAULTS if name in body}
    settings = _settings(call) | changes
    call.collection(SETTINGS).put({"id": "settings", **settings})
    return {"object": "unsubscribe_page_settings", **settings}


def _setting(name: str, value: Any) -> str | None:
    """A setting as it is stored. Raises Problem("malformed"), and Problem("internal") for NUL."""
    text = columns.needed(coercion.string(value)).strip()
    fault = None
    if name == "logo_url":
        if value is None or not text:
            return None
        fault = _logo_fault(text)
    elif name == "brand_color":
        fault = None if _COLOR.fullmatch(text) else "be a valid hex color (#rrggbb or #rrggbbaa)"
    elif not text:
        fault = "not be empty"
    elif js_length(text) > _LONGEST[name]:
        fault = f"be {_LONGEST[name]} characters or fewer"
    if fault is not None:
        raise Problem("malformed", f"{_SAID.get(name, name)} must {fault}")
    return text


def _logo_fault(text: str) -> str | None:
    parts = split_url(text)
    if parts is None:
        return "be a valid http or https URL"
    if parts.scheme not in ("http", "https"):
        return "use the http or https protocol"
    return f"be {_LONGEST_URL} characters or fewer" if js_length(text) > _LONGEST_URL else None
