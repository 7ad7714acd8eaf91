"""Transactional sends: what each channel asks for, what becomes of a message, and whom it belongs to."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.vendors.customerio.bodies import CIO_ID, DELIVERY, NOW, meta_error

ANN = {"id": "ann"}
EMAIL = {"to": "ann@x.co", "identifiers": ANN, "transactional_message_id": 3}
INLINE = {"to": "ann@x.co", "identifiers": ANN, "body": "<p>Hi</p>", "subject": "Hello", "from": "Team <team@x.co>"}
PUSH = {"identifiers": ANN, "transactional_message_id": 3}
PHONE = {"to": "+15551234567", "identifiers": ANN, "transactional_message_id": 3}

CHANNELS = {
    "email": (EMAIL, "email", "ann@x.co"),
    "push": (PUSH, "push", "all"),
    "sms": (PHONE, "twilio", "+15551234567"),
    "whatsapp": (PHONE, "whatsapp", "+15551234567"),
    "in_app": (PUSH, "in_app", "ann"),
    "inbox_message": (PUSH, "in_app", "ann"),
}
"""Channel -> the least that it takes, the type of the delivery, its recipient."""

ARRIVING = {"email", "sms", "whatsapp"}
QUEUED = {"delivery_id": DELIVERY, "queued_at": NOW}
NOT_JSON = meta_error("Request entity must be JSON encoded and not exceed 2048 KB.")


def send(client, body, channel="email"):
    """The delivery's id."""
    reply = client.post(f"/v1/send/{channel}", body)
    assert reply.status == 200, reply.text
    return reply.json["delivery_id"]


def message(client, id):
    return client.get(f"/v1/messages/{id}").json["message"]


def metrics(client, id):
    return message(client, id)["metrics"]


def outbox(client):
    """What was sent, oldest first."""
    return client.control("GET", "/messages").json["messages"][::-1]


def activities(client, person="ann"):
    """Types of what is told of a person, oldest first."""
    found = client.get(f"/v1/customers/{person}/activities?limit=100").json["activities"]
    return [one["type"] for one in reversed(found)]


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel(client, channel):
    body, type, recipient = CHANNELS[channel]
    reply = client.post(f"/v1/send/{channel}", body)
    assert (reply.status, reply.json) == (200, QUEUED)
    id = reply.json["delivery_id"]
    arrived = {"delivered": NOW} if channel in ARRIVING else {}
    assert message(client, id) == {
        "id": id,
        "deduplicate_id": f"{id}:{NOW}",
        "message_template_id": None,
        "msg_template_id": None,
        "customer_id": "ann",
        "customer_identifiers": {"email": None, "id": "ann", "cio_id": CIO_ID},
        "recipient": recipient,
        "subject": None,
        "metrics": {"created": NOW, "sent": NOW, **arrived},
        "created": NOW,
        "failure_message": None,
        "campaign_id": None,
        "action_id": None,
        "parent_action_id": None,
        "newsletter_id": None,
        "content_id": None,
        "broadcast_id": None,
        "trigger_event_id": None,
        "forgotten": False,
        "type": type,
    }
    told = [f"attempted_{type}", f"sent_{type}", *([f"delivered_{type}"] if arrived else [])]
    assert activities(client) == ["profile_create", "attribute_change", *told]


