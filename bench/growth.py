"""What a call costs with 0, 1,000, 10,000 and 100,000 contacts: create, get, update, a page of 100, membership.

Sandboxes of all sizes stand side by side and are measured in turn, so that a busy machine touches all of them. Each
figure is the median of many single calls, in microseconds. "0" is the contacts that a full page and the calls
themselves need, so that the pages compared are equally long. What a round makes it unmakes again.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bench.callers import Caller
from lookalike.app import create_app
from lookalike.settings import Settings

SIZES = (0, 1_000, 10_000, 100_000)
ROUNDS = 12
CALLS = 60
PAGE = 100
LEAST = PAGE + CALLS
"""Contacts that every world holds: a page of members, and some who join and leave."""


@dataclass
class World:
    """One vendor's audience of one size, and the calls that are measured on it."""

    call: Caller
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    sample: list[str] = field(default_factory=list)
    group: str = ""

    def email(self) -> str:
        """An address that is new here."""
        return f"person{next(self.numbers)}@example.com"

    def email_since(self, first: int) -> list[str]:
        """The addresses handed out from number `first` on; the next one takes that number again."""
        last = next(self.numbers)
        self.numbers = count(first)
        return [f"person{number}@example.com" for number in range(first, last)]


class OpenSend(World):
    """OpenSend's own paths and bodies."""

    def prepare(self, size: int) -> None:
        self.group = self.call("POST", "/segments", {"name": "VIP"})["id"]
        ids = [self.call("POST", "/contacts", self._body())["id"] for _ in range(max(size, LEAST))]
        self.sample = ids[:: len(ids) // CALLS][:CALLS]
        self.fullest = sorted(ids)[PAGE]
        for id in [id for id in ids if id not in self.sample][: max(PAGE, size // 100)]:
            self.call("POST", f"/contacts/{id}/segments/{self.group}")

    def _body(self) -> dict[str, Any]:
        return {"email": self.email(), "first_name": "Ann", "properties": {"plan": "pro"}}

    def _anywhere(self, i: int) -> str:
        return max(self.sample[i], self.fullest)

    def undo(self, first: int) -> None:
        """Delete the contacts made since number `first`."""
        for email in self.email_since(first):
            self.call("DELETE", f"/contacts/{email}")

    def measures(self) -> dict[str, Callable[[int], float]]:
        """Name -> one timed call; the argument picks the contact."""
        return {
            "create": lambda _: self.call.timed("POST", "/contacts", self._body()),
            "get": lambda i: self.call.timed("GET", f"/contacts/{self.sample[i]}"),
            "update": lambda i: self.call.timed("PATCH", f"/contacts/{self.sample[i]}", {"first_name": f"A{i}"}),
            "list page": lambda _: self.call.timed("GET", f"/contacts?limit={PAGE}"),
            "page anywhere": lambda i: self.call.timed("GET", f"/contacts?limit={PAGE}&after={self._anywhere(i)}"),
            "join": lambda i: self.call.timed("POST", f"/contacts/{self.sample[i]}/segments/{self.group}"),
            "leave": lambda i: self.call.timed("DELETE", f"/contacts/{self.sample[i]}/segments/{self.group}"),
            "members page": lambda _: self.call.timed("GET", f"/segments/{self.group}/contacts?limit={PAGE}"),
        }


class AutoSend(World):
    """AutoSend's own paths and bodies."""

    def prepare(self, size: int) -> None:
        self.group = self.call("POST", "/v1/contact-lists", {"name": "VIP"})["data"]["id"]
        ids = [self.call("POST", "/v1/contacts", self._body())["data"]["id"] for _ in range(max(size, LEAST))]
        self.sample = ids[:: len(ids) // CALLS][:CALLS]
        self._members("bulk-add", [id for id in ids if id not in self.sample][: max(PAGE, size // 100)])

    def _body(self) -> dict[str, Any]:
        return {"email": self.email(), "firstName": "Ann", "customFields": {"plan": "pro"}}

    def undo(self, first: int) -> None:
        """Delete the contacts made since number `first`."""
        self.call("POST", "/v1/contacts/remove", {"emails": self.email_since(first)})

    def _members(self, action: str, ids: list[str]) -> float:
        if action == "bulk-add":
            return self.call.timed(
                "POST", "/v1/contact-lists/contacts/bulk-add", {"contactListId": self.group, "contactIds": ids}
            )
        return self.call.timed("POST", f"/v1/contact-lists/{self.group}/contacts/remove", {"contactIds": ids})

    def _page(self, group: str) -> float:
        search = {"contactListId": group, "limit": PAGE}
        return self.call.timed("POST", "/v1/contact-lists/contacts/search", search)

    def _update(self, i: int) -> float:
        body = {"email": f"person{i + 1}@example.com", "firstName": f"A{i}"}
        return self.call.timed("POST", "/v1/contacts/email", body)

    def measures(self) -> dict[str, Callable[[int], float]]:
        """Name -> one timed call; the argument picks the contact."""
        return {
            "create": lambda _: self.call.timed("POST", "/v1/contacts", self._body()),
            "get": lambda i: self.call.timed("GET", f"/v1/contacts/{self.sample[i]}"),
            "update": self._update,
            "list page": lambda _: self._page("GLOBAL_CONTACT_LIST"),
            "join": lambda i: self._members("bulk-add", [self.sample[i]]),
            "leave": lambda i: self._members("remove", [self.sample[i]]),
            "members page": lambda _: self._page(self.group),
        }


VENDORS = {"opensend": (OpenSend, "os_bench"), "autosend": (AutoSend, "AS_bench")}


def _worlds(vendor: str) -> dict[int, Any]:
    kind, key = VENDORS[vendor]
    worlds = {}
    for size in SIZES:
        app = create_app(Settings.model_validate({"fixture": "none", "vendor": (vendor,), "journal": 1000}))
        worlds[size] = kind(Caller(app, f"/{vendor}", key))
        worlds[size].prepare(size)
    return worlds


def measure(vendor: str) -> dict[str, dict[int, float]]:
    """Operation -> size -> microseconds a call."""
    worlds = _worlds(vendor)
    gc.collect()
    gc.freeze()
    times: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for size, world in worlds.items():
            for name, call in world.measures().items():
                times.setdefault((name, size), []).extend(call(i) for i in range(CALLS))
            world.undo(max(size, LEAST) + 1)
    names = dict.fromkeys(name for name, _ in times)
    return {name: {size: statistics.median(times[name, size]) * 1e6 for size in SIZES} for name in names}


def report() -> list[str]:
    """Markdown lines."""
    lines = ["| vendor | operation | 0 | 1,000 | 10,000 | 100,000 | 100,000 : 0 |", "|---|---|---|---|---|---|---|"]
    for vendor in VENDORS:
        for name, by_size in measure(vendor).items():
            figures = " | ".join(f"{by_size[size]:.0f}" for size in SIZES)
            lines.append(f"| {vendor} | {name} | {figures} | {by_size[SIZES[-1]] / by_size[SIZES[0]]:.2f} |")
    return lines
