"""Keys: Basic `site_id:api_key` for Track, Basic `write_key:` for Pipelines, Bearer app keys for App.

What names the workspace is the user name of Basic credentials, or the token. Any well-formed credential goes, so one
text may serve as site id, Track key, app key and write key at once.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error
from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.vendors.customerio.interfaces import APP, PIPELINES, SEND, interface, is_basic

_PUBLIC = ("/api/v1/metrics", "/api/v1/push/events")
_LINKS = ("/unsubscribe/", "/downloads/", "/u/i/")
"""Paths that end in an id which `identity.delivery_id` or `link_token` made."""


def key_header(key: str, path: str) -> tuple[str, str]:
    """The header by which a request for `path` carries `key`, in whatever role the interface wants it."""
    if not is_basic(path):
        return "Authorization", f"Bearer {key}"
    return "Authorization", "Basic " + b64encode(f"{key}:{key.partition('~')[0]}".encode()).decode()


def read_key(call: Call) -> str:
    """The user name or token. What needs no credential is known by its delivery's id."""
    scheme, _, rest = (call.header("Authorization") or "").partition(" ")
    found = interface(call)
    if found in (APP, SEND):
        if scheme.lower() != "bearer" or not rest.strip():
            raise Problem("unauthorized", reason="missing")
        return rest.strip()
    user, password = _basic(rest) if scheme.lower() == "basic" else ("", "")
    if not user or (not password and found != PIPELINES):
        if call.path in _PUBLIC or call.path.startswith(_LINKS):
            return _delivery(call)
        raise Problem("unauthorized", reason="missing")
    call.notes["password"] = password
    return user


def _basic(text: str) -> tuple[str, str]:
    """In the common alphabet, or in that for addresses, as the vendor's older Go client writes it (S)."""
    plain = text.strip().replace("-", "+").replace("_", "/")
    try:
        user, _, password = b64decode(plain, validate=True).decode().partition(":")
    except (Error, ValueError):
        return "", ""
    return user, password


def _delivery(call: Call) -> str:
    """`~workspace` where a delivery's id says so: see `identity.delivery_id`."""
    id = call.path.rstrip("/").rpartition("/")[2] if call.path.startswith(_LINKS) else _named(call)
    try:
        text = urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode("latin-1")
    except (Error, ValueError):
        return ""
    found = re.search(r"~[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", text)
    return found.group() if found else ""


def _named(call: Call) -> str:
    try:
        body: Any = call.json()
    except Problem:
        return ""
    id = body.get("delivery_id") if isinstance(body, dict) else None
    return id if isinstance(id, str) else ""


def permit(call: Call) -> None:
    """Refuse a bad password, an app key without the scope, and a service account that names no workspace."""
    if "invalid" in call.notes.get("password", ""):
        raise Problem("unauthorized", reason="unknown")
    found = interface(call)
    if call.restricted and found in (APP, SEND):
        raise Problem("forbidden")
    if found == SEND and (call.key or "").startswith(("sa_live_", "sa_sandbox_")) and not call.header("X-Workspace-Id"):
        raise Problem("invalid", "workspace_id is required")
