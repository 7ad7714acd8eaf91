"""What was asked and answered: a bounded list that the control API, the CLI and test helpers read."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from heapq import merge
from itertools import count
from typing import Any
from urllib.parse import unquote

import orjson

from lookalike.addressing import SLASH
from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.clock import iso

Headers = list[tuple[bytes, bytes]]
"""Names in lower case and values, as they came."""

BODY_KEPT = 16 * 1024
"""Bytes of a request's or an answer's body that an entry keeps."""

_SECRET_HEADER = re.compile(r"authorization|cookie|key|token|secret|password")
_NAME = r"(?:\w+_)?(?:secret|token|password|api_?key)"
_SECRET_MEMBER = re.compile(_NAME, re.IGNORECASE)
"""The names of JSON members whose texts are shown masked."""

_SECRET_IN_TEXT = re.compile(rf'("{_NAME}"\s*:\s*")([^"]*)', re.IGNORECASE)
_SECRET_IN_QUERY = re.compile(r"key|token|secret|password", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9+/=_~.-]+")
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_~.-]{8,}")
_SCHEME = re.compile(r"(?:(?:bearer|basic|digest|token) +)?", re.IGNORECASE)


def mask(secret: str) -> str:
    """A secret with its middle taken out, or all of a short one: enough to tell two apart, not enough to use.

    The scheme of an Authorization header stays, and the workspace tag.
    """
    scheme = _SCHEME.match(secret)
    start = scheme.end() if scheme else 0
    return secret[:start] + _WORD.sub(_shorten, secret[start:])


def _shorten(match: re.Match[str]) -> str:
    secret, tilde, tag = match[0].partition("~")
    return f"{secret[:4]}…{secret[-2:]}{tilde}{tag}" if len(secret) > 8 else f"…{tilde}{tag}"


@dataclass(slots=True)
class Entry:
    """One answered request, kept nearly as it came; `as_json` does the work when somebody looks."""

    number: int
    at: float
    seconds: float
    vendor: str
    workspace: str
    operation: str | None
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    status: int
    answer: bytes
    faults: list[str]
    unimplemented: bool

    @property
    def id(self) -> str:
        return f"req_{self.number}"

    def contains(self, text: str) -> bool:
        """Whether the text is in the path, the query or either body, be it escaped as JSON; case does not matter."""
        needles = {text.lower(), json.dumps(text)[1:-1].lower()}
        places = (self.path, self.query, _text(self.body), _text(self.answer))
        return any(needle in place.lower() for place in places for needle in needles)

    def json_body(self) -> Any:
        """The request's body: JSON as data, anything else as text, nothing as None."""
        return _body(self.body)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": iso(self.at),
            "vendor": self.vendor,
            "workspace": self.workspace,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": _LONG_WORD.sub(_shorten, self.query)
            if _SECRET_IN_QUERY.search(unquote(self.query))
            else self.query,
            "headers": _shown(self.headers),
            "body": _masked(self.json_body()),
            "status": self.status,
            "answer": _masked(_body(self.answer)),
            "ms": round(self.seconds * 1000, 3),
            "faults": list(self.faults),
            "unimplemented": self.unimplemented,
        }


def _shown(headers: Headers) -> dict[str, str]:
    shown: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        value = mask(value) if _SECRET_HEADER.search(name) else value
        shown[name] = f"{shown[name]},{value}" if name in shown else value
    return shown


def _headers(environ: dict[str, Any]) -> Headers:
    """What our own edge hands over as it came."""
    found = ((key[5:].replace("_", "-").lower(), value) for key, value in environ.items() if key[:5] == "HTTP_")
    return [(key.encode("latin-1"), value.encode("latin-1")) for key, value in found]


def _body(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        data = orjson.loads(raw)
        orjson.dumps([[[[[[data]]]]]])  # orjson reads deeper JSON than it writes, and an entry is shown inside others
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _text(raw)
    return data


def _masked(body: Any) -> Any:
    """A body with the secrets in it shortened: in JSON by the names of members, in text as far as they are seen."""
    if isinstance(body, dict):
        return {
            name: mask(value) if isinstance(value, str) and _SECRET_MEMBER.fullmatch(name) else _masked_inside(value)
            for name, value in body.items()
        }
    if isinstance(body, str):
        return _SECRET_IN_TEXT.sub(lambda match: match[1] + mask(match[2]), body)
    return _masked_inside(body)


def _masked_inside(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked_inside(item) for item in value]
    return _masked(value) if isinstance(value, dict) else value


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def entry_of(number: int, call: Call, answer: Answer, seconds: float) -> Entry:
    """What the journal keeps of an answered call: of long bodies only the beginning."""
    environ = call.environ
    return Entry(
        number,
        call.clock.now(),
        seconds,
        call.vendor.name,
        call.workspace.name,
        call.operation.id if call.operation is not None else call.notes.get("unimplemented"),
        call.method,
        call.path.replace(SLASH, "%2F"),
        environ.get("QUERY_STRING", ""),
        environ.get("lookalike.headers") or _headers(environ),
        call.readable_body[:BODY_KEPT],
        answer.status,
        answer.body[:BODY_KEPT],
        call.faults,
        "unimplemented" in call.notes,
    )


class Journal:
    """The last so many requests of each workspace; requests to the control API are not in it.

    Bounded by workspace, so that tests which share a server do not push out each other's requests.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._shelves: dict[str, deque[Entry]] = {}
        self._made = count(1)

    def record(self, call: Call, answer: Answer, seconds: float) -> None:
        """Keep one exchange."""
        name = call.workspace.name
        shelf = self._shelves.get(name)
        if shelf is None:
            shelf = self._shelves.setdefault(name, deque(maxlen=self._size))
        shelf.append(entry_of(next(self._made), call, answer, seconds))

    def __iter__(self) -> Iterator[Entry]:
        """Oldest first."""
        shelves = [list(shelf) for shelf in list(self._shelves.values())]
        return merge(*shelves, key=_number)

    def newest_first(self, workspace: str = "*") -> Iterator[Entry]:
        """The entries of a workspace, or of all those that the glob fits."""
        one = self._shelves.get(workspace)
        if one is not None:
            return reversed(list(one))
        fitting = [list(shelf) for name, shelf in list(self._shelves.items()) if fnmatchcase(name, workspace)]
        return merge(*map(reversed, fitting), key=_number, reverse=True)

    def __len__(self) -> int:
        return sum(map(len, list(self._shelves.values())))

    def remove(self, gone: Callable[[Entry], bool]) -> int:
        """Drop the entries for which `gone` holds; says how many."""
        removed = 0
        for shelf in list(self._shelves.values()):
            kept = [entry for entry in shelf if not gone(entry)]
            removed += len(shelf) - len(kept)
            shelf.clear()
            shelf.extend(kept)
        return removed

    def drop(self, workspace: str) -> None:
        """Forget all that was asked in a workspace."""
        self._shelves.pop(workspace, None)


def _number(entry: Entry) -> int:
    return entry.number