def test_what_is_in_the_outbox(client):
    body = {
        **INLINE,
        "to": 'ann@x.co, "Ray, Bob" <bob@x.co>,',
        "cc": "cc@x.co",
        "bcc": "bcc@x.co",
        "fake_bcc": False,
        "reply_to": "reply@x.co",
        "preheader": "Look",
        "body_plain": "Hi",
        "body_amp": "<html amp>",
        "headers": {"X-One": "1"},
        "message_data": {"order": 7},
        "language": "fr",
        "tracked": False,
        "attachments": {"a.txt": b64encode(b"text").decode()},
        "disable_css_preprocessing": True,
        "send_to_unsubscribed": True,
    }
    id = send(client, body)
    (kept,) = outbox(client)
    assert kept == {
        "id": id,
        "vendor": "customerio",
        "workspace": "default",
        "channel": "email",
        "from": "Team <team@x.co>",
        "to": ["ann@x.co", "bob@x.co"],
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "Hi",
        "created_at": "2026-01-05T09:00:00.000Z",
        "events": [
            {
                "type": "delivered",
                "at": "2026-01-05T09:00:00.000Z",
                "recipients": ["ann@x.co", "bob@x.co", "cc@x.co", "bcc@x.co"],
            }
        ],
        "cc": ["cc@x.co"],
        "bcc": ["bcc@x.co"],
        "customer": {"email": None, "id": "ann", "cio_id": CIO_ID},
        "transactional_message_id": 1,
        "broadcast_id": None,
        "campaign_id": None,
        "body": "<p>Hi</p>",
        "headers": '{"X-One":"1"}',
        "preheader_text": "Look",
        **{name: body[name] for name in ("fake_bcc", "reply_to", "body_plain", "body_amp", "message_data", "language")},
        **{
            name: body[name]
            for name in ("subject", "tracked", "attachments", "disable_css_preprocessing", "send_to_unsubscribed")
        },
    }
    assert client.get(f"/v1/messages/{id}/archived_message").json == {
        "archived_message": {
            "id": id,
            "body": "<p>Hi</p>",
            "from": "Team <team@x.co>",
            "reply_to": "reply@x.co",
            "recipient": "ann@x.co, bob@x.co",
            "subject": "Hello",
            "cc": "cc@x.co",
            "bcc": "bcc@x.co",
            "fake_bcc": False,
            "preheader_text": "Look",
            "url": None,
            "request_method": None,
            "headers": '{"X-One":"1"}',
            "forgotten": False,
        }
    }


def test_nothing_is_kept_if_so_asked(client):
    id = send(client, {**INLINE, "disable_message_retention": True})
    archived = client.get(f"/v1/messages/{id}/archived_message").json["archived_message"]
    assert (archived["body"], archived["from"]) == (None, None)
    assert [one["html"] for one in outbox(client)] == ["<p>Hi</p>"]


def test_a_time_that_is_past_is_now(client):
    reply = client.post("/v1/send/email", {**EMAIL, "send_at": NOW - 5})
    assert reply.json == QUEUED
    assert metrics(client, reply.json["delivery_id"])["sent"] == NOW


@pytest.mark.parametrize(
    ("headers", "kept"),
    [({}, None), ([], None), ("", None), ('{"X-One":1}', '{"X-One":1}'), ({"X-One": 1}, '{"X-One":1}')],
)
def test_headers_come_as_text_or_data(client, headers, kept):
    id = send(client, {**EMAIL, "headers": headers})
    assert client.get(f"/v1/messages/{id}/archived_message").json["archived_message"]["headers"] == kept


# --- whom it belongs to ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["id", "email", "cio_id"])
def test_it_belongs_to_whom_the_identifiers_name(client, kind):
    client.put("/api/v1/customers/ann", {"email": "Ann@x.co"})
    known = client.get("/v1/customers?email=ann@x.co").json["results"][0]
    sent = [send(client, {**EMAIL, "to": f"new{n}@x.co", "identifiers": {kind: known[kind]}}) for n in (1, 2)]
    mine = client.get("/v1/customers/ann/messages").json["messages"]
    assert [(one["id"], one["recipient"]) for one in mine] == [(sent[1], "new2@x.co"), (sent[0], "new1@x.co")]
    assert client.get("/v1/customers?email=new1@x.co").json == {"results": []}
    assert client.post("/v1/customers", {"filter": {"attribute": {"field": "cio_id", "operator": "exists"}}}).json[
        "identifiers"
    ] == [known]


@pytest.mark.parametrize(
    ("identifiers", "person"),
    [
        ({"id": 7}, {"email": None, "id": "7", "cio_id": CIO_ID}),
        ({"email": "new@x.co"}, {"email": "new@x.co", "id": None, "cio_id": CIO_ID}),
    ],
)
def test_somebody_new_becomes_a_person(client, identifiers, person):
    id = send(client, {**EMAIL, "identifiers": identifiers})
    assert message(client, id)["customer_identifiers"] == person


def test_somebody_suppressed_gets_nothing(client):
    client.post("/api/v1/customers/ann/suppress")
    id = send(client, EMAIL)
    shown = message(client, id)
    assert (shown["metrics"], shown["customer_identifiers"]) == ({"created": NOW, "undeliverable": NOW}, None)
    assert shown["failure_message"] == "Person is suppressed or does not exist"
    assert outbox(client) == []
    assert client.get("/v1/customers/ann/attributes").status == 404


