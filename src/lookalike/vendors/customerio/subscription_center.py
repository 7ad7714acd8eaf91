"""The subscription center: topics, channels, what a person chose, and the link to a person's own page."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import people
from lookalike.vendors.customerio.customers import customer
from lookalike.vendors.customerio.problems import bad_request
from lookalike.vendors.customerio.schemas.subscriptions import (
    CenterToken,
    ChannelList,
    PreferencesAnswer,
    PreferencesQuery,
    TopicList,
)
from lookalike.vendors.customerio.subscription_page import HEADER, PAGE, add_link
from lookalike.vendors.customerio.subscriptions import is_subscribed, topics_in_order

CHANNELS = Resource("subscription_channels", orders=(Order("number", ("number",)),))
"""id, number, type (email, push, ...), name, description, subscribed_by_default. No interface makes them."""

routes = Routes("subscription_center", doc="https://docs.customer.io/integrations/api/app/tag/subscription-center/")


def topic_json(topic: Document) -> dict[str, Any]:
    """A topic as lists show it."""
    return {
        "id": topic["number"],
        "identifier": topic["identifier"],
        "name": topic["name"],
        "description": topic["description"],
        "subscribed_by_default": topic["subscribed_by_default"],
    }


def channel_json(channel: Document) -> dict[str, Any]:
    """A channel as lists show it."""
    return {
        "id": channel["number"],
        "type": channel["type"],
        "name": channel["name"],
        "description": channel["description"],
        "subscribed_by_default": channel["subscribed_by_default"],
    }


@routes.get("/v1/customers/{customer_id}/subscription_preferences", query=PreferencesQuery, returns=PreferencesAnswer)
def get_person_subscription_preferences(call: Call, customer_id: str, query: PreferencesQuery) -> dict[str, Any]:
    """Get the topics as a person sees them; where nothing was chosen the topic's default holds."""
    person = customer(call, query.id_type, customer_id)
    topics = [
        {
            "id": topic["number"],
            "name": topic["name"],
            "description": topic["description"],
            "subscribed": is_subscribed(person, topic),
        }
        for topic in topics_in_order(call.part)
    ]
    return {
        "customer": {
            "id": customer_id,
            "identifiers": people.identifiers_json(person),
            "header": HEADER,
            "topics": topics,
            "unsubscribed": people.is_unsubscribed(person),
        }
    }


@routes.get("/v1/subscription_topics", returns=TopicList)
def get_topics(call: Call) -> dict[str, Any]:
    """List the subscription topics."""
    return {"topics": [topic_json(topic) for topic in topics_in_order(call.part)]}


@routes.get("/v1/subscription_channels", returns=ChannelList)
def get_channels(call: Call) -> dict[str, Any]:
    """List the subscription channels."""
    return {"channels": [channel_json(channel) for channel in call.collection(CHANNELS).scan("number")]}


@routes.get("/v1/subscription_center/{customer_id}/token", returns=CenterToken)
def get_subscription_center_token(call: Call, customer_id: str) -> dict[str, Any]:
    """Get the link to a person's own page; nobody of that id or address is a 400 (D), not a 404."""
    found = (people.find(call.part, kind, customer_id) for kind in ("id", "email"))
    person = next((one for one in found if one is not None), None)
    if person is None:
        raise bad_request("bad request", exact=True)
    token = add_link(call.part, person)
    return {"token": token, "url": PAGE.format(token=token)}
