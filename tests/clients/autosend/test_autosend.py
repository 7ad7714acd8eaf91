"""Every method of the class `Autosend`: what it returns, and what the sandbox has then."""

from __future__ import annotations

from tests.clients.autosend.support import NO_CONTACT, NOW, TAKEN, UNAUTHORIZED, failed, invalid, ok, problem
from tests.support import OBJECT_ID, UUID, Like

FORBIDDEN = problem("Forbidden", "FORBIDDEN")


def contact(email, **more):
    return {"id": OBJECT_ID, "email": email, "updatedAt": NOW, "createdAt": NOW, "projectId": OBJECT_ID, **more}


def required(name):
    return problem(f"The '{name}' field is required", "VALIDATION_FAILED", details=[])


def batch(total, failures=0):
    counts = {"totalRecipients": total, "successCount": total - failures, "failedCount": failures}
    return {"batchId": UUID, **counts}


def test_contacts(autosend):
    seen = autosend("contacts.mjs")
    readers = seen["list"]["data"]["id"]
    shown = {"id": OBJECT_ID, "name": "Readers", "type": "list", "contactCount": 0}
    bob = contact("bob@example.com", firstName="Bob", lastName="Ray", userId="user_2")
    bob["customFields"] = {"plan": "pro", "seats": 3}
    cy = contact("cy@example.com")
    page = {"page": 1, "limit": 20, "total": 2, "pages": 1}
    assert seen == {
        "list": ok({**shown, "createdAt": NOW, "updatedAt": NOW}),
        "create": ok(contact("ann@example.com")),
        "create with all": ok({**bob, "listIds": [readers]}),
        "get": ok(contact("ann@example.com")),
        "upsert": ok(contact("ann@example.com", firstName="Ann", customFields={"plan": "free"})),
        "upsert again": ok(contact("ann@example.com", firstName="Ann", customFields={"seats": 1})),
        "upsert another": ok({**cy, "listIds": [readers]}),
        "members": ok({"contacts": [cy, bob], "pagination": page}),
        "delete": ok(),
        "get deleted": failed(NO_CONTACT),
        "delete again": failed(NO_CONTACT),
        "create taken": failed(TAKEN),
        "create without address": failed(invalid(("email", "Email is required"))),
        "create with a bad address": failed(invalid(("email", "Invalid email format"))),
        "create on no list": failed(invalid(("listIds", "Contact list not found: nowhere"))),
        "upsert with a bad address": failed(invalid(("email", "Invalid email format"))),
        "bad key": failed(UNAUTHORIZED),
        "no permission": failed(FORBIDDEN),
    }


def test_emails(autosend, outbox):
    seen = autosend("emails.mjs")
    no_react = "Failed to render React component. Make sure to install `@react-email/render` or "
    no_react += "`@react-email/components`."
    too_many = "Recipient count 101 exceeds maximum of 100. Split into multiple bulk() calls."
    assert seen == {
        "send": ok({"emailId": OBJECT_ID}),
        "send with all": ok({"emailId": OBJECT_ID}),
        "send a template": ok({"emailId": OBJECT_ID}),
        "bulk": ok(batch(100)),
        "bulk with a bad address": ok(batch(1, 1)),
        "send to nobody": failed(required("to"), 400),
        "send from nobody": failed(required("from"), 400),
        "send nothing": failed(invalid(("html", "Provide html, text or templateId")), 400),
        "send to a bad address": failed(invalid(("to.0.email", "Invalid email format")), 400),
        "send a component": failed(no_react),
        "bulk to nobody": failed("At least one recipient is required"),
        "bulk to too many": failed(too_many),
        "bulk from nobody": failed(required("from"), 400),
        "bulk a component": failed(no_react),
        "bad key": failed(UNAUTHORIZED, 401),
        "bad key in bulk": failed(UNAUTHORIZED, 401),
        "no permission": failed(FORBIDDEN, 403),
    }
    one, all_, template, *rest = outbox()
    assert [one["id"], all_["id"], template["id"]] == [
        seen[name]["data"]["emailId"] for name in ("send", "send with all", "send a template")
    ]
    assert (one["to"], one["from"], one["subject"], one["html"]) == (
        ["ann@example.org"],
        "team@example.com",
        "Hello",
        "<p>Hi</p>",
    )
    assert (all_["to"], all_["cc"], all_["bcc"], all_["replyTo"]) == (
        ["p0@example.org", "p1@example.org"],
        ["cc@example.org"],
        ["bcc@example.org"],
        "reply@example.com",
    )
    assert {message["batchId"] for message in rest} == {seen["bulk"]["data"]["batchId"]}
    assert len(rest) == 100


def test_inbound_emails(autosend, receive, outbox):
    first = receive(subject="My order")
    file = {"filename": "note.txt", "content_type": "text/plain", "content": "SGVsbG8="}
    second = receive(subject="Re: My order", text="Well?", in_reply_to=first["id"], attachments=[file])
    seen = autosend("inbound.mjs", first["id"], second["id"])
    assert (second["inReplyTo"], second["threadId"]) == (first["messageId"], first["id"])
    items = [
        {
            **{name: mail[name] for name in ("id", "messageId", "domainName", "from", "to", "cc", "subject", "status")},
            "attachmentCount": count,
            "receivedAt": NOW,
        }
        for mail, count in ((second, 1), (first, 0))
    ]
    [known] = second["attachments"]
    link = {name: known[name] for name in ("attachmentId", "filename", "contentType", "size")}
    link |= {"downloadUrl": Like("http://.+/autosend/v1/inbound/files/.+"), "expiresIn": 900}
    queued = {"emailId": OBJECT_ID, "message": "Reply queued", "status": "QUEUED", "totalRecipients": 2}
    bad = {"message": "Invalid value"}
    assert seen == {
        "list": ok({"items": items, "pagination": {"page": 1, "limit": 50, "total": 2, "pages": 1}}),
        "list by all": ok({"items": items[:1], "pagination": {"page": 1, "limit": 1, "total": 2, "pages": 2}}),
        "list none": ok({"items": [], "pagination": {"page": 1, "limit": 50, "total": 0, "pages": 0}}),
        "list too many": failed(bad, 400),
        "get": ok(second),
        "get missing": failed({"message": "Inbound email not found"}, 404),
        "get no id": failed(bad, 400),
        "attachment": ok(link),
        "attachment by id": ok(link),
        "attachment missing": failed({"message": "Attachment not found"}, 404),
        "file": {"data": [200, "text/plain", "Hello"]},
        "reply": ok(queued),
        "reply from nobody": failed(bad, 400),
        "waits": [],
    }
    [reply] = outbox()
    assert reply["id"] == seen["reply"]["data"]["emailId"]
    assert (reply["to"], reply["cc"], reply["subject"]) == (["ann@example.org"], ["cy@example.org"], "Re: My order")
    assert reply["headers"] == {
        "In-Reply-To": second["messageId"],
        "References": f"{first['messageId']} {second['messageId']}",
    }
