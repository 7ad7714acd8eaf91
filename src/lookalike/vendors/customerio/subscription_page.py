"""A person's own page of subscription preferences: where the link of the subscription center leads.

Its address is the vendor's; what is on it, and what its form is called, is inferred.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import parse_qs

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import people
from lookalike.vendors.customerio.identification import identify
from lookalike.vendors.customerio.identity import link_token
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.subscriptions import PREFERENCES, is_subscribed, topics_in_order

PAGE = "https://track.customer.io/u/i/{token}/"

LASTS = 24 * 3600
"""Seconds for which a link works (D)."""

HEADER = {
    "title": "Manage your subscription preferences",
    "subtitle": "Check the box next to each topic you'd like to subscribe to.",
}
"""What a workspace starts with (D)."""

LINKS = Resource("center_links")
"""id (the token), person (a cio_id), until (unix seconds)."""

routes = Routes("subscription_page", doc="https://docs.customer.io/journeys/subscription-center/")


def add_link(part: Part, person: Document) -> str:
    """The token of a new link to somebody's page."""
    token = link_token(part)
    part.collection(LINKS).put({"id": token, "person": person["id"], "until": part.clock.now() + LASTS})
    return token


def _person(call: Call, token: str) -> Document:
    link = call.collection(LINKS).get(token)
    person = None if link is None or link["until"] <= call.clock.now() else call.collection(PEOPLE).get(link["person"])
    if person is None:
        raise Problem("not_found", "this link is unknown or has expired")
    return person


@routes.get("/u/i/{token}/", public=True, source="I")
def show_preferences(call: Call, token: str) -> Answer:
    """Show a person's preferences as a form, without a credential."""
    return _page(call.part, _person(call, token), HEADER["subtitle"])


@routes.post("/u/i/{token}/", public=True, source="I")
def save_preferences(call: Call, token: str) -> Answer:
    """Take the form: `topics` are the identifiers of those that are checked, `unsubscribed` leaves everything."""
    person = _person(call, token)
    form = parse_qs(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    chosen = form.get("topics", [])
    told: dict[str, Any] = {
        f"{PREFERENCES}.topics.{topic['identifier']}": topic["identifier"] in chosen
        for topic in topics_in_order(call.part)
    }
    told["unsubscribed"] = "unsubscribed" in form
    after = identify(call.part, "cio_id", person["id"], told)
    return _page(call.part, after or person, "Your preferences are saved.")


def _page(part: Part, person: Document, said: str) -> Answer:
    boxes = [
        _box("topics", topic["identifier"], topic["name"], checked=is_subscribed(person, topic))
        for topic in topics_in_order(part)
    ]
    boxes.append(_box("unsubscribed", "true", "Unsubscribe from everything", checked=people.is_unsubscribed(person)))
    title = escape(HEADER["title"])
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{escape(said)}</p>"
        f'<form method="post">{"".join(boxes)}<p><button>Save</button></p></form></body></html>'
    )
    return Answer(200, body.encode(), [("Content-Type", "text/html; charset=utf-8")])


def _box(name: str, value: str, label: str, *, checked: bool) -> str:
    state = " checked" if checked else ""
    return f'<p><label><input type="checkbox" name="{name}" value="{escape(value)}"{state}> {escape(label)}</label></p>'
