"""Every method of `CustomerIO`: what it returns, and what the workspace holds then."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from customerio import CustomerIO, CustomerIOException, Regions

from tests.clients.customerio_python.conftest import KEY

pytestmark = pytest.mark.client

NOW = 1_767_603_600


@pytest.fixture
def person(read):
    """Attributes, devices and `unsubscribed` of a person, or None."""

    def ask(id, id_type="id"):
        status, body = read(f"/v1/customers/{id}/attributes", id_type=id_type)
        if status == 404:
            return None
        found = body["customer"]
        attributes = {name: value for name, value in found["attributes"].items() if name != "cio_id"}
        return attributes, found["devices"], found["unsubscribed"]

    return ask


def done(answer):
    return (answer.status_code, answer.text) == (200, "{}\n")


def test_identify(cio, person):
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    assert done(cio.identify(id="ann", email="ann@x.co", created_at=joined, seats=5, ratio=math.nan, vip=True))
    told = {"id": "ann", "email": "ann@x.co", "created_at": str(int(joined.timestamp())), "seats": "5", "vip": "true"}
    assert person("ann") == (told, [], False)
    assert done(cio.identify(id="ann", unsubscribed=True))
    assert person("ann") == ({**told, "unsubscribed": "true"}, [], True)


def test_identify_by_address_and_by_odd_ids(cio, person):
    for id in ("ann@x.co", "a/b c+d", 7):
        assert done(cio.identify(id=id, plan="pro"))
    assert person("ann@x.co", "email") == ({"email": "ann@x.co", "plan": "pro"}, [], False)
    assert person("a%2Fb%20c%2Bd") == ({"id": "a/b c+d", "plan": "pro"}, [], False)
    assert person("7") == ({"id": "7", "plan": "pro"}, [], False)


def test_track(cio, happened):
    cio.identify(id="ann")
    at = datetime.fromtimestamp(NOW - 60, UTC)
    assert done(cio.track("ann", "purchase", {"price": 23.45}, timestamp=at))
    assert done(cio.track(customer_id="ann", name="visit"))
    assert done(cio.pageview("ann", "/pricing", referrer="x"))
    assert done(cio.backfill("ann", "signup", NOW - 86400, source="old"))
    told = [one for one in happened("ann") if one[0] in ("event", "page")]
    assert sorted(told, key=str) == [
        ("event", "purchase", {"price": 23.45}),
        ("event", "signup", {"source": "old"}),
        ("event", "visit", {}),
        ("page", None, {"referrer": "x"}),
    ]


def test_an_event_is_taken_once(cio, happened):
    for _ in range(2):
        assert done(cio.track("ann", "purchase", id="01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    assert [one[1] for one in happened("ann") if one[0] == "event"] == ["purchase"]


def test_anonymous_events_find_their_person(cio, happened):
    assert done(cio.track_anonymous("anon-1", "visit", {"page": 1}))
    assert done(cio.track_anonymous(None, "invite", {"recipient": "bob@x.co"}))
    cio.identify(id="ann", anonymous_id="anon-1")
    assert ("event", "visit", {"page": 1}) in happened("ann")


def test_delete(cio, person):
    cio.identify(id="ann")
    assert done(cio.delete("ann"))
    assert person("ann") is None
    assert done(cio.delete("ann"))


def test_devices(cio, person):
    assert done(cio.add_device("ann", "token/1", "ios", last_used=5))
    assert done(cio.add_device("ann", "token2", "android"))
    devices = [
        {"id": "token/1", "platform": "ios", "last_used": 5, "attributes": {}},
        {"id": "token2", "platform": "android", "last_used": NOW, "attributes": {}},
    ]
    assert person("ann") == ({"id": "ann"}, devices, False)
    assert done(cio.delete_device("ann", "token/1"))
    assert done(cio.delete_device("ann", "token/1"))
    assert person("ann") == ({"id": "ann"}, devices[1:], False)


def test_suppress(cio, person):
    cio.identify(id="ann", email="ann@x.co")
    assert done(cio.suppress("ann"))
    cio.identify(id="ann")
    cio.identify(id="ann@x.co")
    assert person("ann") is person("ann@x.co", "email") is None
    assert done(cio.unsuppress("ann"))
    cio.identify(id="ann")
    assert person("ann") == ({"id": "ann"}, [], False)


@pytest.mark.parametrize("kind", ["id", "email", "cio_id"])
def test_merge(cio, read, person, kind):
    for id in ("ann", "bob"):
        cio.identify(id=id, email=f"{id}@x.co", **{f"only_{id}": 1})
    known = {name: read("/v1/customers", email=f"{name}@x.co")[1]["results"][0][kind] for name in ("ann", "bob")}
    assert done(cio.merge_customers(kind, known["ann"], kind, known["bob"]))
    assert person("ann") == ({"id": "ann", "email": "ann@x.co", "only_ann": "1", "only_bob": "1"}, [], False)
    assert person("bob") is None


def test_batch(cio, person):
    good = {"type": "person", "action": "identify", "identifiers": {"id": "ann"}, "attributes": {"plan": "pro"}}
    assert done(cio.batch([good]))
    assert person("ann") == ({"id": "ann", "plan": "pro"}, [], False)
    bad = {"type": "person", "action": "identify"}
    answer = cio.batch([{**good, "identifiers": {"id": "bob"}}, bad])
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["batch_index"], error["field"]) == (207, 1, "identifiers")
    assert person("bob") == ({"id": "bob", "plan": "pro"}, [], False)


def test_the_european_host(workspace):
    with CustomerIO(f"{KEY}~{workspace}", "secret", region=Regions.EU) as cio:
        assert done(cio.identify(id="ann"))


def test_without_a_pool(workspace, person):
    cio = CustomerIO(f"{KEY}~{workspace}", "secret", use_connection_pooling=False)
    assert done(cio.identify(id="ann"))
    assert person("ann") is not None


def refused(call, status, text):
    with pytest.raises(CustomerIOException) as caught:
        call()
    told = str(caught.value)
    assert told.startswith(f"{status}: https://track.customer.io/")
    assert told.endswith(text)


def meta(text):
    return f'{{\n  "meta": {{\n    "error": "{text}"\n  }}\n}}\n'


def errors(*texts):
    lines = ",\n".join(f'      "{text}"' for text in texts)
    return f'{{\n  "meta": {{\n    "errors": [\n{lines}\n    ]\n  }}\n}}\n'


def test_what_is_refused(cio):
    long = "value for attribute 'about' cannot be longer than 1000 bytes"
    refused(lambda: cio.identify(id="ann", about="x" * 1001), 400, errors(long))
    refused(lambda: cio.track("ann", ""), 400, errors("name is required"))


@pytest.mark.parametrize(
    "call",
    [
        lambda cio: cio.identify(id="ann"),
        lambda cio: cio.track("ann", "visit"),
        lambda cio: cio.track_anonymous("a", "visit"),
        lambda cio: cio.pageview("ann", "/"),
        lambda cio: cio.backfill("ann", "visit", 5),
        lambda cio: cio.delete("ann"),
        lambda cio: cio.add_device("ann", "t", "ios"),
        lambda cio: cio.delete_device("ann", "t"),
        lambda cio: cio.suppress("ann"),
        lambda cio: cio.unsuppress("ann"),
        lambda cio: cio.merge_customers("id", "a", "id", "b"),
        lambda cio: cio.batch([{"type": "person", "action": "delete", "identifiers": {"id": "a"}}]),
    ],
)
def test_a_bad_key(workspace, call):
    with CustomerIO(f"{KEY}_invalid~{workspace}", "secret") as cio:
        refused(lambda: call(cio), 401, meta("Unauthorized request"))


def test_what_the_package_refuses_itself(cio, asked):
    for call in (
        lambda: cio.identify(id=""),
        lambda: cio.track(None, "x"),
        lambda: cio.add_device("ann", "", "ios"),
        lambda: cio.merge_customers("phone", "a", "id", "b"),
        lambda: cio.batch([]),
    ):
        with pytest.raises(CustomerIOException):
            call()
    assert asked() == []