def test_an_unknown_cio_id_gets_nothing(client):
    id = send(client, {**EMAIL, "identifiers": {"cio_id": "0123456789ab"}})
    assert metrics(client, id) == {"created": NOW, "undeliverable": NOW}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("wanted", [True, False, None])
def test_somebody_unsubscribed(client, channel, wanted):
    client.put("/api/v1/customers/ann", {"unsubscribed": True})
    body, type, _ = CHANNELS[channel]
    id = send(client, body if wanted is None else {**body, "send_to_unsubscribed": wanted}, channel)
    if wanted is False:
        assert metrics(client, id) == {"created": NOW, "undeliverable": NOW}
        assert message(client, id)["failure_message"] == "Person is unsubscribed"
        assert activities(client)[-1] == f"undeliverable_{type}"
        assert outbox(client) == []
    else:
        assert metrics(client, id)["sent"] == NOW
        assert len(outbox(client)) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_draft_is_not_sent(client, channel):
    body, type, _ = CHANNELS[channel]
    id = send(client, {**body, "queue_draft": True}, channel)
    assert metrics(client, id) == {"created": NOW, "drafted": NOW}
    assert activities(client)[-1] == f"drafted_{type}"
    assert outbox(client) == []
    assert client.get("/v1/messages").json["messages"] == []
    assert [one["id"] for one in client.get("/v1/messages?drafts=true").json["messages"]] == [id]


# --- later -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
def test_send_later(client, channel):
    body = {**CHANNELS[channel][0], "send_at": NOW + 3600}
    reply = client.post(f"/v1/send/{channel}", body)
    assert (reply.status, reply.json) == (200, {**QUEUED, "send_at": NOW + 3600})
    id = reply.json["delivery_id"]
    client.clock(advance="59m")
    assert (metrics(client, id), outbox(client)) == ({"created": NOW}, [])
    client.clock(advance="1h")
    assert metrics(client, id)["sent"] == NOW + 3600
    assert [one["created_at"] for one in outbox(client)] == ["2026-01-05T10:00:00.000Z"]


def test_what_counts_is_the_time_of_sending(client):
    id = send(client, {**EMAIL, "send_at": NOW + 60, "send_to_unsubscribed": False})
    client.put("/api/v1/customers/ann", {"unsubscribed": True})
    client.clock(advance="1m")
    assert metrics(client, id) == {"created": NOW, "undeliverable": NOW + 60}


def test_somebody_deleted_meanwhile(client):
    id = send(client, {**EMAIL, "send_at": NOW + 60})
    client.delete("/api/v1/customers/ann")
    client.clock(advance="1m")
    assert metrics(client, id) == {"created": NOW, "undeliverable": NOW + 60}


@pytest.mark.parametrize(("days", "status"), [(90, 200), (91, 400)])
def test_ninety_days_ahead(client, days, status):
    reply = client.post("/v1/send/email", {**EMAIL, "send_at": NOW + days * 86400})
    assert reply.status == status
    if status == 400:
        assert reply.json == meta_error('"send_at" must be within the next 90 days.')


# --- templates -------------------------------------------------------------------------------------------------------


def template(number, name):
    return {
        "id": number,
        "name": name,
        "description": "",
        "send_to_unsubscribed": True,
        "link_tracking": True,
        "open_tracking": True,
        "hide_message_body": False,
        "queue_drafts": False,
        "created_at": NOW,
        "updated_at": NOW,
    }


def test_templates_are_known_from_the_first_send_on(client):
    assert client.get("/v1/transactional").json == {"messages": []}
    for named in ("Welcome", "3", 4, "welcome", " WELCOME ", 3):
        send(client, {**EMAIL, "transactional_message_id": named})
    send(client, {**EMAIL, "transactional_message_id": "goodbye"})
    listed = [
        template(2, "Welcome"),
        template(3, "Transactional message 3"),
        template(4, "Transactional message 4"),
        template(5, "goodbye"),
    ]
    assert client.get("/v1/transactional").json == {"messages": listed}
    assert client.get("/v1/transactional/4").json == {"message": listed[2]}
    assert client.get("/v1/transactional/9").status == 404
    assert len(client.get("/v1/messages?transactional_id=2").json["messages"]) == 3


