"""Every method of the three clients, once: none is forgotten, each does well, and each fails as the vendor has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.customerio_node.support import (
    LOOKUPS,
    OTHERS,
    PIPELINES,
    PLANNED,
    READS,
    REFERENCE,
    SENDS,
    TRACK,
    TRACK_WITH_MORE,
    app_error,
    not_found,
    one_error,
    track_error,
)

pytestmark = pytest.mark.client

LOOKED_UP = {method: arguments for method, (arguments, _) in LOOKUPS.items()}


def steps(client, methods):
    return [[client, method, *arguments] for method, arguments in methods.items()]


def test_none_is_forgotten(node):
    variables = {"KEY": "k", "URL": "http://127.0.0.1", "STEPS": "[]", "METHODS": "1"}
    (track, api, pipelines), _ = node(Path(__file__).parent / "drive.mjs", **variables)
    assert set(track) == {*TRACK, *TRACK_WITH_MORE}
    assert set(api) == {*READS, *LOOKUPS, *OTHERS, *SENDS, *PLANNED, "resourceBase"}
    assert set(pipelines) == {*PIPELINES, "envelope"}


def test_each_does_well(drive):
    run = drive(*steps("track", TRACK), *steps("pipelines", PIPELINES), *steps("api", READS), *steps("api", SENDS))
    assert len(run.oks) == len(TRACK) + len(PIPELINES) + len(READS) + len(SENDS)


def test_each_finds_nothing(drive):
    run = drive(*steps("api", LOOKED_UP))
    expected = [not_found(what) if what else app_error(404, f"not found{REFERENCE}") for _, what in LOOKUPS.values()]
    assert dict(zip(LOOKUPS, run.answers, strict=True)) == dict(zip(LOOKUPS, expected, strict=True))


def test_each_says_that_it_is_not_there_yet(drive):
    run = drive(*steps("api", PLANNED))
    assert [(one["status"], one["message"]) for one in run.answers] == [(501, "Unknown error")] * len(PLANNED)
    assert all("lookalike does not implement" in one["body"] for one in run.answers)
    assert run.waits == []


def test_a_bad_key(drive):
    """Reads, lookups and the sends; the addresses of the vendor are for everybody."""
    methods = {**READS, **LOOKED_UP, **OTHERS}
    run = drive(*steps("api", methods), *steps("api", SENDS), *steps("track", TRACK), key="invalid")
    answers = iter(run.answers)
    for method in methods:
        answer = next(answers)
        if method == "getIpAddresses":
            assert "ip_addresses" in answer["ok"]
            continue
        assert (answer["status"], answer["message"]) == (401, "Unknown error"), method
        assert json.loads(answer["body"])["errors"][0]["status"] == "401"
    assert [next(answers) for _ in SENDS] == [one_error(401, "Unauthorized")] * len(SENDS)
    assert list(answers) == [track_error(401, "Unauthorized request")] * len(TRACK)


def test_a_bad_write_key(drive):
    strict = drive(*steps("pipelines", PIPELINES), key="invalid", strictMode=True)
    assert [one["status"] for one in strict.answers] == [401] * len(PIPELINES)
    lax = drive(*steps("pipelines", PIPELINES), key="invalid")
    assert lax.oks == [{}] * len(PIPELINES)
