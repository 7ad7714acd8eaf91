"""Campaigns and newsletters: the vendor's screens make them, so here there are none to be read."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.customerio.schemas.campaigns import (
    CampaignAnswer,
    Campaigns,
    NewsletterAnswer,
    Newsletters,
    NewslettersQuery,
)

_DOC = "https://docs.customer.io/integrations/api/app/tag/"

routes = Routes("campaigns", doc=_DOC + "campaigns/")


@routes.get("/v1/campaigns", returns=Campaigns)
def list_campaigns(_call: Call) -> dict[str, Any]:
    """List campaigns: none."""
    return {"campaigns": []}


@routes.get("/v1/campaigns/{campaign_id}", returns=CampaignAnswer)
def get_campaign(_call: Call, campaign_id: str) -> dict[str, Any]:
    """Get a campaign, which is never there."""
    del campaign_id
    raise Problem("not_found")


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
