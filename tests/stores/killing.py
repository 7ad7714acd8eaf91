"""Servers that write to a `tinydb:` file and are killed at any moment, and what they had acknowledged.

Two vendors are written to, over a connection each. After every kill the file is opened by a new server: each vendor has
to hold exactly what was acknowledged, or that and the whole of the one request that had no answer yet.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 30

Names = dict[str, str]
"""First names by address: all that is looked at of a contact."""

Request = tuple[str, str, Any]

_SERVER = """
from lookalike.stores import tinydb
tinydb.TICK, tinydb.LEAST = {tick}, 1
from lookalike.cli import main
main()
"""
"""With a background that hardly rests, the file is being written about half of the time."""


class Refused(AssertionError):
    """A server did not start on its file, or answered what it should not."""


def _draw_some(chance: random.Random, names: Names, most: int) -> list[str]:
    return chance.sample(sorted(names), min(len(names), chance.randint(1, most)))


@dataclass
class Vendor:
    """What is written to one vendor: `names` it has acknowledged, `wanted` is what the open request makes of them."""

    key: str
    names: Names = field(default_factory=dict)
    wanted: Names | None = None
    made: int = 0
    answered: int = 0

    def draw(self, chance: random.Random) -> tuple[Request, Names]:
        """A request, and what there is when it is done."""
        raise NotImplementedError

    def held(self, call: Callable[[str, str, Any], Any]) -> Names:
        """What the vendor says that there is."""
        raise NotImplementedError

    def new(self) -> str:
        self.made += 1
        return f"person{self.made}@example.com"


class OpenSend(Vendor):
    """One contact a request."""

    def draw(self, chance: random.Random) -> tuple[Request, Names]:
        name, kind = f"N{chance.randrange(10**9)}", chance.random()
        if kind < 0.5 or len(self.names) < 10:
            email = self.new()
            return ("POST", "/opensend/contacts", {"email": email, "first_name": name}), {**self.names, email: name}
        [email] = chance.sample(sorted(self.names), 1)
        if kind < 0.8:
            return ("PATCH", f"/opensend/contacts/{email}", {"first_name": name}), {**self.names, email: name}
        rest = {other: name for other, name in self.names.items() if other != email}
        return ("DELETE", f"/opensend/contacts/{email}", None), rest

    def held(self, call: Callable[[str, str, Any], Any]) -> Names:
        names: Names = {}
        page = call("GET", "/opensend/contacts?limit=100", None)
        while True:
            names.update((one["email"], one["first_name"]) for one in page["data"])
            if not page["has_more"]:
                return names
            page = call("GET", f"/opensend/contacts?limit=100&after={page['data'][-1]['id']}", None)


class AutoSend(Vendor):
    """Many contacts a request, so that half of one would show."""

    def draw(self, chance: random.Random) -> tuple[Request, Names]:
        if len(self.names) > 300 and chance.random() < 0.4:
            gone = set(_draw_some(chance, self.names, 40))
            rest = {email: name for email, name in self.names.items() if email not in gone}
            return ("POST", "/autosend/v1/contacts/remove", {"emails": sorted(gone)}), rest
        name = f"N{chance.randrange(10**9)}"
        emails = [self.new() for _ in range(chance.randint(1, 20))] + _draw_some(chance, self.names, 20)
        rows = [{"email": email, "firstName": name} for email in emails]
        after = {**self.names, **dict.fromkeys(emails, name)}
        return ("POST", "/autosend/v1/contacts/bulk-update", {"contacts": rows}), after

    def held(self, call: Callable[[str, str, Any], Any]) -> Names:
        names: Names = {}
        for number in range(1, 10_000):
            asked = {"contactListId": "GLOBAL_CONTACT_LIST", "limit": 100, "page": number}
            rows = call("POST", "/autosend/v1/contact-lists/contacts/search", asked)["data"]["contacts"]
            names.update((one["email"], one["firstName"]) for one in rows)
            if len(rows) < 100:
                break
        return names


class Server:
    """A server process on the file."""

    def __init__(self, path: Path, tick: float, *, wait: bool = True) -> None:
        code = _SERVER.format(tick=tick)
        arguments = [
            "serve",
            "--store",
            f"tinydb:{path}",
            "--port",
            "0",
            "--fixture",
            "none",
            "--json",
            "--journal",
            "10",
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if wait:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            if not line:
                raise Refused(self.process.communicate(timeout=TIMEOUT)[1])
            self.port = urlsplit(json.loads(line)["url"]).port

    def kill(self) -> None:
        """End it as a crash does; wait until it is gone."""
        self.process.kill()
        self.process.communicate(timeout=TIMEOUT)

    @contextmanager
    def caller(self, key: str) -> Iterator[Callable[[str, str, Any], Any]]:
        """Sends requests over one connection; raises OSError or HTTPException when the server is gone."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

        def call(method: str, path: str, body: Any) -> Any:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if not 200 <= answer.status < 300:
                raise Refused(f"{method} {path}: {answer.status} {text!r}")
            return json.loads(text)

        try:
            yield call
        finally:
            connection.close()


