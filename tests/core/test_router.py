"""A path leads to one operation: fixed segments come before parameters, and the method decides last."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lookalike.addressing import SLASH
from lookalike.router import Router


def _declared(method: str, *paths: str) -> Any:
    """As much of an operation as a router looks at."""
    return SimpleNamespace(method=method, paths=paths, also=(), id=f"{method} {paths[0]}")


ROUTER = Router(
    [
        _declared("GET", "/things", "/api/things"),
        _declared("POST", "/things"),
        _declared("GET", "/things/{id}", "/api/things/{id}"),
        _declared("DELETE", "/things/{thing_id}"),
        _declared("POST", "/things/search"),
        _declared("GET", "/things/{id}/parts/{part}"),
        _declared("GET", "/things/search/parts/all"),
        _declared("GET", "/page/{token}/"),
    ]
)


def _matched(method: str, path: str, router: Router = ROUTER) -> Any:
    call: Any = SimpleNamespace(method=method, path=path, operation=None, params={}, allowed=())
    router.match(call)
    return call


@pytest.mark.parametrize(
    ("method", "path", "operation", "params"),
    [
        ("GET", "/things", "GET /things", {}),
        ("HEAD", "/things", "GET /things", {}),
        ("GET", "/api/things", "GET /things", {}),
        ("GET", "/things/7", "GET /things/{id}", {"id": "7"}),
        ("HEAD", "/things/7", "GET /things/{id}", {"id": "7"}),
        ("DELETE", "/things/7", "DELETE /things/{thing_id}", {"thing_id": "7"}),
        ("POST", "/things/search", "POST /things/search", {}),
        # The fixed one has no GET, the parameter takes its place.
        ("GET", "/things/search", "GET /things/{id}", {"id": "search"}),
        ("GET", "/things/search/parts/all", "GET /things/search/parts/all", {}),
        ("GET", "/things/search/parts/7", "GET /things/{id}/parts/{part}", {"id": "search", "part": "7"}),
        ("GET", f"/things/a{SLASH}b/parts/c{SLASH}", "GET /things/{id}/parts/{part}", {"id": "a/b", "part": "c/"}),
        ("GET", "/page/x/", "GET /page/{token}/", {"token": "x"}),
    ],
)
def test_found(method: str, path: str, operation: str, params: dict[str, str]) -> None:
    call = _matched(method, path)
    assert (call.operation.id, call.params, call.allowed) == (operation, params, ())


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/things", ("GET", "HEAD", "POST")),
        ("POST", "/api/things", ("GET", "HEAD")),
        ("PUT", "/things/7", ("DELETE", "GET", "HEAD")),
        ("PUT", "/things/search", ("DELETE", "GET", "HEAD", "POST")),
        ("GET", "/", ()),
        ("GET", "/other", ()),
        ("GET", "/things/", ()),
        ("GET", "//things", ()),
        ("GET", "/things//parts/7", ()),
        ("GET", "/things/7/parts", ()),
        ("GET", "/things/7/parts/8/9", ()),
        ("GET", "/page/x", ()),
        ("GET", "/page//", ()),
    ],
)
def test_not_found(method: str, path: str, allowed: tuple[str, ...]) -> None:
    call = _matched(method, path)
    assert (call.operation, call.params, call.allowed) == (None, {}, allowed)
