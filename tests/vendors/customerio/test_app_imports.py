"""Imports: CSV files read step by step on the workspace's clock."""

from __future__ import annotations

from base64 import b64encode

import pytest

from lookalike.vendors.customerio import imports
from tests.vendors.customerio.audience import invalid, person, thing
from tests.vendors.customerio.bodies import NOW, app_error

PEOPLE = "id,email,plan\n1,a@example.com,pro\n2,,free\n,x@example.com,lost\n"


def file(text):
    return "data:text/csv;base64," + b64encode(text.encode()).decode()


def begin(client, text, **asked):
    reply = client.post("/v1/imports", {"import": {"data_file_url": file(text), **asked}})
    assert reply.status == 200, reply.text
    return reply


def finish(client, text, **asked):
    """The import when it is over."""
    number = begin(client, text, **asked).json["import"]["id"]
    client.clock(advance="5s")
    return client.get(f"/v1/imports/{number}").json["import"]


def shown(number, **more):
    return {
        "id": number,
        "name": "import.csv",
        "description": "",
        "type": "people",
        "identifier": "id",
        "object_type_id": None,
        "data_to_process": "all",
        "people_to_process": "all",
        "rows_to_import": 0,
        "rows_imported": 0,
        "state": "preprocessing",
        "error": "",
        "created_at": NOW,
        "updated_at": NOW,
        **more,
    }


def test_from_the_first_state_to_the_last(client):
    reply = begin(client, PEOPLE, type="people", identifier="id")
    assert reply.json == {"import": shown(1)}
    assert list(reply.json["import"]) == list(shown(1))
    states = ["preprocessed", "validating", "validated", "importing"]
    for second, state in enumerate(states, 1):
        client.clock(advance="1s")
        expected = shown(1, state=state, rows_to_import=3, updated_at=NOW + second)
        assert client.get("/v1/imports/1").json == {"import": expected}
        assert client.get("/v1/customers/1/attributes").status == 404
    client.clock(advance="1s")
    expected = shown(1, state="imported", rows_to_import=3, rows_imported=2, updated_at=NOW + 5)
    assert client.get("/v1/imports/1").json == {"import": expected}
    attributes = client.get("/v1/customers/1/attributes").json["customer"]["attributes"]
    assert (attributes["email"], attributes["plan"]) == ("a@example.com", "pro")
    client.clock(advance="1d")
    assert client.get("/v1/imports/1").json == {"import": expected}


def test_many_rows_are_taken_in_lots(client, monkeypatch):
    monkeypatch.setattr(imports, "LOT", 2)
    number = begin(client, "id\n" + "\n".join("abcde"), type="people", identifier="id").json["import"]["id"]
    client.clock(advance="4900ms")
    for taken in (2, 4):
        client.clock(advance="100ms")
        expected = shown(1, state="importing", rows_to_import=5, rows_imported=taken, updated_at=NOW + 5)
        assert client.get(f"/v1/imports/{number}").json == {"import": expected}
    assert client.get("/v1/customers/e/attributes").status == 404
    client.clock(advance="100ms")
    expected = shown(1, state="imported", rows_to_import=5, rows_imported=5, updated_at=NOW + 5)
    assert client.get(f"/v1/imports/{number}").json == {"import": expected}
    assert client.get("/v1/customers/e/attributes").status == 200


def test_what_an_import_is_called(client):
    asked = {"type": "people", "identifier": "email", "name": "Spring", "description": "All of them"}
    reply = begin(client, PEOPLE, people_to_process="only_new", **asked)
    scope = {"people_to_process": "only_new", "data_to_process": "only_new"}
    assert reply.json == {"import": shown(1, **asked, **scope)}


@pytest.mark.parametrize(
    ("scope", "taken", "plans"),
    [
        ({}, 2, ["pro", "free"]),
        ({"people_to_process": "all"}, 2, ["pro", "free"]),
        ({"people_to_process": "only_new"}, 1, ["old", "free"]),
        ({"data_to_process": "only_existing"}, 1, ["pro", None]),
    ],
)
def test_new_people_or_those_who_are_there(client, scope, taken, plans):
    person(client, "1", plan="old")
    done = finish(client, PEOPLE, type="people", identifier="id", **scope)
    assert (done["state"], done["rows_imported"]) == ("imported", taken)
    found = client.post("/v1/customers/attributes", {"ids": ["1", "2"]}).json["customers"]
    held = {one["customer"]["id"]: one["customer"]["attributes"]["plan"] for one in found}
    assert [held.get("1"), held.get("2")] == plans


def test_people_by_email(client):
    done = finish(client, PEOPLE, type="people", identifier="email")
    assert done["rows_imported"] == 2
    found = client.get("/v1/customers?email=x@example.com").json["results"]
    assert [one["id"] for one in found] == [None]


