"""Mail that comes in: how it arrives, is listed and read, and its files."""

from __future__ import annotations

import pytest

from tests.support import Like, wsgi
from tests.vendors.autosend.arrived import (
    ATTACHMENT_ID,
    DESK,
    FILE,
    INBOUND,
    INVALID,
    MAIL,
    NO_FILE,
    NO_MAIL,
    PDF,
    REPLY,
    arrive,
    headers,
    subjects,
    told,
    whole,
)
from tests.vendors.autosend.bodies import NOBODY, NOT_FOUND, START, error, held, ok, pagination


class TestArriving:
    def test_a_bare_mail(self, client):
        mail = arrive(client)
        assert mail == whole(id=mail["id"], headers=headers(mail["messageId"]))
        assert client.get(f"{INBOUND}/{mail['id']}").json == ok(mail)
        assert list(client.get(f"{INBOUND}/{mail['id']}").json["data"])[:4] == [
            "id",
            "providerMessageId",
            "messageId",
            "domainName",
        ]

    def test_a_mail_with_everything(self, client):
        more = {
            "to": ["Desk <desk@support.example.com>", "boss@example.com"],
            "cc": ["Cy <cy@example.org>"],
            "reply_to": ["ann@home.example.org"],
            "text": "Where is it?",
            "html": "<p>Where is it?</p>",
            "headers": {"Message-ID": "<abc@mail.example.org>", "X-Mailer": "Pine"},
            "attachments": [FILE, {"filename": "empty", "content": ""}],
        }
        mail = arrive(client, **more)
        first = {"filename": "receipt.pdf", "contentType": "application/pdf", "size": len(PDF), "index": 0}
        second = {"filename": "empty", "contentType": "application/octet-stream", "size": 0, "index": 1}
        written = {
            **headers("<abc@mail.example.org>", cc="Cy <cy@example.org>", reply_to="ann@home.example.org"),
            "to": "Desk <desk@support.example.com>, boss@example.com",
            "x-mailer": "Pine",
        }
        assert mail == whole(
            id=mail["id"],
            messageId="<abc@mail.example.org>",
            to=[{**DESK, "name": "Desk"}, {"email": "boss@example.com", "name": None}],
            cc=[{"email": "cy@example.org", "name": "Cy"}],
            replyTo=[{"email": "ann@home.example.org", "name": None}],
            text="Where is it?",
            html="<p>Where is it?</p>",
            headers=written,
            attachments=[{"attachmentId": ATTACHMENT_ID, **first}, {"attachmentId": ATTACHMENT_ID, **second}],
        )
        assert client.get(f"{INBOUND}/{mail['id']}").json == ok(mail)

    def test_webhooks_are_told(self, client):
        hook = {"url": "https://hooks.example.com/x", "events": ["email.received"]}
        assert client.post("/v1/webhooks", hook).status == 201
        mail = arrive(client, text="Hi", attachments=[FILE])
        for status in ("PROCESSING", "FAILED", "BLOCKED_UNVERIFIED", "BLOCKED_UNROUTED"):
            assert arrive(client, status=status)["status"] == status
        names = ("id", "messageId", "domainName", "from", "to", "cc", "subject", "threadId", "inReplyTo")
        names += ("inReplyToEmailActivityId", "inReplyToInboundEmailId", "receivedAt")
        data = {name: mail[name] for name in names}
        assert told(client) == [{"type": "email.received", "createdAt": START, "data": data}]

    def test_another_workspace_has_its_own(self, client):
        other = client.as_key("AS_lookalike~other")
        mail = arrive(client, workspace="other")
        assert other.get(f"{INBOUND}/{mail['id']}").status == 200
        assert subjects(client) == []

    @pytest.mark.parametrize(
        ("change", "status", "sentence"),
        [
            ({"from": None}, 400, "Member 'from' cannot be used: input should be a valid string."),
            ({"from": "ann"}, 400, "'ann' is no address: write ann@example.com or Ann Lee <ann@example.com>."),
            ({"to": []}, 400, "Member 'to' is empty: name the address at which the mail arrives."),
            ({"from": "ann@x"}, 409, "'ann@x' is no address for AutoSend: use one like ann@example.com."),
            (
                {"status": "LOST"},
                409,
                "AutoSend has no status 'LOST': use one of PROCESSED, PROCESSING, FAILED, BLOCKED_UNVERIFIED, "
                "BLOCKED_UNROUTED.",
            ),
            (
                {"in_reply_to": NOBODY},
                409,
                f"There is no mail '{NOBODY}' to reply to: give its id, or a Message-ID in <...>.",
            ),
            (
                {"attachments": [{"filename": "a", "content": "?"}]},
                400,
                "Member 'attachments.0.content' cannot be used: this is no base64.",
            ),
            (
                {"workspace": "a b"},
                400,
                "Member 'workspace' cannot be used: a workspace's name has 1 to 64 letters, digits, dots, dashes and "
                "underscores.",
            ),
        ],
    )
    def test_what_cannot_arrive(self, client, change, status, sentence):
        before = held(client)
        reply = client.control("POST", "/inbound", {**MAIL, **change})
        assert (reply.status, reply.json) == (status, {"error": sentence})
        assert held(client) == before