@pytest.mark.parametrize("named", [0, 1000, "1000", "unknown", "An_Unknown_name", "", -1])
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_template_that_nobody_made(client, channel, named):
    reply = client.post(f"/v1/send/{channel}", {**CHANNELS[channel][0], "transactional_message_id": named})
    missing = meta_error('Missing required field: "transactional_message_id"')
    unknown = meta_error('"transactional_message_id" not found.')
    assert (reply.status, reply.json) == (400, missing if (channel, named) == ("push", "") else unknown)
    assert client.get("/v1/messages").json["messages"] == []
    assert client.get("/v1/customers/ann/attributes").status == 404


def test_auto_create(client):
    body = {**EMAIL, "transactional_message_id": "unknown_yet", "auto_create": True}
    assert client.post("/v1/send/email", body).json == QUEUED
    assert client.get("/v1/transactional").json == {"messages": [template(2, "unknown_yet")]}
    assert client.post("/v1/send/email", {**body, "auto_create": False}).json == QUEUED
    taken = client.post("/v1/send/sms", {**PHONE, "transactional_message_id": "unknown_yet", "auto_create": True})
    assert (taken.status, taken.json) == (400, meta_error('"transactional_message_id" belongs to another channel.'))
    number = client.post("/v1/send/email", {**EMAIL, "transactional_message_id": "1000", "auto_create": True})
    assert (number.status, number.json) == (400, meta_error('"transactional_message_id" not found.'))


# --- what is refused -------------------------------------------------------------------------------------------------


def without(body, *names):
    return {name: value for name, value in body.items() if name not in names}


MISSING = [
    ("email", without(EMAIL, "to", "identifiers"), "to"),
    ("email", {**EMAIL, "to": " "}, "to"),
    ("email", {**EMAIL, "to": None}, "to"),
    ("email", {**EMAIL, "to": ", "}, "to"),
    ("email", without(EMAIL, "identifiers"), "identifiers"),
    ("email", without(INLINE, "body"), "body"),
    ("email", {**INLINE, "subject": ""}, "subject"),
    ("email", without(INLINE, "from"), "from"),
    ("push", without(PUSH, "identifiers"), "identifiers"),
    ("push", without(PUSH, "transactional_message_id"), "transactional_message_id"),
    ("push", {**PUSH, "custom_device": {"platform": "ios"}}, "token"),
    ("sms", without(PHONE, "to"), "to"),
    ("sms", without(PHONE, "transactional_message_id"), "transactional_message_id"),
    ("whatsapp", without(PHONE, "transactional_message_id"), "transactional_message_id"),
    ("in_app", without(PUSH, "identifiers"), "identifiers"),
    ("in_app", without(PUSH, "transactional_message_id"), "transactional_message_id"),
    ("inbox_message", without(PUSH, "transactional_message_id"), "transactional_message_id"),
]


@pytest.mark.parametrize(("channel", "body", "name"), MISSING)
def test_what_is_missing(client, channel, body, name):
    reply = client.post(f"/v1/send/{channel}", body)
    assert (reply.status, reply.json) == (400, meta_error(f'Missing required field: "{name}"'))
    assert outbox(client) == []


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "identifiers", [{}, {"id": "a", "email": "a@x.co"}, {"phone": "+1"}, {"id": ""}, {"id": True}, {"id": {}}]
)
def test_exactly_one_identifier(client, channel, identifiers):
    reply = client.post(f"/v1/send/{channel}", {**CHANNELS[channel][0], "identifiers": identifiers})
    assert (reply.status, reply.json) == (
        400,
        meta_error("identifiers: must have exactly one of id, email or cio_id"),
    )


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null"])
def test_a_body_that_is_no_object(client, channel, body):
    reply = client.post(f"/v1/send/{channel}", body=body)
    assert (reply.status, reply.json) == (400, NOT_JSON)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"to": "ann"}, 'Invalid email address: "ann"'),
        ({"cc": "ann@x.co, bob"}, 'Invalid email address: "bob"'),
        ({"to": '"Ann, x" <ann>'}, 'Invalid email address: ""Ann, x" <ann>"'),
        ({"to": ",".join(["a@x.co"] * 14), "bcc": "b@x.co,c@x.co"}, "Total number of recipients must not exceed 15."),
        ({"attachments": {"a.txt": "no base64!"}}, 'Attachment must be base64 encoded: "a.txt"'),
    ],
)
def test_mails_that_are_refused(client, change, text):
    reply = client.post("/v1/send/email", {**EMAIL, **change})
    assert (reply.status, reply.json) == (400, meta_error(text))
    assert client.get("/v1/messages").json["messages"] == []


