"""Campaigns and newsletters as the App API shows them. The vendor's screens make both; here tests make campaigns."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.campaign_triggers import CAMPAIGNS
from lookalike.vendors.customerio.schemas.campaigns import (
    CampaignAnswer,
    Campaigns,
    NewsletterAnswer,
    Newsletters,
    NewslettersQuery,
)

_DOC = "https://docs.customer.io/integrations/api/app/tag/"

routes = Routes("campaigns", doc=_DOC + "campaigns/")


def campaign_json(campaign: Document) -> dict[str, Any]:
    """A campaign as the App API shows it, with one mail as its only action (I)."""
    number, created, trigger = campaign["number"], campaign["created"], campaign["trigger"]
    actions = [] if campaign["mail"] is None else [{"id": number, "type": "email"}]
    return {
        "id": number,
        "deduplicate_id": f"{number}:{created}",
        "name": campaign["name"],
        "type": trigger["type"],
        "created": created,
        "updated": created,
        "active": True,
        "state": "running",
        "actions": actions,
        "msg_template_ids": actions,
        "first_started": created,
        "tags": None,
        "event_name": trigger.get("event"),
        "trigger_segment_ids": [trigger["segment_id"]] if trigger["type"] == "segment" else [],
    }


@routes.get("/v1/campaigns", returns=Campaigns)
def list_campaigns(call: Call) -> dict[str, Any]:
    """List campaigns, oldest first (I)."""
    return {"campaigns": [campaign_json(found) for found in call.collection(CAMPAIGNS).scan("number")]}


@routes.get("/v1/campaigns/{campaign_id}", returns=CampaignAnswer)
def get_campaign(call: Call, campaign_id: str) -> dict[str, Any]:
    """Get a campaign."""
    found = call.collection(CAMPAIGNS).get(campaign_id)
    if found is None:
        raise Problem("not_found")
    return {"campaign": campaign_json(found)}


@routes.get("/v1/newsletters", query=NewslettersQuery, returns=Newsletters, doc=_DOC + "newsletters/")
def list_newsletters(_call: Call, query: NewslettersQuery) -> dict[str, Any]:
    """List newsletters: none."""
    del query
    return {"newsletters": [], "next": ""}


@routes.get("/v1/newsletters/{newsletter_id}", returns=NewsletterAnswer, doc=_DOC + "newsletters/")
def get_newsletter(_call: Call, newsletter_id: str) -> dict[str, Any]:
    """Get a newsletter, which is never there."""
    del newsletter_id
    raise Problem("not_found")