def test_an_empty_cell_leaves_things_as_they_are(client):
    person(client, "1", plan="pro")
    finish(client, "id,plan\n1,\n", type="people", identifier="id")
    assert client.get("/v1/customers/1/attributes").json["customer"]["attributes"]["plan"] == "pro"


def test_events(client):
    text = f"id,name,timestamp,price\n1,buy,{NOW - 60},5\n2,view,,\n1,,,\n,buy,,\n"
    done = finish(client, text, type="event", identifier="id")
    assert (done["rows_to_import"], done["rows_imported"]) == (4, 2)
    (bought,) = client.get("/v1/customers/1/activities?type=event").json["activities"]
    assert (bought["name"], bought["timestamp"], bought["data"]) == ("buy", NOW - 60, {"price": "5"})
    (viewed,) = client.get("/v1/customers/2/activities?type=event").json["activities"]
    assert (viewed["name"], viewed["timestamp"], viewed["data"]) == ("view", NOW + 5, {})


def test_objects(client):
    thing(client, "1", "acme", size="1")
    text = "object_id,size\nacme,9\nnew,3\n,4\n"
    done = finish(client, text, type="object", object_type_id=1, data_to_process="only_new")
    assert (done["identifier"], done["object_type_id"], done["rows_imported"]) == (None, "1", 1)
    sizes = [client.get(f"/v1/objects/1/{id}/attributes").json["object"]["attributes"] for id in ("acme", "new")]
    assert sizes == [{"size": "1"}, {"size": "3"}]


def test_relationships(client):
    cio_id = person(client, "1")
    text = f"cio_id,object_id,role\n{cio_id},acme,owner\nd9c1ffffffff,acme,nobody\n{cio_id},,none\n"
    done = finish(client, text, type="relationship", identifier="cio_id", object_type_id="1")
    assert (done["rows_to_import"], done["rows_imported"]) == (3, 1)
    (found,) = client.get("/v1/customers/1/relationships").json["cio_relationships"]
    assert (found["identifiers"]["object_id"], found["attributes"]) == ("acme", {"role": "owner"})


@pytest.mark.parametrize(
    ("url", "name", "error"),
    [
        ("https://files.example.com/a/people.csv?key=1", "people.csv", "unable to download file"),
        ("nowhere", "nowhere", "unable to download file"),
        ("data:text/csv;base64,%%%", "import.csv", "unable to read file"),
        ('data:text/csv,id%0A"1"x', "import.csv", "unable to read file"),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_import(client, url, name, error):
    body = {"import": {"data_file_url": url, "type": "people", "identifier": "id"}}
    assert client.post("/v1/imports", body).json == {"import": shown(1, name=name)}
    client.clock(advance="5s")
    done = client.get("/v1/imports/1").json["import"]
    assert done == shown(1, name=name, state="failed", error=done["error"], updated_at=NOW + 1)
    assert done["error"].startswith(error)


ASKED = {"data_file_url": "data:,id", "type": "people", "identifier": "id"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, invalid("/import")),
        ({"import": {}}, invalid("/import/data_file_url", "/import/type")),
        ({"import": {**ASKED, "type": "devices"}}, invalid("/import/type")),
        ({"import": {**ASKED, "data_to_process": "some"}}, invalid("/import/data_to_process")),
        ({"import": {**ASKED, "identifier": "phone"}}, invalid("/import/identifier")),
        ({"import": {**ASKED, "identifier": "cio_id"}}, app_error(400, "identifier must be one of id, email")),
        ({"import": {**ASKED, "identifier": None}}, app_error(400, "identifier must be one of id, email")),
        (
            {"import": {**ASKED, "type": "relationship", "identifier": None}},
            app_error(400, "identifier must be one of id, email, cio_id"),
        ),
        ({"import": {**ASKED, "type": "object"}}, app_error(400, "identifier cannot be used for objects")),
        (
            {"import": {"data_file_url": "data:,id", "type": "object"}},
            app_error(400, "object_type_id is required"),
        ),
        ({"import": {**ASKED, "object_type_id": "x"}}, app_error(400, "object_type_id is invalid")),
        (
            {"import": {**ASKED, "people_to_process": "all", "data_to_process": "all"}},
            app_error(400, "people_to_process and data_to_process cannot be used together"),
        ),
    ],
)
def test_malformed(client, body, expected):
    reply = client.post("/v1/imports", body)
    assert (reply.status, reply.json) == (400, expected)
    assert client.get("/v1/imports/1").status == 404


@pytest.mark.parametrize("id", ["9", "x"])
def test_unknown_ones(client, id):
    reply = client.get(f"/v1/imports/{id}")
    assert (reply.status, reply.json) == (404, app_error(404, "import not found"))
