"""What the tests share: an in-process client, matchers for ids and times, and the witness that checks every answer."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson
from pydantic import TypeAdapter

from lookalike.answer import Answer
from lookalike.app import App, create_app
from lookalike.call import Call
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings


class Like:
    """Equal to every string that fits the pattern: `assert body == {"id": Like("[0-9a-f]{24}")}`."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self.pattern, other) is not None

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __repr__(self) -> str:
        return f"Like({self.pattern!r})"


UUID = Like("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
OBJECT_ID = Like("[0-9a-f]{24}")
TIME = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass
class Reply:
    """An answer as a client sees it; header names are lower-case."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.raw)

    @property
    def text(self) -> str:
        return self.raw.decode()


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def witness(call: Call, answer: Answer, trouble: BaseException | None) -> None:
    """Every answer of every test fits the operation's declared model, and no 500 is an accident of ours."""
    if trouble is not None:
        raise AssertionError(f"{call.method} {call.path} raised") from trouble
    ours = any(name == "X-Lookalike-Status" for name, _ in answer.headers)
    if answer.data is None or call.faults or ours:
        return
    if answer.status >= 400:
        _adapter(call.vendor.error_model).validate_python(orjson.loads(answer.body))
        return
    assert call.operation is not None
    assert call.operation.returns is not None, f"{call.operation.id} declares no answer but gave one"
    _adapter(call.operation.returns).validate_python(orjson.loads(answer.body))


_stores: list[Callable[[], str]] = [lambda: "memory:"]
"""What says on which store the next client's sandbox is to be: the last one does."""

_kept: list[Sandbox] = []


@contextmanager
def on_store(url: str) -> Iterator[None]:
    """Clients that are made inside have sandboxes on this store, empty for each; `tinydb:` names a folder for them."""
    numbers = count(1)

    def fresh() -> str:
        number = next(numbers)
        if url.startswith("tinydb:"):
            return f"{url}/{number}.json"
        if number > 1:
            from tests.redis_fixtures import empty

            empty(url)
        return url

    _stores.append(fresh)
    try:
        yield
    finally:
        _stores.pop()
        while _kept:
            _kept.pop().close()


@dataclass
class Client:
    """Speaks WSGI to a sandbox of its own that serves one vendor, as a caller of it. `key=""` sends no credential."""

    vendor: str
    key: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    app: App | None = None

    def __post_init__(self) -> None:
        if self.app is None:
            values = {"fixture": "none", "seed": 1, "vendor": (self.vendor,), "store": _stores[-1](), **self.settings}
            self.app = create_app(sandbox=Sandbox(Settings.model_validate(values), witness=witness))
            # A test says when webhooks are sent: by `settle`, or by moving the clock.
            self.app.sandbox.outbox.paused = True
            if self.app.sandbox.store.keeps:
                _kept.append(self.app.sandbox)
        self.sandbox: Sandbox = self.app.sandbox
        if self.key is None:
            self.key = self.sandbox.vendors[self.vendor].sample_key

    def as_key(self, key: str | None) -> Client:
        """The same sandbox under another credential ("" for none)."""
        other = Client(self.vendor, key or "", app=self.app)
        other.key = key
        return other

    def __call__(
        self,
        method: str,
        path: str,
        json: Any = ...,
        *,
        body: bytes | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request; `path` is as on the vendor's own host (and may hold a query string)."""
        sent = {}
        if self.key:
            name, value = self.sandbox.vendors[self.vendor].key_header(self.key, path)
            sent[name] = value
        if json is not ...:
            body = orjson.dumps(json)
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        url = f"/{self.vendor}{path}" + (f"?{urlencode(query)}" if query else "")
        return wsgi(self.app, method, url, body or b"", sent)

    def get(self, path: str, **more: Any) -> Reply:
        return self("GET", path, **more)

    def post(self, path: str, json: Any = ..., **more: Any) -> Reply:
        return self("POST", path, json, **more)

    def put(self, path: str, json: Any = ..., **more: Any) -> Reply:
        return self("PUT", path, json, **more)

    def patch(self, path: str, json: Any = ..., **more: Any) -> Reply:
        return self("PATCH", path, json, **more)

    def delete(self, path: str, json: Any = ..., **more: Any) -> Reply:
        return self("DELETE", path, json, **more)

    def control(self, method: str, path: str, json: Any = ..., **more: Any) -> Reply:
        """One request to the control API; `path` without its prefix, as in `/clock`."""
        body = b"" if json is ... else orjson.dumps(json)
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        return wsgi(self.app, method, f"/_lookalike{path}", body, headers)

    def settle(self, workspace: str = "default") -> int:
        """Send the webhooks that are due now, and wait for what becomes of them; says how many there were."""
        found = self.sandbox.workspace(workspace)
        return self.sandbox.outbox.walk(found, found.clock.copy())

    def clock(self, **change: Any) -> None:
        """Move the clock: `clock(freeze="2026-01-01T00:00:00Z")`, `clock(advance="8d")`."""
        reply = self.control("POST", "/clock", change)
        assert reply.status == 200, reply.text


def wsgi(app: Callable[..., Any], method: str, url: str, body: bytes, headers: dict[str, str]) -> Reply:
    """One request to a WSGI app as the edge would make it, and its answer."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "RAW_URI": quote(parts.path, safe="/%~@:+!*'(),;=&$"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "7357",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:7357",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "lookalike.edge": True,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    seen: dict[str, Any] = {}

    def start_response(status: str, answer_headers: list[tuple[str, str]], _error: Any = None) -> None:
        seen["status"] = int(status[:3])
        seen["headers"] = {name.lower(): value for name, value in answer_headers}

    raw = b"".join(app(environ, start_response))
    if "lookalike.pending" in environ:
        raw = b"".join(environ["lookalike.pending"](start_response))
    return Reply(seen["status"], seen["headers"], raw)
