"""What an operation declares, and that `coverage.yaml` tells the same story as the code."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lookalike.coverage import STATES
from lookalike.routes import Operation, Routes
from lookalike.stores import Resource
from tests.every_vendor.worlds import NAMES, OPERATIONS, VENDORS, operation_id

WITHOUT_A_JSON_BODY: dict[tuple[str, str], str] = {
    ("opensend", "delete_api_key"): "an empty body",
    ("opensend", "export_suppressions"): "CSV",
    ("opensend", "show_unsubscribe_page"): "a page",
    ("opensend", "submit_unsubscribe_page"): "a page",
    ("opensend", "get_received_email"): "nothing: no mail is ever received here",
    ("opensend", "list_received_email_attachments"): "nothing: no mail is ever received here",
    ("opensend", "get_received_email_attachment"): "nothing: no mail is ever received here",
    ("autosend", "download_inbound_file"): "a file",
    ("customerio", "download_file"): "CSV",
    ("customerio", "show_preferences"): "a page",
    ("customerio", "save_preferences"): "a page",
}
"""Operations whose success has no JSON body, and what it has instead; that of a 204 goes without saying."""


@pytest.mark.parametrize("case", OPERATIONS, ids=operation_id)
def test_an_operation_says_what_it_is(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    assert operation.summary.endswith("."), "the docstring's first paragraph is one sentence"
    assert re.match(r"https://\S+", operation.doc)
    assert operation.source in ("S", "D", "I")
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", operation.id)
    without = operation.status == 204 or (vendor, operation.id) in WITHOUT_A_JSON_BODY
    assert (operation.returns is None) == without, "declare `returns`, or say here what there is instead"


@pytest.mark.parametrize("name", NAMES)
def test_no_two_operations_share_an_id_or_a_route(name: str) -> None:
    operations = VENDORS[name].operations
    ids = [operation.id for operation in operations]
    assert len(ids) == len(set(ids))
    routes = [
        (operation.method, re.sub(r"\{[^}]+\}", "{}", path)) for operation in operations for path in operation.paths
    ]
    assert len(routes) == len(set(routes))


@pytest.mark.parametrize("name", NAMES)
def test_coverage_lists_exactly_the_registered_operations(name: str) -> None:
    entries = VENDORS[name].coverage.entries
    registered = {operation.id: (operation.method, operation.paths) for operation in VENDORS[name].operations}
    listed = {entry.id: (entry.method, entry.paths) for entry in entries if entry.state != "planned"}
    assert listed == registered


@pytest.mark.parametrize("name", NAMES)
def test_a_planned_operation_has_no_route(name: str) -> None:
    registered = {(operation.method, path) for operation in VENDORS[name].operations for path in operation.paths}
    planned = {
        (entry.method, path)
        for entry in VENDORS[name].coverage.entries
        if entry.state == "planned"
        for path in entry.paths
    }
    assert planned.isdisjoint(registered)


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_the_coverage_is_complete(name: str) -> None:
    entries = VENDORS[name].coverage.entries
    assert len({entry.id for entry in entries}) == len(entries)
    wrong = [
        entry.id
        for entry in entries
        if entry.state not in STATES
        or entry.source not in ("S", "D", "I")
        or not entry.doc.startswith("https://")
        or not entry.paths
        or (entry.state != "full" and not entry.why)
    ]
    assert not wrong, "state, source, doc, paths, and a why for every gap"


@pytest.mark.parametrize("name", NAMES)
def test_coverage_counts_add_up(name: str) -> None:
    counts = VENDORS[name].coverage.counts()
    assert counts["documented"] == counts["full"] + counts["partial"] + counts["planned"]
    assert counts["full"] + counts["partial"] == len(VENDORS[name].operations)


def declared(name: str, kind: type) -> Iterator[Any]:
    """What the modules of a vendor's package make of a kind."""
    package = importlib.import_module(VENDORS[name].package)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        held = vars(importlib.import_module(found.name)).values()
        yield from (one for one in held if isinstance(one, kind))


@pytest.mark.parametrize("name", NAMES)
def test_every_collection_and_every_route_is_the_vendors(name: str) -> None:
    """What is left out would be lost by snapshots, resets and restarts, or never be answered."""
    resources = VENDORS[name].resources
    assert {one.name for one in declared(name, Resource)} == {one.name for one in resources}
    assert len({one.name for one in resources}) == len(resources)
    assert {id(one) for one in declared(name, Routes)} == {id(one) for one in VENDORS[name].modules}
