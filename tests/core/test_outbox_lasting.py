"""Webhooks that are due when a server ends are sent by the one that comes after it, however the first one ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.receiver import Receiver

TIMEOUT = 30
KEY = {"Authorization": "Bearer os_x"}


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str]]]:
    """`serving()`: a server process on a file that each of them uses, and where it is."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str]:
        store = f"tinydb:{tmp_path}/state.json"
        options = ("--port", "0", "--fixture", "none", "--vendor", "opensend", "--json", "--store", store)
        process = subprocess.Popen(
            [sys.executable, "-m", "lookalike", "serve", *options],
            env={**os.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["url"]

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=TIMEOUT)


def ask(method: str, url: str, body: Any = None) -> Any:
    reply = httpx.request(method, url, json=body, headers=KEY, timeout=TIMEOUT)
    assert reply.status_code < 300, reply.text
    return reply.json()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_lost_by_a_stop_while_deliveries_are_due(serving, number):
    process, url = serving()
    with Receiver().listening() as receiver:
        ask("POST", f"{url}/_lookalike/clock", {"freeze": "2026-03-01T12:00:00Z"})
        webhook = {"endpoint": receiver.url, "events": ["contact.created"]}
        made = ask("POST", f"{url}/opensend/webhooks", webhook)
        receiver.answers(500, 500, 500)
        for name in ("a", "b", "c"):
            ask("POST", f"{url}/opensend/contacts", {"email": f"{name}@example.com"})
        ask("POST", f"{url}/_lookalike/clock", {"advance": 0})  # done when what is due by now has been sent
        assert len(receiver.received) == 3
        delayed = {"vendor": "opensend", "delayed": "1h"}
        ask("PUT", f"{url}/_lookalike/webhooks/modes", delayed)
        ask("POST", f"{url}/opensend/contacts", {"email": "d@example.com"})
        process.send_signal(number)
        process.wait(TIMEOUT)

        _, url = serving()
        assert ask("POST", f"{url}/_lookalike/clock", {"advance": "2h"})["done"] == 4
        emails = [got.json["data"]["email"][0] for got in receiver.received]
        assert emails[3:] == ["a", "b", "c", "d"]
        found = ask("GET", f"{url}/_lookalike/webhooks/deliveries")["deliveries"]
        assert [(one["status"], [attempt["status"] for attempt in one["attempts"]]) for one in found] == [
            ("delivered", [200]),
            *[("delivered", [500, 200])] * 3,
        ]
        rows = ask("GET", f"{url}/opensend/webhooks/{made['id']}")["recent_deliveries"]
        assert {(row["status"], row["attempted_at"]) for row in rows} == {
            ("success", "2026-03-01T12:00:05.000Z"),
            ("success", "2026-03-01T13:00:00.000Z"),
        }