class TestThreads:
    def test_an_answer_to_what_came_in(self, client):
        first = arrive(client)
        answer = arrive(client, in_reply_to=first["id"])
        again = arrive(client, headers={"In-Reply-To": answer["messageId"]})
        chain = f"{first['messageId']} {answer['messageId']}"
        for mail, before, references in ((answer, first, first["messageId"]), (again, answer, chain)):
            assert mail == whole(
                id=mail["id"],
                headers=headers(mail["messageId"], in_reply_to=before["messageId"], references=references),
                threadId=first["id"],
                inReplyTo=before["messageId"],
                inReplyToInboundEmailId=before["id"],
            )

    def test_an_answer_to_what_was_sent(self, client):
        body = {"from": {"email": "us@example.com"}, "to": {"email": "ann@example.org"}, "subject": "Hi", "text": "x"}
        sent = client.post("/v1/mails/send", body).json["data"]["emailId"]
        one, two = arrive(client, in_reply_to=sent), arrive(client, in_reply_to=f"<{sent}@autosend.email>")
        for mail in (one, two):
            answered = f"<{sent}@autosend.email>"
            assert mail == whole(
                id=mail["id"],
                headers=headers(mail["messageId"], in_reply_to=answered, references=answered),
                threadId=sent,
                inReplyTo=answered,
                inReplyToEmailActivityId=sent,
            )

    def test_an_answer_to_our_reply_stays_in_the_thread(self, client):
        first = arrive(client)
        ours = client.post(f"{INBOUND}/{first['id']}/reply", REPLY).json["data"]["emailId"]
        mail = arrive(client, in_reply_to=ours)
        assert (mail["threadId"], mail["inReplyToEmailActivityId"]) == (first["id"], ours)
        assert mail["headers"]["references"] == f"{first['messageId']} <{ours}@autosend.email>"

    def test_an_answer_to_what_nobody_knows(self, client):
        mail = arrive(client, in_reply_to="<old@elsewhere.example>")
        references = "<old@elsewhere.example>"
        assert mail == whole(
            id=mail["id"],
            inReplyTo=references,
            headers=headers(mail["messageId"], in_reply_to=references, references=references),
        )


