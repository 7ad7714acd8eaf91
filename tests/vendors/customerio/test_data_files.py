"""Files that requests name by URL: carried along, or fetched from this machine."""

from __future__ import annotations

import gzip

import pytest

from lookalike.vendors.customerio import data_files
from tests.receiver import Receiver, Reply, unused_port
from tests.vendors.customerio.audience import person
from tests.vendors.customerio.bodies import app_error

PACKED = (("Content-Encoding", "gzip"),)
ROWS = '[{"a": 1}, {"a": 2}]'


@pytest.fixture
def files():
    with Receiver().listening() as listening:
        yield listening


def create(client, url):
    return client.post("/v1/collections", {"name": "Rows", "url": url})


def content(client):
    return client.get("/v1/collections/1/content").json


def test_a_collection(client, files):
    files.answers(Reply(200, ROWS), Reply(200, "a\n3\n"))
    path = f"http://localhost:{files.port}/rows%20of.json?x=1"
    assert create(client, path).json["collection"]["rows"] == 2
    assert content(client) == [{"a": 1}, {"a": 2}]
    assert client.put("/v1/collections/1", {"url": f"{files.url}.csv"}).status == 200
    assert content(client) == [{"a": "3"}]
    asked = [(one.method, one.path, one.headers["host"]) for one in files.received]
    assert asked == [
        ("GET", "/rows%20of.json?x=1", f"localhost:{files.port}"),
        ("GET", "/hook.csv", f"127.0.0.1:{files.port}"),
    ]


def test_an_import(client, files):
    files.answers(Reply(200, "id,plan\nann,pro\n"))
    asked = {"data_file_url": f"{files.url}/people.csv", "type": "people", "identifier": "id"}
    assert client.post("/v1/imports", {"import": asked}).json["import"]["name"] == "people.csv"
    client.clock(advance="5s")
    assert client.get("/v1/imports/1").json["import"]["rows_imported"] == 1
    assert client.get("/v1/customers/ann/attributes").json["customer"]["attributes"]["plan"] == "pro"


def test_a_broadcast(client, files):
    person(client, "ann", email="ann@x.co")
    files.answers(Reply(200, '{"id": "ann", "data": {"a": 1}}\n'))
    assert client.post("/v1/campaigns/3/triggers", {"data_file_url": files.url}).json == {"id": 1}
    (kept,) = client.control("GET", "/messages").json["messages"]
    assert (kept["to"], kept["trigger"]) == (["ann@x.co"], {"a": 1})


def test_a_file_that_is_packed(client, files):
    files.answers(Reply(200, gzip.compress(ROWS.encode()), PACKED))
    assert create(client, files.url).status == 200
    assert content(client) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(200, "not packed", PACKED), "unable to download file: it is no gzip"),
        (Reply(200, gzip.compress(b"x" * 101), PACKED), "unable to download file: it is too large, or not whole"),
        (Reply(200, gzip.compress(b"[]")[:-4], PACKED), "unable to download file: it is too large, or not whole"),
        (Reply(404, "none"), "unable to download file: 127.0.0.1:{port} answered 404"),
        (
            Reply(302, "", (("Location", "http://127.0.0.1/"),)),
            "unable to download file: 127.0.0.1:{port} answered 302",
        ),
        (Reply(200, "x" * 101), "unable to download file: it is too large, or too slow"),
    ],
)
def test_what_is_no_file(client, files, reply, why, monkeypatch):
    monkeypatch.setattr(data_files, "LARGEST", 100)
    files.answers(reply)
    answer = create(client, files.url)
    assert (answer.status, answer.json) == (400, app_error(400, why.format(port=files.port)))
    assert client.get("/v1/collections").json == {"collections": []}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/rows.json",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/rows",
        "http://user@127.0.0.1/",
        "ftp://127.0.0.1/rows",
        "file:///etc/passwd",
        "http://[::ffff:10.0.0.1]/",
    ],
)
def test_elsewhere(client, url):
    why = "unable to download file: the sandbox fetches files from this machine alone"
    reply = create(client, url)
    assert (reply.status, reply.json) == (400, app_error(400, why))


def test_nobody_there(client):
    reply = create(client, f"http://127.0.0.1:{unused_port()}/")
    assert reply.status == 400
    assert "unable to download file: " in reply.text
    assert "refused" in reply.text


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/collections/7"), ("POST", "/v1/campaigns/1000/triggers")])
def test_what_is_not_there_is_told_before(client, files, method, path):
    """Nothing is fetched for a request that comes to nothing."""
    assert client(method, path, {"url": files.url, "data_file_url": files.url}).status == 404
    assert files.received == []


def test_a_reset_meanwhile(client, files):
    files.answers(Reply(200, ROWS, before=lambda _: client.control("POST", "/reset", {}) and None))
    reply = create(client, files.url)
    assert (reply.status, reply.json) == (503, app_error(503, "the workspace was reset meanwhile"))
    assert client.get("/v1/collections").json == {"collections": []}
