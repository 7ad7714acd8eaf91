"""What the vendor's documents show as examples is what we take, and what they describe."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Client
from tests.vendors.customerio.contract import EXAMPLES, Described, described, faults, operations

PARAMETERS = {"identifier": "42", "device_id": "abc", "delivery_id": "RPILAgUBcRhIBqSfeiIwdIYJKxTY", "form_id": "f1"}

CONTRADICTIONS = {
    "track-Mobile screen view": "described with a required anonymous_id, which belongs to the other operation",
    "pipelines_track-JSON": "described with a required type, which is set by the path",
}
"""Examples that do not have the form that is described for them."""


def _name(example: dict[str, Any]) -> str:
    return f"{example['operation']}-{example['name']}"


def _place(client: Client, example: dict[str, Any]) -> tuple[str, str]:
    operation = next(op for op in client.sandbox.vendors["customerio"].operations if op.id == example["operation"])
    path = operation.paths[0].replace("{segment_id}", "1")
    for name, value in PARAMETERS.items():
        path = path.replace(f"{{{name}}}", value)
    return operation.method, path


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_what_the_vendor_shows_is_taken(track: Described, example: dict[str, Any]) -> None:
    assert track.post("/v1/segments", {"segment": {"name": "Readers"}}).status == 200
    method, path = _place(track, example)
    reply = track(method, path, example["body"])
    assert (reply.status, reply.text) in ((200, "{}\n"), (204, ""))


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_what_the_vendor_shows_is_what_it_describes(track: Described, example: dict[str, Any]) -> None:
    found = described(*_place(track, example))
    assert found is not None
    _, operation, document = found
    wrong = faults(operation["request"], document, example["body"])
    assert bool(wrong) == (_name(example) in CONTRADICTIONS), wrong


def test_every_operation_of_both_documents_is_there(track: Described) -> None:
    ours = {(op.method, op.paths[0]) for op in track.sandbox.vendors["customerio"].operations}
    theirs = {(method, path) for _, method, path, _, _ in operations()}
    assert len(theirs) == 25
    assert theirs <= ours
