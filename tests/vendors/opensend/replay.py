"""Plays recorded requests against a sandbox and says where its answers differ from the recorded ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lookalike.clock import parse_instant
from lookalike.ids import Ids
from lookalike.outbox import Outcome, Outgoing
from lookalike.vendors.opensend.credentials import API_KEYS
from lookalike.vendors.opensend.webhook_sending import sign
from lookalike.vendors.opensend.webhooks import WEBHOOKS
from tests.support import Client, Reply, wsgi

RECORDINGS = Path(__file__).with_name("recordings") / "opensend.jsonl"

Record = dict[str, Any]

TOKEN = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
    r"|(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|(?P<key>os_[0-9a-f]{32})"
    r"|(?P<secret>whsec_[A-Za-z0-9_-]{32})"
    r"|(?P<user>user_[0-9a-f]{20})"
    r"|(?P<selector>opensend-[0-9a-f]{8})"
    r"|(?P<dkim>p=MII[A-Za-z0-9+/=]+)"
    r"|(?P<hex>\b[0-9a-f]{32}\b)"
)
"""What differs from run to run: compared by kind, and each recorded value must stand for one of ours throughout.

Times have to be nearly the recorded ones.
"""

NEARLY = 1.5
"""Seconds: the clock stands at the times that an answer shows, which may be those of an earlier step."""

FUTURE = ("scheduled_at", "next_retry_at", "next_step_at", "provider_next_retry_at")
"""Members that do not say when the answer was given."""

COMPARED_HEADERS = ("location", "allow", "retry-after")
BY_SHAPE = {"x-correlation-id": "[0-9a-f]{32}", "traceparent": "00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]"}


def flows() -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for line in RECORDINGS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found.setdefault(record["flow"], []).append(record)
    return found


class Difference(AssertionError):
    """Where and how an answer is not the recorded one."""


class FedIds(Ids):
    """Ids that begin with those of the recording, so that lists sorted by id have the recorded order."""

    __slots__ = ("fed",)

    def __init__(self) -> None:
        super().__init__("replay")
        self.fed: list[str] = []

    def uuid4(self) -> str:
        return self.fed.pop(0) if self.fed else super().uuid4()


class Names:
    """Which of our values stands for which recorded one."""

    def __init__(self) -> None:
        self.ours: dict[str, str] = {}
        self.recorded: dict[str, str] = {}
        self.waited = 0.0

    def bind(self, recorded: str, ours: str) -> bool:
        if self.ours.setdefault(recorded, ours) != ours:
            return False
        return self.recorded.setdefault(ours, recorded) == recorded

    def near(self, recorded: str, ours: str) -> bool:
        return abs(parse_instant(ours) - parse_instant(recorded)) <= NEARLY + self.waited

    def translate(self, text: str) -> str:
        """A recorded text with our values in it."""
        return TOKEN.sub(lambda match: self.ours.get(match[0], match[0]), text)


def walk(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string in JSON with the name of its member."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk(value, key)
    elif isinstance(data, list):
        for item in data:
            yield from walk(item, name)
    elif isinstance(data, str):
        yield name, data


class Replay:
    """One flow on a sandbox of its own: rate limiting on, the clock standing at the recorded times."""

    def __init__(self, records: list[Record]) -> None:
        self.client = Client("opensend", settings={"rate_limits": "vendor", "webhook_urls": "vendor"})
        sandbox = self.client.sandbox
        sandbox.outbox.exchange = self._receive
        self.answer = (200, "ok")
        self.sent: list[Outgoing] = []
        self.workspace = sandbox.workspace("default")
        self.part = sandbox.part(self.workspace, sandbox.vendors["opensend"])
        self.part.ids = self.ids = FedIds()
        self.names = Names()
        self.now = min(time for record in records for time in _times(record, all_of_them=True))
        self.full_key = next((_key(record) for record in records if record.get("auth") == "full"), "os_" + "0" * 32)
        self._adopt_keys(records)

    def _adopt_keys(self, records: list[Record]) -> None:
        """A recorded installation has a full and a sending key from the start; ours has them once they were used."""
        rows = next((r["response"]["json"]["data"] for r in records if r["request"]["path"].endswith("/api-keys")
                     and r["request"]["method"] == "GET" and r["response"]["status"] == 200), [])  # fmt: skip
        made = {row["name"]: row["id"] for row in rows}
        for name, key in (("Full key", self.full_key), ("Sending key", "os_restricted")):
            self.workspace.clock.freeze(self.now - 1)
            self.ids.fed = [made[name]] if name in made else []
            self._send("GET", "/api/unsubscribe-page", {"authorization": f"Bearer {key}"}, b"")
            keys = self.part.collection(API_KEYS)
            row = keys.one("token", key)
            assert row is not None
            keys.put(row | {"last_used_at": None, "used": 0})

    def send(self, record: Record) -> Reply:
        """Play one record's request."""
        times = _times(record)
        self.now = max([self.now + 0.01, *times])
        self.workspace.clock.freeze(self.now)
        request = record["request"]
        fresh = [match[0] for _, text in walk(record["response"].get("json")) for match in TOKEN.finditer(text)
                 if match.lastgroup == "uuid" and match[0] not in self.names.ours]  # fmt: skip
        writes = request["method"] != "GET" and record["response"]["status"] < 300
        self.ids.fed = list(dict.fromkeys(fresh)) if writes else []
        body = request.get("body")
        if "json" in request:
            body = json.dumps(request["json"])
        path = request["path"]
        if request.get("query"):
            path += "?" + urlencode(request["query"], doseq=True)
        sent = self.names.translate(body or "").encode()
        return self._send(request["method"], self.names.translate(path), self._headers(record), sent)

    def redirect_webhooks(self, endpoint: str) -> None:
        """Do what the recorder did behind the API's back: point every webhook at its own receiver."""
        webhooks = self.part.collection(WEBHOOKS)
        for webhook in list(webhooks.scan()):
            webhooks.put(webhook | {"endpoint": endpoint})

    def fill_gap(self, before: Record, record: Record) -> None:
        """Play what a burst did between two recorded steps: the former again for every missing number."""
        numbers = [int(one["name"].partition("/")[2].partition("-")[0]) for one in (before, record)]
        for _ in range(numbers[0] + 1, numbers[1]):
            self.send(before)

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        headers = {"host": "opensend.namuh.co", "user-agent": "recorder/1", **headers}
        return wsgi(self.client.app, method, f"http://opensend.namuh.co{path}", body, headers)

    def _headers(self, record: Record) -> dict[str, str]:
        headers = {name: value for name, value in record["request"].get("headers", {}).items() if name != "cookie"}
        kind = record["auth"]
        if kind == "sending":
            headers["authorization"] = "Bearer os_restricted"
        elif kind == "ownerless":
            headers["authorization"] = "Bearer os_invalid_ownerless"
        elif kind == "key":
            headers["authorization"] = "Bearer " + self.names.ours.get(_key(record), "os_invalid_unknown")
        elif kind.startswith("b:"):
            headers["authorization"] += "~other"
        return headers

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += seconds
        self.names.waited += seconds

    def difference(self, record: Record) -> str | None:
        """Play one record; says in what the answer is not the recorded one."""
        try:
            if record.get("kind") == "webhook-delivery":
                self._compare_delivery(record)
            else:
                self.compare(record, self.send(record))
        except Difference as difference:
            return str(difference)
        return None

    async def _receive(self, outgoing: Outgoing, _timeout: float, _destinations: Any, at: float) -> Outcome:
        """Stand in for the recorder's receiver."""
        self.sent.append(outgoing)
        status, body = self.answer
        return Outcome(at, status, body=body)

    def _compare_delivery(self, record: Record) -> None:
        """Have everything sent that waits; among it has to be the recorded request, header by header."""
        expected = record["request"]
        self.now = max(self.now + 0.01, parse_instant(expected["json"]["created_at"]))
        self.workspace.clock.freeze(self.now)
        self.answer = (200, "ok") if record["response"]["status"] == 200 else (500, "receiver says no")
        # The recorder's sender was let through to the receiver; its API was not.
        self.workspace.deliveries.any_url = True
        self.client.settle()
        self.workspace.deliveries.any_url = False
        found = [one for one in self.sent if json.loads(one.body)["type"] == expected["json"]["type"]]
        if len(found) != 1:
            raise Difference(f"{len(found)} deliveries of {expected['json']['type']} were sent")
        self.sent.remove(found[0])
        self._compare_sent(expected, found[0])

    def _compare_sent(self, expected: dict[str, Any], sent: Outgoing) -> None:
        compare_json(expected["json"], json.loads(sent.body), self.names)
        headers = {**dict(sent.headers), "content-length": str(len(sent.body))}
        if list(headers) != list(expected["headers"]):
            raise Difference(f"headers {list(headers)}, recorded {list(expected['headers'])}")
        webhook = next(iter(self.part.collection(WEBHOOKS).scan()))
        signature = sign(webhook["signing_secret"], headers["svix-id"], int(headers["svix-timestamp"]), sent.body)
        if headers["svix-signature"] != signature:
            raise Difference("the signature does not fit")
        for name, value in expected["headers"].items():
            if name != "svix-signature":
                compare_text(value, headers[name], self.names, name)

    def compare(self, record: Record, reply: Reply) -> None:
        """Raises Difference."""
        expected = record["response"]
        if reply.status != expected["status"]:
            raise Difference(f"status {reply.status}, recorded {expected['status']}: {reply.text[:300]}")
        self._compare_headers(expected["headers"], reply.headers)
        if "json" in expected:
            compare_json(expected["json"], reply.json, self.names)
        elif "html" in expected["headers"].get("content-type", ""):
            if not reply.text.startswith(expected["body"]):
                raise Difference(f"page {reply.text[:80]!r}, recorded {expected['body']!r}")
        else:
            compare_text(expected.get("body", ""), reply.text, self.names, "body")

    def _compare_headers(self, expected: dict[str, str], actual: dict[str, str]) -> None:
        names = {
            name for name in (*expected, *actual) if name in {*COMPARED_HEADERS, *BY_SHAPE} or name.startswith("x-")
        }
        for name in names:
            recorded, ours = expected.get(name), actual.get(name)
            if recorded is None or ours is None:
                raise Difference(f"header {name} is {ours!r}, recorded {recorded!r}")
            if name in BY_SHAPE:
                if not re.fullmatch(BY_SHAPE[name], ours):
                    raise Difference(f"header {name} is {ours!r}")
            elif name == "retry-after":
                if not 1 <= int(ours) <= 60:
                    raise Difference(f"header {name} is {ours!r}")
            else:
                compare_text(recorded, ours, self.names, name)
        media = [headers.get("content-type", "").lower() for headers in (expected, actual)]
        if media[0] != media[1]:
            raise Difference(f"content type {media[1]!r}, recorded {media[0]!r}")