class Crashes:
    """One file, and the servers that one after the other are killed while they write to it."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path = path
        self.chance = random.Random(seed)
        self.vendors: list[Vendor] = [OpenSend("os_x"), AutoSend("AS_x")]
        self.kills = 0
        self.unfinished = 0
        """Requests without an answer that were there after all, whole."""

    @property
    def answered(self) -> int:
        return sum(vendor.answered for vendor in self.vendors)

    def crash(self, moment: str) -> None:
        """Write, kill at a `moment` ("append", "compaction", "shutdown" or "start"), and compare. Raises Refused."""
        server = Server(self.path, 60.0 if moment == "append" else 0.005)
        self._compare(server)
        chances = [random.Random(self.chance.random()) for _ in self.vendors]
        writers = [
            threading.Thread(target=self._write, args=(server, vendor, chance))
            for vendor, chance in zip(self.vendors, chances, strict=True)
        ]
        for writer in writers:
            writer.start()
        time.sleep(self.chance.uniform(0.02, 0.5))
        if moment == "shutdown":
            server.process.send_signal(signal.SIGTERM)
            time.sleep(self.chance.uniform(0.0, 0.25))
        server.kill()
        for writer in writers:
            writer.join(TIMEOUT)
        self.kills += 1
        if moment == "start":
            starting = Server(self.path, 0.005, wait=False)
            time.sleep(self.chance.uniform(0.2, 0.8))
            starting.kill()
            self.kills += 1

    def finish(self) -> None:
        """Compare once more, and stop the server in good order."""
        server = Server(self.path, 0.005)
        self._compare(server)
        server.process.send_signal(signal.SIGTERM)
        server.process.communicate(timeout=TIMEOUT)
        if sorted(one.name for one in self.path.parent.iterdir()) != [self.path.name]:
            raise Refused(f"left beside the file: {sorted(one.name for one in self.path.parent.iterdir())}")

    @staticmethod
    def _write(server: Server, vendor: Vendor, chance: random.Random) -> None:
        with server.caller(vendor.key) as call, suppress(OSError, HTTPException):
            while True:
                request, vendor.wanted = vendor.draw(chance)
                call(*request)
                vendor.names, vendor.wanted = vendor.wanted, None
                vendor.answered += 1

    def _compare(self, server: Server) -> None:
        for vendor in self.vendors:
            with server.caller(vendor.key) as call:
                held = vendor.held(call)
            if held not in (vendor.names, vendor.wanted):
                missing = vendor.names.items() - held.items()
                more = held.items() - vendor.names.items()
                raise Refused(f"{type(vendor).__name__}: {len(missing)} lost or changed, {len(more)} too many")
            self.unfinished += held != vendor.names
            vendor.names, vendor.wanted = held, None


MOMENTS = ("append", "compaction", "shutdown", "start")
