"""Ten tests of a newsletter. Each has a sandbox of its own; nothing waits, and nothing leaves this machine."""

import pytest
from newsletter import Newsletter, Unavailable

PRO_READERS = """
groups:
  - {name: Pro readers, where: {field: plan, type: string, op: equals, value: pro}}
properties:
  - {name: plan, type: string}
"""


@pytest.fixture
def newsletter(lookalike):
    lookalike.autosend.env()  # AUTOSEND_BASE_URL and AUTOSEND_API_KEY, for this test
    yield Newsletter(sleep=lookalike.advance)  # to wait is to move the sandbox's clock
    lookalike.expect.no_unhandled()


def test_a_reader_is_welcomed(newsletter, lookalike):
    assert newsletter.sign_up("ann@example.com", "Ann")
    lookalike.expect.request("autosend", "create_contact", body={"email": "ann@example.com"}, count=1)
    lookalike.expect.message("ann@example.com", subject="Welcome, Ann", count=1)


def test_nobody_is_welcomed_twice(newsletter, lookalike):
    assert newsletter.sign_up("ann@example.com", "Ann")
    assert not newsletter.sign_up("ann@example.com", "Ann")
    lookalike.expect.message("ann@example.com", count=1)


def test_a_rate_limit_is_waited_for(newsletter, lookalike):
    lookalike.freeze("2026-01-01T00:00:00Z")
    lookalike.fail("autosend", "create_contact", "rate_limited", times=2)
    assert newsletter.sign_up("ann@example.com", "Ann")
    assert lookalike.now > "2026-01-01T00:00:01Z"


@pytest.mark.parametrize("trouble", ["503x2, ok", "reset, ok", "empty, truncate=10, ok", "garbage", "latency=100"])
def test_a_mail_goes_out_all_the_same(newsletter, lookalike, trouble):
    lookalike.fault(script=trouble, operation="send_email")
    newsletter.send("ann@example.com", "January", "<p>News</p>")
    lookalike.expect.message("ann@example.com", subject="January")


@pytest.mark.lookalike(faults=[{"fault": "unavailable", "operation": "create_contact"}])
def test_an_outage_is_told(newsletter, lookalike):
    with pytest.raises(Unavailable):
        newsletter.sign_up("ann@example.com", "Ann")
    lookalike.expect.request("autosend", "create_contact", status=503, count=3)
    lookalike.expect.message(count=0)


def test_an_answer_that_comes_too_late(newsletter, lookalike):
    with lookalike.fault("timeout=5"), pytest.raises(Unavailable):
        Newsletter(timeout=0.1).sign_up("ann@example.com", "Ann")
    assert newsletter.sign_up("bob@example.com", "Bob")


@pytest.mark.lookalike(fixture=PRO_READERS)
def test_who_pays_is_in_the_segment(newsletter, lookalike):
    newsletter.sign_up("ann@example.com", "Ann", plan="pro")
    newsletter.sign_up("bob@example.com", "Bob")
    lookalike.expect.contact("ann@example.com").in_segment("Pro readers")
    lookalike.expect.contact("bob@example.com").not_in_segment("Pro readers")


@pytest.mark.lookalike(fixture="demo", seed=7)
def test_readers_come_in_pages(newsletter, lookalike):
    assert len(set(newsletter.readers())) == 60
    lookalike.expect.request("autosend", "search_list_contacts", count=3)


def test_an_address_that_bounced_gets_nothing_more(newsletter, lookalike):
    newsletter.sign_up("ann@example.com", "Ann")
    lookalike.happen(lookalike.messages()[0], "bounced")
    newsletter.send("ann@example.com", "January", "<p>News</p>")
    assert lookalike.messages(subject="January")[0]["status"] == "suppressed"


def test_others_are_told_of_new_readers(newsletter, lookalike):
    crm = lookalike.sink("crm")  # a receiver, as long as there is none of your own
    crm.answers("500")  # at first it fails, then it answers 200
    newsletter.tell(crm.url)
    newsletter.sign_up("ann@example.com", "Ann")
    crm.wait()
    lookalike.advance("1h")  # AutoSend tries again after a while; nobody waits for it
    assert [one["json"]["type"] for one in crm.received()] == ["contact.created", "contact.created"]