def _key(record: Record) -> str:
    header: str = record["request"].get("headers", {}).get("authorization", "")
    return header.partition(" ")[2]


def _times(record: Record, *, all_of_them: bool = False) -> list[float]:
    return [
        parse_instant(match[0])
        for name, text in walk(record["response"].get("json"))
        for match in TOKEN.finditer(text)
        if match.lastgroup == "time" and name not in FUTURE
    ] or ([parse_instant("2027-01-01T00:00:00.000Z")] if all_of_them else [])


def compare_text(expected: str, actual: str, names: Names, where: str) -> None:
    """Equal but for times, which are nearly so, and ids and secrets, which stand for each other throughout the flow."""
    if expected.startswith("Failed query: <") and actual == "Failed query":
        return
    ours, recorded = list(TOKEN.finditer(actual)), list(TOKEN.finditer(expected))
    same = TOKEN.sub("*", expected) == TOKEN.sub("*", actual) and len(ours) == len(recorded)
    for theirs, mine in zip(recorded, ours, strict=same):
        same = same and theirs.lastgroup == mine.lastgroup
        alike = names.near if theirs.lastgroup == "time" else names.bind
        same = same and alike(theirs[0], mine[0])
    if not same:
        raise Difference(f"{where}: {actual!r}, recorded {expected!r} (ours: {names.translate(expected)!r})")


