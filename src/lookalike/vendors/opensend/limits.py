"""The rate limits of a deployment that counts in Redis: fixed windows of a minute."""

from __future__ import annotations

from lookalike.call import Call
from lookalike.limits import Limit

FOLDED = {
    "contacts": "contacts",
    "audiences": "segments",
    "segments": "segments",
    "broadcasts": "broadcasts",
    "api-keys": "api-keys",
    "templates": "templates",
}
"""Root families that share their counters with a family under `/api`. The others count for themselves: in the
recordings `/domains` and `/api/domains` do (what holds for domains we take to hold for the rest: I)."""

SENDS = {"/api/emails": 20, "/api/emails/batch": 5}

WINDOW = 60.0


def limits(call: Call) -> tuple[Limit, ...]:
    """One counter for each client address, start of the credential and inner path.

    Reads and writes of a path share it; each is held against the maximum of its own method. It counts before
    authentication, so refused requests count too.
    """
    if call.path == "/openapi.json":
        return ()
    inner = inner_path(call.method, call.path)
    caller = (call.header("Authorization") or "anon")[:20]
    return (Limit(f"{_address(call)} {caller} {inner}", _maximum(call.method, inner), WINDOW),)


def inner_path(method: str, path: str) -> str:
    """A path as it is counted: in its `/api` form where that shares; record ids stay, so every record counts alone."""
    family, slash, rest = path[1:].partition("/")
    if family in FOLDED:
        return f"/api/{FOLDED[family]}{slash}{rest}"
    if family == "emails" and method == "POST":
        return f"/api{path}"
    return path


def _address(call: Call) -> str:
    """The last address that a proxy forwarded; without one, the connection's."""
    forwarded = [address.strip() for address in (call.header("X-Forwarded-For") or "").split(",") if address.strip()]
    if forwarded:
        return forwarded[-1]
    address: str = call.header("X-Real-IP") or call.environ.get("REMOTE_ADDR", "")
    return address


def _maximum(method: str, inner: str) -> int:
    if method == "GET":
        return 100
    if method == "POST" and inner in SENDS:
        return SENDS[inner]
    if inner.startswith("/api/api-keys") or (method == "POST" and inner.removeprefix("/api").startswith("/domains")):
        return 10
    return 30