def test_fifteen_recipients(client):
    body = {**EMAIL, "to": ",".join(["a@x.co"] * 13), "cc": "b@x.co", "bcc": "c@x.co"}
    assert client.post("/v1/send/email", body).json == QUEUED


def test_programs_are_not_attached(client):
    reply = client.post("/v1/send/email", {**EMAIL, "attachments": {"a.txt": "", "set.up.EXE": ""}})
    assert (reply.status, reply.json) == (403, meta_error("Forbidden file type exe for attachment set.up.EXE."))


@pytest.mark.parametrize(("size", "status"), [(2 * 1024 * 1024, 200), (2 * 1024 * 1024 + 1, 413)])
def test_attachments_have_a_limit(client, size, status):
    halves = [b64encode(b"x" * (size // 2)).decode(), b64encode(b"x" * (size - size // 2)).decode()]
    reply = client.post("/v1/send/email", {**EMAIL, "attachments": dict(zip(("a", "b"), halves, strict=True))})
    assert reply.status == status
    if status == 413:
        assert reply.json == meta_error("Total attachment size exceeds the limit")


# --- push ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last_used", [5, "5"])
def test_a_push_of_ones_own(client, last_used):
    payload = {"ios": {"message": {"aps": {"alert": "Hi"}}}}
    device = {"token": "t1", "platform": "ios", "last_used": last_used, "attributes": {"push_enabled": True}}
    body = {"identifiers": ANN, "custom_payload": payload, "custom_device": device, "to": "last_used", "title": "Hi"}
    id = send(client, body, "push")
    shown = message(client, id)
    assert (shown["recipient"], shown["subject"]) == ("last_used", "Hi")
    assert outbox(client)[0]["custom_payload"] == payload
    assert client.get("/v1/customers/ann/attributes").json["customer"]["devices"] == [
        {"id": "t1", "platform": "ios", "last_used": 5, "attributes": {"push_enabled": "true"}}
    ]


def test_a_device_of_another_platform(client):
    device = {"token": "t1", "platform": "web"}
    body = {"identifiers": ANN, "transactional_message_id": 3, "custom_device": device}
    reply = client.post("/v1/send/push", body)
    assert (reply.status, reply.json) == (
        400,
        meta_error("custom_device.platform: input should be 'ios' or 'android'"),
    )


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["sa_live_1", "sa_sandbox_1"])
def test_a_service_account_names_its_workspace(client, token):
    caller = client.as_key(token)
    refused = caller.post("/v1/send/email", EMAIL)
    assert (refused.status, refused.json) == (400, meta_error("workspace_id is required"))
    reply = caller.post("/v1/send/email", EMAIL, headers={"X-Workspace-Id": "123"})
    assert (reply.status, reply.json) == (200, QUEUED)


@pytest.mark.parametrize(
    ("key", "status", "text"),
    [
        ("", 401, "Unauthorized"),
        ("invalid", 401, "Unauthorized"),
        (
            "restricted",
            403,
            "Account is not authorized for transactional messaging. Contact win@customer.io for support.",
        ),
    ],
)
@pytest.mark.parametrize("channel", CHANNELS)
def test_keys(client, channel, key, status, text):
    reply = client.as_key(key).post(f"/v1/send/{channel}", CHANNELS[channel][0])
    assert (reply.status, reply.json) == (status, meta_error(text))
    assert client.get("/v1/messages").json["messages"] == []


def test_a_hundred_a_second(sandbox):
    client = sandbox("customerio", rate_limits="vendor")
    client.clock(freeze="2026-01-05T09:00:00Z")
    statuses = {client.post("/v1/send/push", PUSH).status for _ in range(100)}
    reply = client.post("/v1/send/push", PUSH)
    assert statuses == {200}
    assert (reply.status, reply.json) == (429, meta_error("rate limited to 100 requests per 1s"))
    assert reply.headers["retry-after"] == "1"


def test_twice_is_two_messages(client):
    assert send(client, EMAIL) != send(client, EMAIL)
    assert len(outbox(client)) == 2


def test_what_is_refused_leaves_nothing(client):
    client.post("/v1/send/email", {**EMAIL, "from": "team@x.co", "transactional_message_id": 1000})
    assert client.get("/v1/sender_identities").json == {"sender_identities": [], "next": ""}
    assert client.get("/v1/transactional").json == {"messages": []}
    assert client.get("/v1/customers/ann/attributes").status == 404


@pytest.mark.parametrize(("channel", "opted"), [("sms", "sms"), ("whatsapp", "whatsapp"), ("sms", "whatsapp")])
def test_somebody_who_opted_out_of_the_sender(client, channel, opted):
    client.put("/api/v1/customers/ann", {})
    optout = {"channel": opted, "from": "+15550001111", "optout": True}
    assert client.put("/v1/customers/ann/optouts", {"optouts": [optout]}).status == 204
    ids = [send(client, {**PHONE, "from": sender}, channel) for sender in ("+15550001111", "+15550002222")]
    ends = [sorted(metrics(client, id)) for id in ids]
    sent = ["created", "delivered", "sent"]
    assert ends == [["created", "undeliverable"] if channel == opted else sent, sent]
    if channel == opted:
        assert message(client, ids[0])["failure_message"] == "Person has opted out of this sender"


TO_ANN = {"to": "ann@x.co", "from": "team@x.co", "identifiers": {"id": "ann"}}


class TestLiquid:
    """What a message says is filled in for its person when it is sent."""

    def test_everything_that_is_said(self, client):
        client.put("/api/v1/customers/ann", {"first_name": "Ann", "plan": "pro"})
        client.post("/v1/snippets", {"name": "footer", "value": "Yours, on {{ customer.plan }}"})
        said = {
            "subject": "Order {{ trigger.order.id }}",
            "body": "<p>{{ customer.first_name }}: {{ trigger.order.total }}</p> {{ snippets.footer }}",
            "body_plain": "{{ customer.first_name | upcase }}",
            "preheader": "{{ trigger.order.id }}",
            "from": "{{ trigger.sender }} <team@x.co>",
            "reply_to": "{{ trigger.order.id }}@x.co",
            "message_data": {"order": {"id": 7, "total": 9.5}, "sender": "Tea"},
        }
        reply = client.post("/v1/send/email", {**TO_ANN, **said})
        (kept,) = outbox(client)
        shown = {name: kept[name] for name in ("subject", "html", "text", "preheader_text", "from", "reply_to")}
        assert shown == {
            "subject": "Order 7",
            "html": "<p>Ann: 9.5</p> Yours, on pro",
            "text": "ANN",
            "preheader_text": "7",
            "from": "Tea <team@x.co>",
            "reply_to": "7@x.co",
        }
        id = reply.json["delivery_id"]
        archived = client.get(f"/v1/messages/{id}/archived_message").json["archived_message"]
        assert (archived["body"], archived["subject"]) == (shown["html"], "Order 7")
        assert client.get(f"/v1/messages/{id}").json["message"]["subject"] == "Order 7"

    def test_what_is_not_there_fails(self, client):
        body = {**TO_ANN, "subject": "Hi {{ customer.first_name }}", "body": "x"}
        id = client.post("/v1/send/email", body).json["delivery_id"]
        message = client.get(f"/v1/messages/{id}").json["message"]
        assert list(message["metrics"]) == ["created", "failed"]
        assert message["failure_message"] == "Liquid error: customer.first_name is not there"
        assert outbox(client) == []
        client.put("/api/v1/customers/ann", {"first_name": "Ann"})
        client.post("/v1/send/email", body)
        assert [kept["subject"] for kept in outbox(client)] == ["Hi Ann"]

    def test_when_its_time_comes(self, client):
        client.put("/api/v1/customers/ann", {"first_name": "Ann"})
        body = {**TO_ANN, "subject": "Hi {{ customer.first_name }}", "body": "x", "send_at": NOW + 60}
        client.post("/v1/send/email", body)
        client.put("/api/v1/customers/ann", {"first_name": "Anna"})
        client.clock(advance="1m")
        assert [kept["subject"] for kept in outbox(client)] == ["Hi Anna"]

    def test_a_push(self, client):
        body = {"title": "{{ trigger.a }}", "message": "{{ customer.id }}", "message_data": {"a": 1}}
        client.post("/v1/send/push", {"identifiers": {"id": "ann"}, "transactional_message_id": 3, **body})
        (kept,) = outbox(client)
        assert (kept["subject"], kept["title"], kept["message"], kept["html"]) == ("1", "1", "ann", "ann")
