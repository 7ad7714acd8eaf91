"""What a stop leaves of a SegMailer workspace: all of it, and what time will do to it."""

from __future__ import annotations

from tests.receiver import answering
from tests.vendors.segmailer.bodies import START, emails, make_segment, make_webhook, upsert, where
from tests.vendors.segmailer.test_engagement import happen, message

READS = (
    "/api/v2/contacts", "/api/v2/contacts?status=unsubscribed", "/api/v2/contacts/ann@example.com/segments",
    "/api/v2/contacts/ann@example.com/events", "/api/v2/segments", "/api/v2/attributes", "/api/v2/webhooks",
    "/api/v2/workflows",
)  # fmt: skip


def test_everything_lasts_and_goes_on(sandbox, tmp_path):
    store = f"tinydb:{tmp_path}/state.json"
    client = sandbox("segmailer", store=store)
    client.clock(freeze=START)
    upsert(client, "ann@example.com", {"at": "2026-03-20T10:30:00Z", "plan": "pro", "tags": ["a"]})
    upsert(client, "bob@example.com", {"plan": 1}, status="unsubscribed")
    client.post("/v1/events", {"identifier": {"email": "ann@example.com"}, "event": "x", "data": {"n": 1}})
    soon = make_segment(client, "Soon", where("at", "within_next", {"amount": 1, "unit": "days"}))
    openers = make_segment(client, "Openers", {"engagement": "opened_campaign"})
    make_webhook(client, "http://localhost:1/hook")
    happen(client, message(client, "ann@example.com"), "opened")
    before = [client.get(path).json for path in READS]
    client.sandbox.close()

    again = sandbox("segmailer", store=store)
    assert [again.get(path).json for path in READS] == before
    assert emails(again, f"/api/v2/segments/{openers}/contacts") == ["ann@example.com"]
    assert emails(again, f"/api/v2/segments/{soon}/contacts") == []
    again.sandbox.outbox.exchange = answering(200)
    again.settle()
    [delivery] = again.sandbox.workspace("default").deliveries.newest_first()
    assert (delivery["event"], delivery["status"]) == ("email.opened", "delivered")
    again.clock(advance="2d")
    assert emails(again, f"/api/v2/segments/{soon}/contacts") == ["ann@example.com"]
    assert upsert(again, "ann@example.com", {"at": None})["segments"] == [{"id": openers, "name": "Openers"}]
    again.sandbox.close()
