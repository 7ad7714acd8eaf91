"""Every method of the class `Resend` of `autosendjs/resend`, a Resend look-alike in front of AutoSend."""

from __future__ import annotations

from tests.clients.autosend.support import NO_CONTACT, NOW, TAKEN, UNAUTHORIZED, invalid, problem
from tests.support import OBJECT_ID, UUID


def ok(**data):
    return {"data": data, "error": None}


def refused(name, message, status=None):
    error = {"name": name, "message": message}
    return {"data": None, "error": error if status is None else {**error, "statusCode": status}}


def internal(message):
    """Whatever went wrong with a contact, the class calls it a 500."""
    return refused("internal_server_error", message, 500)


def test_both_resources(autosend, outbox):
    seen = autosend("resend.mjs")
    readers = seen.pop("list")["data"]["id"]
    ann = seen["create"]["data"]["id"]
    contact = {
        "id": ann,
        "email": "ann@example.com",
        "firstName": "Ann",
        "lastName": "Lee",
        "createdAt": NOW,
        "unsubscribed": False,
        "properties": {"plan": "pro"},
    }
    no_subject = invalid(("subject", "Subject is required"))
    no_content = invalid(("html", "Provide html, text or templateId"))
    assert seen == {
        "create": ok(id=OBJECT_ID),
        "get": ok(**contact),
        "get by object": ok(**contact),
        "update": ok(id=ann),
        "get updated": ok(**{**contact, "properties": {"plan": "free"}}),
        "get by address": refused("validation_error", "Contact ID is required. Email-based lookup is not supported."),
        "update by id": refused("validation_error", "Email is required for update"),
        "remove by address": refused(
            "validation_error", "Contact ID is required. Email-based removal is not supported."
        ),
        "create taken": internal(TAKEN),
        "create with a bad address": internal(invalid(("email", "Invalid email format"))),
        "update with a bad address": internal(invalid(("email", "Invalid email format"))),
        "remove": ok(deleted=True, contact=ann),
        "remove again": internal(NO_CONTACT),
        "get removed": refused("not_found", NO_CONTACT, 404),
        "send": ok(id=OBJECT_ID),
        "send with all": ok(id=OBJECT_ID),
        "send to several": ok(id=UUID),
        "send to too many": internal("Recipient count 101 exceeds maximum of 100. Split into multiple bulk() calls."),
        "send without a subject": refused("validation_error", no_subject, 400),
        "send several nothing": refused("validation_error", no_content, 400),
        "bad key": refused("missing_api_key", UNAUTHORIZED, 401),
        "bad key for contacts": refused("not_found", UNAUTHORIZED, 404),
        "no permission": refused("invalid_api_key", problem("Forbidden", "FORBIDDEN"), 403),
        "no key": "Missing API key. Pass it to the constructor or set the RESEND_API_KEY environment variable.",
        "key from the environment": ok(id=OBJECT_ID),
    }
    assert readers == OBJECT_ID
    one, all_, first, second = outbox()
    assert (one["from"], one["fromName"], one["to"]) == ("team@example.com", "The team", ["ann@example.org"])
    assert (all_["cc"], all_["bcc"], all_["replyTo"], all_["dynamicData"]) == (
        ["cc@example.org"],
        ["bcc@example.org"],
        "reply@example.com",
        {"name": "Ann"},
    )
    assert [first["to"], second["to"]] == [["a@example.org"], ["b@example.org"]]
    assert first["batchId"] == second["batchId"] == seen["send to several"]["data"]["id"]
