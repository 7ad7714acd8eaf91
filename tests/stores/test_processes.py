"""Two server processes on one Redis are one sandbox, also when one of them is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.receiver import Receiver

KEY = "AS_lookalike"
TIMEOUT = 60


class Process:
    """`lookalike serve` on a store."""

    def __init__(self, store: str, *more: str) -> None:
        command = [sys.executable, "-m", "lookalike", "serve", "--store", store, "--port", "0", "--fixture", "none"]
        self._process = subprocess.Popen(
            [*command, "--vendor", "autosend", "--journal", "100", "--json", *more],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = urlsplit(json.loads(self._process.stdout.readline())["url"]).port
        self._connections: dict[int, HTTPConnection] = {}

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=TIMEOUT)

    def close(self) -> None:
        self.kill()
        for connection in self._connections.values():
            connection.close()

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request over this thread's own connection. Raises OSError or HTTPException when the server is gone."""
        thread = threading.get_ident()
        connection = self._connections.get(thread)
        if connection is None:
            connection = self._connections[thread] = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, HTTPException):
            connection.close()
            raise

    def all(self, list_id: str = "GLOBAL_CONTACT_LIST") -> list[str]:
        """The addresses of all contacts."""
        found: list[str] = []
        for page in range(1, 1000):
            asked = {"contactListId": list_id, "limit": 100, "page": page}
            _, told = self("POST", "/autosend/v1/contact-lists/contacts/search", asked)
            found += [contact["email"] for contact in told["data"]["contacts"]]
            if len(told["data"]["contacts"]) < 100:
                return found
        raise AssertionError("there is no end")


@contextmanager
def processes(store: str, *more: str, count: int = 2) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        with ThreadPoolExecutor(count) as pool:
            started = list(pool.map(lambda _: Process(store, *more), range(count)))
        for one in started:
            stack.callback(one.close)
        yield started


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What many calls at once came to, in any order."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(act, range(count)))


@pytest.fixture(params=["redis_url", "cluster_url"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_ten_thousand_creates_of_a_thousand_people_make_each_once(redis_url: str):
    with processes(redis_url) as servers:

        def create(number: int) -> int:
            return servers[number % 2]("POST", "/autosend/v1/contacts", {"email": f"p{number // 10}@example.com"})[0]

        statuses = Counter(together(10_000, create))
        assert statuses == {200: 1000, 409: 9000}
        wanted = sorted(f"p{number}@example.com" for number in range(1000))
        assert sorted(servers[0].all()) == wanted
        assert sorted(servers[1].all()) == wanted


def test_a_limit_and_a_fault_count_over_both(store: str):
    with processes(store) as servers:
        limit = {"when": {"operation": "get_contact"}, "fault": {"type": "rate_limit", "limit": 100, "window": 3600}}
        assert servers[0]("POST", "/_lookalike/faults", limit)[0] == 201
        statuses = Counter(together(300, lambda n: servers[n % 2]("GET", "/autosend/v1/contacts/none")[0]))
        assert statuses == {404: 100, 429: 200}
        fault = {"when": {"operation": "create_contact"}, "fault": {"type": "error", "status": 503}, "times": 5}
        assert servers[1]("PUT", "/_lookalike/faults", fault)[0] == 200

        def create(number: int) -> int:
            return servers[number % 2]("POST", "/autosend/v1/contacts", {"email": f"f{number}@example.com"})[0]

        assert Counter(together(40, create)) == {503: 5, 200: 35}


def test_vendors_limits_count_over_both(redis_url: str):
    with processes(redis_url, "--rate-limits", "vendor") as servers:
        assert servers[0]("POST", "/_lookalike/clock", {"freeze": "2030-01-01T00:00:00Z"})[0] == 200
        statuses = Counter(together(40, lambda n: servers[n % 2]("GET", "/autosend/v1/events")[0]))
        assert statuses == {200: 2, 429: 38}


def test_clock_journal_reset_and_messages_are_one(store: str):
    with processes(store) as servers:
        first, second = servers
        first("POST", "/_lookalike/clock", {"freeze": "2030-01-01T00:00:00Z"})
        _, made = second("POST", "/autosend/v1/contacts", {"email": "ann@example.com"})
        assert made["data"]["createdAt"] == "2030-01-01T00:00:00.000Z"
        assert first("GET", f"/autosend/v1/contacts/{made['data']['id']}")[1] == made
        _, journal = second("GET", "/_lookalike/requests")
        assert [entry["method"] for entry in journal["requests"]] == ["GET", "POST"]
        mail = {"from": {"email": "a@b.example"}, "to": {"email": "ann@example.com"}, "subject": "Hi", "html": "x"}
        assert first("POST", "/autosend/v1/mails/send", mail)[0] == 200
        assert [one["subject"] for one in second("GET", "/_lookalike/messages")[1]["messages"]] == ["Hi"]
        second("POST", "/_lookalike/reset", {})
        assert first("GET", f"/autosend/v1/contacts/{made['data']['id']}")[0] == 404
        assert first("GET", "/_lookalike/messages")[1]["messages"] == []


def test_a_webhook_is_sent_once(store: str):
    with processes(store) as servers, Receiver().listening() as receiver:
        webhook = {"url": receiver.url, "events": ["contact.created"]}
        assert servers[0]("POST", "/autosend/v1/webhooks", webhook)[0] == 201

        def create(number: int) -> int:
            return servers[number % 2]("POST", "/autosend/v1/contacts", {"email": f"w{number}@example.com"})[0]

        assert together(60, create) == [200] * 60
        receiver.wait(60)
        delivered = {"delivery": {"status": "delivered"}, "count": 60, "timeout": 30}
        assert servers[1]("POST", "/_lookalike/wait", delivered)[0] == 200
        told = Counter(json.loads(one.body)["data"]["email"] for one in receiver.received)
        assert told == {f"w{number}@example.com": 1 for number in range(60)}


def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(redis_url: str):
    with processes(redis_url) as servers, Receiver().listening() as receiver:
        first, second = servers
        first("POST", "/autosend/v1/webhooks", {"url": receiver.url, "events": ["contact.created"]})
        acknowledged: list[str] = []
        enough = threading.Event()

        def create(number: int) -> None:
            email = f"k{number}@example.com"
            with suppress(OSError, HTTPException):
                if servers[number % 2]("POST", "/autosend/v1/contacts", {"email": email})[0] == 200:
                    acknowledged.append(email)
            if len(acknowledged) > 200 and not enough.is_set():
                enough.set()
                first.kill()

        together(1000, create)
        held = second.all()
        assert len(acknowledged) > 500
        assert set(acknowledged) <= set(held)
        for more in range(len(held)):  # one that was on its way when its server died comes twice
            assert receiver.wait(len(held) + more, seconds=30)
            told = {json.loads(one.body)["data"]["email"] for one in receiver.received}
            if told == set(held):
                break
        assert told == set(held)