def compare_json(expected: Any, actual: Any, names: Names, where: str = "$") -> None:
    if type(expected) is not type(actual):
        raise Difference(f"{where}: {actual!r}, recorded {expected!r}")
    if isinstance(expected, dict):
        _compare_objects(expected, actual, names, where)
    elif isinstance(expected, list):
        _compare_lists(expected, actual, names, where)
    elif isinstance(expected, str):
        compare_text(expected, actual, names, where)
    elif expected != actual:
        raise Difference(f"{where}: {actual!r}, recorded {expected!r}")


def _compare_objects(expected: Any, actual: Any, names: Names, where: str) -> None:
    if list(expected) != list(actual):
        raise Difference(f"{where}: members {list(actual)}, recorded {list(expected)}")
    for key, value in expected.items():
        compare_json(value, actual[key], names, f"{where}.{key}")


def _compare_lists(expected: list[Any], actual: list[Any], names: Names, where: str) -> None:
    if len(expected) != len(actual):
        raise Difference(f"{where}: {len(actual)} items {actual!r}, recorded {len(expected)} {expected!r}")
    if not _by_id(expected) or _fits(expected, actual, names, where):
        for index, (theirs, mine) in enumerate(zip(expected, actual, strict=True)):
            compare_json(theirs, mine, names, f"{where}[{index}]")
        return
    # Sorted by ids that could not be made the recorded ones: a set, in our own order.
    left = list(actual)
    for theirs in expected:
        mine = next((item for item in left if _fits([theirs], [item], names, where)), None)
        if mine is None:
            raise Difference(f"{where}: nothing like the recorded {theirs!r} among {left!r}")
        compare_json(theirs, mine, names, where)
        left.remove(mine)
    if (ids := [item["id"] for item in actual]) != sorted(ids, reverse=True):
        raise Difference(f"{where}: ids do not descend: {ids}")


def _by_id(items: list[Any]) -> bool:
    return all(isinstance(item, dict) and "id" in item for item in items)


def _fits(expected: list[Any], actual: list[Any], names: Names, where: str) -> bool:
    trial = deepcopy(names)
    try:
        for theirs, mine in zip(expected, actual, strict=True):
            compare_json(theirs, mine, trial, where)
    except Difference:
        return False
    return True
