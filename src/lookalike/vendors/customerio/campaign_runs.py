"""Campaigns as tests define them, and what they do for a person: a run, and one mail if there is one to send."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lookalike.part import Part
from lookalike.runs import CannotPlan, Plan
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import delivering, people
from lookalike.vendors.customerio.campaign_triggers import CAMPAIGNS, TRIGGERS
from lookalike.vendors.customerio.campaigns import campaign_json
from lookalike.vendors.customerio.deliveries import add_delivery
from lookalike.vendors.customerio.identity import delivery_id, next_number, ulid
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.segmentation import find_segment


def plan(part: Part, plan: Plan) -> dict[str, Any]:
    """Make a campaign that a test defines. Raises CannotPlan."""
    number = next_number(part, CAMPAIGNS)
    campaign = {
        "id": str(number),
        "number": number,
        "name": plan.name,
        "trigger": _trigger(part, plan),
        "mail": None if plan.mail is None else asdict(plan.mail),
        "created": int(part.clock.now()),
    }
    part.collection(CAMPAIGNS).put(campaign)
    return campaign_json(campaign)


def _trigger(part: Part, plan: Plan) -> dict[str, Any]:
    type = plan.trigger.get("type")
    if not isinstance(type, str) or type not in TRIGGERS:
        raise CannotPlan(f"The trigger needs a 'type': use one of {', '.join(TRIGGERS)}.")
    member = TRIGGERS[type]
    of = plan.trigger.get(member)
    if type == "event" and (not isinstance(of, str) or not of.strip()):
        raise CannotPlan("A trigger of type 'event' needs 'event': say the name of one.")
    if type == "segment" and (isinstance(of, bool) or not isinstance(of, int) or find_segment(part, str(of)) is None):
        raise CannotPlan("A trigger of type 'segment' needs 'segment_id': say the number of one that is there.")
    return {"type": type, member: of.strip() if isinstance(of, str) else of}


def run(part: Part, payload: dict[str, Any]) -> None:
    """Run a campaign for a person, if both are still there."""
    campaign = part.collection(CAMPAIGNS).get(payload["campaign"])
    person = part.collection(PEOPLE).get(payload["person"])
    if campaign is None or person is None:
        return
    sent = _mail(part, campaign, person, payload) if campaign["mail"] is not None else []
    part.keep_run(
        kind="campaign",
        name=campaign["name"],
        trigger={**payload["trigger"], "campaign_id": campaign["number"]},
        contact=people.title(person),
        messages=sent,
    )


def _mail(part: Part, campaign: Document, person: Document, payload: dict[str, Any]) -> list[str]:
    """Make and send the mail; its id if it went out."""
    email, mail = person["attributes"].get("email"), campaign["mail"]
    delivery = add_delivery(
        part,
        person,
        {
            "id": delivery_id(part),
            "type": "email",
            "recipient": email or people.title(person),
            "to": [email] if email else [],
            "subject": mail["subject"],
            "metrics": {"created": int(part.clock.now())},
            "campaign_id": campaign["number"],
            "action_id": campaign["number"],
            "journey_id": ulid(part, part.clock.now()),
            "trigger_event_id": payload["trigger"].get("event_id"),
            "archived": {"body": mail["html"], "from": mail["sender"]},
            "more": {"body_plain": mail["text"], "event": payload["event"]},
            "draft": False,
            "send_to_unsubscribed": False,
            "forget": False,
        },
    )
    return [delivery["id"]] if delivering.send(part, delivery) else []


TASKS = {"run_campaign": run}
