"""The OpenAPI document: valid for every vendor, and true to the operations it is made from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from openapi_spec_validator import validate
from pydantic import Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.openapi import document
from lookalike.routes import Routes
from lookalike.vendor import Vendor, discover

VENDORS = discover()
URL = "http://127.0.0.1:7357"


def described(vendor: Vendor) -> dict:
    return document(vendor, f"{URL}/{vendor.name}{vendor.base_path}")


def operations(made: dict) -> list[dict]:
    return [operation for path in made["paths"].values() for operation in path.values()]


@pytest.mark.parametrize("name", VENDORS)
def test_the_document_is_valid(name):
    validate(described(VENDORS[name]))


@pytest.mark.parametrize("name", VENDORS)
def test_every_operation_is_in_it_under_each_of_its_paths_and_methods(name):
    vendor, made = VENDORS[name], described(VENDORS[name])
    ids = [operation["operationId"] for operation in operations(made)]
    ways = sum(len(operation.paths) * (1 + len(operation.also)) for operation in vendor.operations)
    assert len(ids) == len(set(ids)) == ways
    assert {operation.id for operation in vendor.operations} <= set(ids)


@pytest.mark.parametrize("name", VENDORS)
def test_server_and_paths_make_the_address_of_every_operation(name):
    vendor, made = VENDORS[name], described(VENDORS[name])
    addresses = {made["servers"][0]["url"] + path for path in made["paths"] if "{" not in path}
    declared = {path for operation in vendor.operations for path in operation.paths if "{" not in path}
    assert addresses == {f"{URL}/{vendor.name}{path}" for path in declared}


@pytest.mark.parametrize("name", VENDORS)
def test_no_reference_leads_nowhere(name):
    made = described(VENDORS[name])

    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else ())
            node = list(node.values())
        for child in node if isinstance(node, list) else ():
            yield from references(child)

    known = {f"#/components/schemas/{schema}" for schema in made["components"]["schemas"]}
    assert set(references(made)) <= known


class Filter(RequestModel):
    limit: int = 20
    after: str | None = Field(default=None, alias="after_id")
    kind: list[str]


class Thing(ResponseModel):
    id: str


class Trouble(ResponseModel):
    error: str


class ThingInput(RequestModel):
    name: str


def sample() -> Vendor:
    routes = Routes("things", doc="https://docs.test/things")

    @routes.get("/v1/things", "/api/things", query=Filter, returns=list[Thing], source="S")
    def list_things(call, query):
        """List things.

        More of it.
        """

    @routes.post("/v1/things", body=ThingInput, returns=Thing, status=201, doc="https://docs.test/create")
    def create_thing(call, body):
        """Create a thing."""

    @routes.delete("/v1/things/{id}", status=204)
    def delete_thing(call, id):
        """Delete a thing."""

    @routes.get("/v1/things/{thing_id}", returns=Thing, public=True)
    def get_thing(call, thing_id):
        """Get a thing."""

    @routes.post("/v1/things/{id}/raw", accepts=ThingInput | list[ThingInput])
    def raw_thing(call, id):
        """Answers no JSON."""

    fields = {"modules": (routes,), "error_model": Trouble, "content_type": "application/json; charset=utf-8"}
    return replace(VENDORS["autosend"], name="sample", title="Sample", base_path="/v1", **fields)


@pytest.fixture(scope="module")
def made() -> dict:
    return document(sample(), f"{URL}/sample/v1")


def test_the_sample_is_valid(made):
    validate(made)


def test_the_head_names_vendor_server_and_key(made):
    assert made["openapi"] == "3.1.0"
    assert made["info"]["title"] == "Sample, as lookalike serves it"
    assert made["servers"] == [{"url": f"{URL}/sample"}], "one path lies outside of /v1"
    assert made["tags"] == [{"name": "things"}]
    assert made["security"] == [{"key": []}]
    assert made["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}


def test_an_operation_with_a_query_and_two_paths(made):
    first, second = made["paths"]["/v1/things"]["get"], made["paths"]["/api/things"]["get"]
    assert first == {
        "operationId": "list_things",
        "summary": "List things.",
        "description": "More of it.",
        "tags": ["things"],
        "x-lookalike-source": "S",
        "parameters": [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": {"default": 20, "title": "Limit", "type": "integer"},
            },
            {
                "name": "after_id",
                "in": "query",
                "required": False,
                "schema": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "After Id"},
            },
            {
                "name": "kind",
                "in": "query",
                "required": True,
                "schema": {"items": {"type": "string"}, "title": "Kind", "type": "array"},
            },
        ],
        "responses": {
            "200": {
                "description": "OK",
                "content": {
                    "application/json": {"schema": {"items": {"$ref": "#/components/schemas/Thing"}, "type": "array"}}
                },
            },
            "default": {
                "description": "The vendor's own error",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trouble"}}},
            },
        },
        "externalDocs": {"url": "https://docs.test/things"},
    }
    assert second == {**first, "operationId": "list_things_2"}


def test_an_operation_with_a_body(made):
    created = made["paths"]["/v1/things"]["post"]
    assert created["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingInput"}}},
    }
    assert list(created["responses"]) == ["201", "default"]
    assert created["externalDocs"] == {"url": "https://docs.test/create"}


def test_paths_that_differ_in_a_name_alone_are_one_path(made):
    path = made["paths"]["/v1/things/{id}"]
    assert list(path) == ["delete", "get"]
    for operation in path.values():
        assert operation["parameters"] == [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert path["delete"]["responses"]["204"] == {"description": "No Content"}
    assert path["get"]["security"] == []
    assert "security" not in path["delete"]


def test_a_body_that_the_handler_reads_itself_is_described_too(made):
    raw = made["paths"]["/v1/things/{id}/raw"]["post"]
    assert list(raw["requestBody"]["content"]["application/json"]["schema"]) == ["anyOf"]
    assert raw["responses"]["200"] == {"description": "OK"}


def test_query_models_are_not_left_behind_as_schemas(made):
    assert sorted(made["components"]["schemas"]) == ["Thing", "ThingInput", "Trouble"]


@pytest.mark.parametrize(
    ("header", "scheme"),
    [
        (("Authorization", "Basic KEY"), {"type": "http", "scheme": "basic"}),
        (("Authorization", "KEY"), {"type": "apiKey", "in": "header", "name": "Authorization"}),
        (("X-Api-Key", "KEY"), {"type": "apiKey", "in": "header", "name": "X-Api-Key"}),
    ],
)
def test_the_key_is_described_as_the_vendor_wants_it(header, scheme):
    vendor = replace(sample(), key_header=lambda _key, _path: header)
    assert document(vendor, URL)["components"]["securitySchemes"] == {"key": scheme}


def test_operations_may_want_the_key_in_another_form():
    def key_header(key, path):
        return ("Authorization", f"Basic {key}") if path.endswith("/raw") else ("Authorization", f"Bearer {key}")

    made = document(replace(sample(), key_header=key_header), URL)
    assert made["security"] == [{"key": []}]
    assert made["components"]["securitySchemes"] == {
        "key": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic"},
    }
    assert made["paths"]["/v1/things/{id}/raw"]["post"]["security"] == [{"basic": []}]
    assert "security" not in made["paths"]["/v1/things/{id}"]["delete"]


def test_where_all_paths_lie_below_the_base_path_the_server_holds_it():
    vendor = VENDORS["autosend"]
    assert document(vendor, f"{URL}/autosend/v1")["servers"] == [{"url": f"{URL}/autosend/v1"}]