class TestListing:
    def test_nothing(self, client):
        assert client.get(INBOUND).json == ok({"items": [], "pagination": pagination(1, 50, 0, 0)})

    def test_items(self, client):
        mail = arrive(client, text="Hi", cc=["cy@example.org"], attachments=[FILE])
        item = {name: mail[name] for name in ("id", "messageId", "domainName", "from", "to", "cc", "subject", "status")}
        item |= {"attachmentCount": 1, "receivedAt": START}
        assert client.get(INBOUND).json == ok({"items": [item], "pagination": pagination(1, 50, 1, 1)})

    def test_pages_to_the_end(self, client):
        for number in range(5):
            arrive(client, f"Mail {number}")
        seen = []
        for page in (1, 2, 3, 4):
            data = client.get(f"{INBOUND}?page={page}&limit=2").json["data"]
            assert data["pagination"] == pagination(page, 2, 5, 3)
            seen.append([item["subject"] for item in data["items"]])
        assert seen == [["Mail 4", "Mail 3"], ["Mail 2", "Mail 1"], ["Mail 0"], []]
        data = client.get(f"{INBOUND}?page=2&limit=2&search=MAIL").json["data"]
        assert [item["subject"] for item in data["items"]] == ["Mail 2", "Mail 1"]
        assert data["pagination"] == pagination(2, 2, 5, 3)

    @pytest.fixture
    def box(self, client):
        thread = arrive(client, "One")["id"]
        client.clock(advance="1h")
        arrive(client, "Two", **{"from": "bob@example.org"}, cc=["cy@example.org"], in_reply_to=thread)
        client.clock(advance="1h")
        arrive(client, "Three", to=["Sales@support.example.com", "desk@support.example.com"])
        arrive(client, "Spam", status="BLOCKED_UNROUTED")
        return client, thread

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["Three", "Two", "One"]),
            ("includeBlocked=true", ["Spam", "Three", "Two", "One"]),
            ("includeBlocked=true&search=S", ["Spam"]),
            ("includeBlocked=false&search=spam", []),
            ("from=ANN.lee@example.org", ["Three", "One"]),
            ("from=ann@example.org", []),
            ("to=sales@support.example.com", ["Three"]),
            ("to=DESK@support.example.com", ["Three", "Two", "One"]),
            ("to=cy@example.org", []),
            ("threadId={thread}", ["Two", "One"]),
            ("threadId=unknown", []),
            ("search=T", ["Three", "Two"]),
            ("search=", ["Three", "Two", "One"]),
            ("dateFrom=2026-03-17T11:30:00.000Z", ["Three", "Two"]),
            ("dateFrom=2026-03-17T13:30:00.001%2B02:00", ["Three"]),
            ("dateTo=2026-03-17T11:30:00.000Z", ["Two", "One"]),
            ("dateTo=2026-03-17", []),
            ("dateFrom=2026-03-17T10:30:00.001Z&dateTo=2026-03-17T12:29:59.999Z", ["Two"]),
            (f"domainId={NOBODY}", []),
            ("page=2&limit=2", ["One"]),
            ("page=1&limit=200", ["Three", "Two", "One"]),
            ("unknown=1", ["Three", "Two", "One"]),
        ],
    )
    def test_filters(self, box, query, expected):
        client, thread = box
        assert subjects(client, query.format(thread=thread)) == expected

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=201",
            "limit=many",
            "page=0",
            "from=ann",
            "to=",
            "domainId=1",
            "dateFrom=yesterday",
            "dateTo=",
            "includeBlocked=perhaps",
            "search=" + 201 * "x",
        ],
    )
    def test_bad_queries(self, client, query):
        reply = client.get(f"{INBOUND}?{query}")
        assert (reply.status, reply.json) == (400, INVALID)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", f"/{NOBODY}", 404, NO_MAIL),
        ("GET", "/missing", 400, INVALID),
        ("GET", f"/{NOBODY}/attachments/0", 404, NO_MAIL),
        ("GET", "/missing/attachments/0", 400, INVALID),
        ("GET", f"/{NOBODY}/attachments/first", 400, INVALID),
        ("GET", f"/{NOBODY}/attachments/-1", 400, INVALID),
        ("GET", f"/{NOBODY}/attachments/0?download=perhaps", 400, INVALID),
        ("POST", f"/{NOBODY}/reply", 404, NO_MAIL),
        ("POST", "/missing/reply", 400, INVALID),
    ],
)
def test_ids_of_nothing(client, method, path, status, body):
    arrive(client)
    reply = client(method, INBOUND + path, *([REPLY] if method == "POST" else []))
    assert (reply.status, reply.json) == (status, body)


def test_a_key_is_needed(client):
    mail = arrive(client, attachments=[FILE])
    for path in ("", f"/{mail['id']}", f"/{mail['id']}/attachments/0", f"/{mail['id']}/attachments/0?download=true"):
        reply = client.as_key("").get(INBOUND + path)
        assert (reply.status, reply.json) == (401, error("Unauthorized", "UNAUTHORIZED"))
        assert client.as_key("").get(INBOUND + path, headers={"x-api-key": "as_key"}).status == 200


