"""`lookalike segments`: what it prints, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from click.testing import Result

from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.terminal import lines

START = "2026-01-01T00:00:00.000Z"


pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def server() -> Iterator[Server]:
    chosen = {"port": 0, "fixture": "none", "seed": 1, "vendor": ("segmailer",)}
    with Server(Settings.model_validate(chosen)) as made:
        yield made


@pytest.fixture
def segment(server: Server, run: Callable[..., Result]) -> str:
    """Its id; Ann is in it."""
    lines(run("clock", "freeze", START))

    def post(path: str, body: Any) -> Any:
        headers = {"Authorization": "Bearer key"}
        request = Request(f"{server.url}/segmailer{path}", json.dumps(body).encode(), headers)
        with urlopen(request) as answer:
            return json.load(answer)

    rule = {"and": [{"attribute": "plan", "op": "eq", "value": "Pro"}, {"not": {"attribute": "gone", "op": "exists"}}]}
    made = post("/api/v2/segments", {"name": "Pro users", "filter": rule})
    post("/api/v2/contacts", {"identifier": {"email": "ann@example.com"}, "attributes": {"plan": "Pro"}})
    return str(made["id"])


def test_none(run: Callable[..., Result]) -> None:
    assert lines(run("segments")) == ["no segments with a rule"]


def test_list(run: Callable[..., Result], segment: str) -> None:
    assert lines(run("segments")) == [f"segmailer  default  {segment}  Pro users  1  {START}"]
    assert lines(run("segments", "--workspace", "other")) == ["no segments with a rule"]
    [shown] = json.loads(lines(run("segments", "list", "--vendor", "seg*", "--json"))[0])["segments"]
    assert (shown["id"], shown["count"]) == (segment, 1)


def test_why(run: Callable[..., Result], segment: str) -> None:
    assert lines(run("segments", "why", segment, "ann@example.com")) == [
        "ann@example.com is in Pro users",
        "  + all",
        '    + attributes.plan equals "Pro" (seen: "Pro")',
        "    + not",
        "      - attributes.gone exists (seen: null)",
        f"{START}  entered  the contact was made",
    ]
    assert json.loads(lines(run("segments", "why", segment, "ann@example.com", "--json"))[0])["member"] is True


def test_lag(run: Callable[..., Result], segment: str) -> None:
    assert lines(run("segments", "lag")) == ["default  0s"]
    assert lines(run("segments", "lag", "1500ms")) == ["default  1.5s"]
    assert lines(run("segments", "lag", "2m", "--workspace", "w")) == ["w  120s"]
    assert json.loads(lines(run("segments", "lag", "--json"))[0]) == {
        "lag": 1.5,
        "workspaces": {"default": 1.5, "w": 120.0},
    }


def test_what_fails(run: Callable[..., Result], segment: str) -> None:
    for arguments, sentence in (
        (("why", segment, "bob"), "There is no contact 'bob': name it by its address or id."),
        (("why", "x", "bob"), "There is no segment 'x' with a rule: GET /_lookalike/segments lists them."),
        (
            ("lag", "soon"),
            "Member 'lag' cannot be used: 'soon' is not a duration: write for example 8d, 1h30m or 250ms.",
        ),
    ):
        result = run("segments", *arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"lookalike: {sentence}\n")
