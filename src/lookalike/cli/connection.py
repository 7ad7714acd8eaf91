"""The way from a command to the control API of a running server."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from lookalike.cli.failure import Failure

DEFAULT_URL = "http://127.0.0.1:7357"
_TIMEOUT = 60
_LOOPBACK = ("127.", "localhost", "::1")


def ask(method: str, path: str, body: Any = None, query: dict[str, Any] | None = None) -> Any:
    """One request to the server that LOOKALIKE_URL names, and its answer. Raises Failure.

    `path` is without its prefix, as in `/faults`. Members of `query` that are None are left out.
    """
    url = (os.environ.get("LOOKALIKE_URL") or DEFAULT_URL).rstrip("/")
    given = {name: value for name, value in (query or {}).items() if value is not None}
    target = f"{url}/_lookalike{path}" + (f"?{urlencode(given)}" if given else "")
    headers = {"Accept": "application/json"}
    token = os.environ.get("LOOKALIKE_CONTROL_TOKEN")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    try:
        request = Request(target, data, headers, method=method)
        with _opener(url).open(request, timeout=_TIMEOUT) as answer:
            return _json(url, answer.read())
    except HTTPError as error:
        with error:
            raise Failure(_refused(url, error.read())) from None
    except (HTTPException, URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Failure(
            f"no lookalike answers at {url} ({reason}): start one with 'lookalike serve' or set LOOKALIKE_URL."
        ) from None


def _opener(url: str) -> OpenerDirector:
    """Proxies are for the world, not for this machine."""
    host = urlsplit(url).hostname or ""
    return build_opener(ProxyHandler({})) if host.startswith(_LOOPBACK) else build_opener()


def _json(url: str, raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise Failure(f"what answers at {url} is not lookalike: set LOOKALIKE_URL.") from None


def _refused(url: str, raw: bytes) -> str:
    answer = _json(url, raw)
    if not isinstance(answer, dict) or not isinstance(answer.get("error"), str):
        return f"what answers at {url} is not lookalike: set LOOKALIKE_URL."
    return str(answer["error"])