class TestFiles:
    GONE = error("This link is unknown or has expired", "NOT_FOUND")

    @pytest.fixture
    def mail(self, client):
        return arrive(client, attachments=[FILE, {**FILE, "filename": 'Ä "b".txt', "content_type": "text/plain"}])

    def link(self, client, mail, ref=0):
        reply = client.get(f"{INBOUND}/{mail['id']}/attachments/{ref}")
        assert reply.status == 200, reply.text
        return reply.json["data"]["downloadUrl"]

    def fetch(self, client, link, **more):
        return wsgi(client.app, "GET", link.removeprefix("http://127.0.0.1:7357"), b"", more)

    def test_a_link(self, client, mail):
        known = mail["attachments"][0]
        expected = {name: known[name] for name in ("attachmentId", "filename", "contentType", "size")}
        expected["downloadUrl"] = Like(r"http://127\.0\.0\.1:7357/autosend/v1/inbound/files/[^/?#]+")
        expected["expiresIn"] = 900
        for ref in ("0", "00", known["attachmentId"]):
            assert client.get(f"{INBOUND}/{mail['id']}/attachments/{ref}").json == ok(expected)

    @pytest.mark.parametrize("ref", ["2", "9" * 5000, NOBODY, f"att_{NOBODY}"])
    def test_no_such_file(self, client, mail, ref):
        reply = client.get(f"{INBOUND}/{mail['id']}/attachments/{ref}")
        assert (reply.status, reply.json) == (404, NO_FILE)

    def test_the_file_behind_a_link(self, client, mail):
        reply = self.fetch(client, self.link(client, mail))
        assert (reply.status, reply.raw) == (200, PDF)
        assert reply.headers["content-type"] == "application/pdf"
        assert reply.headers["content-disposition"] == 'attachment; filename="receipt.pdf"'

    def test_the_file_itself(self, client, mail):
        reply = client.get(f"{INBOUND}/{mail['id']}/attachments/1?download=true")
        assert (reply.status, reply.raw, reply.headers["content-type"]) == (200, PDF, "text/plain")
        expected = 'attachment; filename="? \\"b\\".txt"; filename*=UTF-8\'\'%C3%84%20%22b%22.txt'
        assert reply.headers["content-disposition"] == expected

    def test_a_link_works_for_15_minutes(self, client, mail):
        link = self.link(client, mail)
        client.clock(advance="899s")
        assert self.fetch(client, link).status == 200
        client.clock(advance="1s")
        reply = self.fetch(client, link)
        assert (reply.status, reply.json) == (404, self.GONE)
        assert self.fetch(client, self.link(client, mail)).status == 200

    def test_a_link_finds_its_workspace(self, client):
        other = client.as_key("AS_lookalike~other")
        mail = arrive(client, workspace="other", attachments=[FILE])
        link = self.link(other, mail)
        assert link.endswith("~other")
        assert self.fetch(client, link).raw == PDF
        assert self.fetch(client, link, Authorization="Bearer AS_lookalike").raw == PDF
        reply = self.fetch(client, link.replace("~other", "~third"))
        assert (reply.status, reply.json) == (404, self.GONE)

    @pytest.mark.parametrize(
        "token",
        ["", ".", "x", "{id}.0.{until}", "{id}.1.{until}.{signature}", "{id}.0.9{until}.{signature}", "x{token}"],
    )
    def test_a_link_that_was_tampered_with(self, client, mail, token):
        link = self.link(client, mail)
        told = link.rpartition("/")[2]
        id, _, until, signature = told.split(".")
        made = token.format(id=id, until=until, signature=signature, token=told)
        reply = self.fetch(client, link.replace(told, made))
        assert (reply.status, reply.json) == (404, self.GONE if made else NOT_FOUND)


def test_account_keys_name_their_project(client):
    reply = client.as_key("ASA_key").get(INBOUND)
    detail = {"field": "x-project-id", "message": "x-project-id header is required for account API keys"}
    assert (reply.status, reply.json) == (400, error("Validation failed", "VALIDATION_FAILED", details=[detail]))
