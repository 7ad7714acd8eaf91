"""One request as the sandbox and the handlers see it."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from lookalike.answer import Answer, Effect, json_answer
from lookalike.problem import Problem
from lookalike.stores import Collection, Resource

if TYPE_CHECKING:
    from lookalike.clock import Clock
    from lookalike.ids import Ids
    from lookalike.part import Part
    from lookalike.routes import Operation
    from lookalike.vendor import Vendor
    from lookalike.workspace import Workspace

_UNREAD: Any = object()

DEEPEST = 200
"""Levels of nesting a JSON body may have: what is deeper could be read but not be written again."""


@lru_cache(maxsize=256)
def _environ_key(header: str) -> str:
    key = header.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


class Call:
    """A request on its way through the three rooms.

    `path` is as on the vendor's own host, `prefix` what lookalike put in front of it (its name or nothing).
    `params` are the decoded path parameters. `operation` is None while a request has no route. `part` is the
    vendor's share of the caller's workspace.
    """

    def __init__(self, environ: dict[str, Any], vendor: Vendor, prefix: str, path: str) -> None:
        self.environ = environ
        self.vendor = vendor
        self.prefix = prefix
        self.path = path
        self.method: str = environ["REQUEST_METHOD"]
        self.params: dict[str, str] = {}
        self.operation: Operation | None = None
        self.allowed: tuple[str, ...] = ()
        self.key: str | None = None
        self.restricted = False
        self.workspace: Workspace
        self.part: Part
        self.effect: Effect | None = None
        self.faults: list[str] = []
        self.notes: dict[str, Any] = {}
        """What one step of a vendor leaves for a later one (limit headers, say)."""
        self._body: bytes | None = None
        self._json: Any = _UNREAD

    def header(self, name: str) -> str | None:
        """A request header, or None; names are case-insensitive."""
        value = self.environ.get(_environ_key(name))
        return value if isinstance(value, str) and value else None

    @property
    def body(self) -> bytes:
        """The raw body. Raises Problem("too_large") past the vendor's limit."""
        if self._body is None:
            self._body = self._read_body(self.vendor.body_limit)
        return self._body

    @property
    def readable_body(self) -> bytes:
        """The body, or nothing where it is too large: for the journal, which must not raise."""
        if self.environ.get("CONTENT_LENGTH") == "0":
            return b""
        try:
            return self.body
        except Problem:
            return b""

    def _read_body(self, limit: int) -> bytes:
        whole = self.environ.get("lookalike.body")
        if whole is not None:
            if len(whole) > limit:
                raise Problem("too_large")
            return bytes(whole)
        stream = self.environ["wsgi.input"]
        length = self.environ.get("CONTENT_LENGTH")
        declared = int(length) if length and length.isdigit() else None
        if declared is not None and declared > limit:
            raise Problem("too_large")
        if declared is None and not self.environ.get("wsgi.input_terminated"):
            return b""
        body: bytes = stream.read(limit + 1 if declared is None else declared)
        if len(body) > limit:
            raise Problem("too_large")
        return body

    def json(self) -> Any:
        """The body as JSON, whatever its content type says. Raises Problem("malformed")."""
        if self._json is _UNREAD:
            self._json = parsed(self.body)
        return self._json

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query string: every value of every key, blank ones included."""
        text = self.environ.get("QUERY_STRING", "")
        return parse_qs(text, keep_blank_values=True, errors="replace") if text else {}

    def argument(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        values = self.query.get(name)
        return values[0] if values else None

    @property
    def base_url(self) -> str:
        """The address under which this request reached the vendor, for links: `http://127.0.0.1:7357/<vendor>`."""
        host = self.header("Host") or f"{self.environ['SERVER_NAME']}:{self.environ['SERVER_PORT']}"
        return f"{self.environ['wsgi.url_scheme']}://{host}{self.prefix}"

    @property
    def clock(self) -> Clock:
        return self.workspace.clock

    @property
    def ids(self) -> Ids:
        return self.part.ids

    def collection(self, resource: Resource) -> Collection:
        """The vendor's documents of one resource in the caller's workspace."""
        return self.part.collection(resource)

    def answer(self, status: int, data: Any) -> Answer:
        """A JSON answer in the vendor's content type, where the operation's own status does not do."""
        return json_answer(status, data, self.vendor.content_type)


def parsed(raw: bytes) -> Any:
    """Bytes as JSON. Raises Problem("malformed"), for what is nested too deep as well."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Problem("malformed") from None
    if _too_deep(raw, data):
        raise Problem("malformed")
    return data


def _too_deep(raw: bytes, data: Any) -> bool:
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    level = [data]
    for _ in range(DEEPEST):
        level = [child for item in level for child in _children(item)]
    return bool(level)


def _children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()
