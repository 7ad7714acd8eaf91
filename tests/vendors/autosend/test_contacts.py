"""AutoSend contacts."""

from __future__ import annotations

from tests.support import OBJECT_ID, TIME


def test_create_answers_the_contact(sandbox):
    client = sandbox("autosend")
    reply = client.post("/v1/contacts", {"email": "Ann@Example.com", "firstName": "Ann"})
    assert reply.status == 200
    assert reply.json == {
        "success": True,
        "data": {
            "id": OBJECT_ID,
            "email": "ann@example.com",
            "firstName": "Ann",
            "updatedAt": TIME,
            "createdAt": TIME,
            "projectId": OBJECT_ID,
        },
    }
