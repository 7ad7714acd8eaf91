"""One vendor's audience of one size, and the calls that are measured on it, in the vendor's own paths and bodies."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import Any

from bench.callers import Caller, WireCaller

CALLS = 60
"""How often a round makes each call."""

PAGE = 100
LEAST = PAGE + CALLS
"""Contacts that every world holds: a page of members, and some who join and leave."""


@dataclass
class World:
    """One vendor's audience of one size, and the calls that are measured on it."""

    call: Caller | WireCaller
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    sample: list[str] = field(default_factory=list)
    group: Any = ""

    def heavy(self) -> dict[str, Callable[[], float]]:
        """Calls that are made once a round; most worlds have none."""
        return {}

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
        self.cursors = sorted(ids)[PAGE:]
        self.chance = Random(1)
        for id in [id for id in ids if id not in self.sample][: max(PAGE, size // 100)]:
            self.call("POST", f"/contacts/{id}/segments/{self.group}")

    def _body(self) -> dict[str, Any]:
        return {"email": self.email(), "first_name": "Ann", "properties": {"plan": "pro"}}

    def _anywhere(self) -> str:
        """A cursor with a full page behind it, another one each time."""
        return self.chance.choice(self.cursors)

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
            "page anywhere": lambda _: self.call.timed("GET", f"/contacts?limit={PAGE}&after={self._anywhere()}"),
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


class CustomerIo(World):
    """Customer.io's own paths and bodies: Track to write, App to read."""

    def prepare(self, size: int) -> None:
        self.track = self.call.signed("Basic " + b64encode(b"bench:bench").decode())
        self.group = self._segment("VIP")
        ids = [self._identify(self.email())[0] for _ in range(max(size, LEAST))]
        self.sample = ids[:: len(ids) // CALLS][:CALLS]
        chosen = set(self.sample)
        self._fill(self.group, [id for id in ids if id not in chosen][: max(PAGE, size // 100)])
        self.even, self.odd, self.all, self.few = (self._segment(name) for name in ("Even", "Odd", "All", "Few"))
        self._fill(self.even, ids[::2])
        self._fill(self.odd, ids[1::2])
        self._fill(self.all, ids)
        self._fill(self.few, ids[-10:])

    def _segment(self, name: str) -> int:
        return self.call("POST", "/v1/segments", {"segment": {"name": name, "description": ""}})["segment"]["id"]

    def _fill(self, segment: int, ids: list[str]) -> None:
        for start in range(0, len(ids), 1000):
            self._members("add", ids[start : start + 1000], segment)

    def _identify(self, email: str, **attributes: Any) -> tuple[str, float]:
        id = email.partition("@")[0]
        body = {"email": email, "plan": "pro", **attributes}
        return id, self.track.timed("PUT", f"/api/v1/customers/{id}", body)

    def undo(self, first: int) -> None:
        """Delete the people made since number `first`."""
        for email in self.email_since(first):
            self.track.timed("DELETE", f"/api/v1/customers/{email.partition('@')[0]}")

    def _members(self, action: str, ids: list[str], segment: int | None = None) -> float:
        path = f"/api/v1/segments/{segment or self.group}/{action}_customers"
        return self.track.timed("POST", path, {"ids": ids})

    def _batch(self, size: int) -> float:
        rows = [
            {"type": "person", "action": "identify", "identifiers": {"id": id}, "attributes": {"seen": number}}
            for number, id in enumerate(self.sample * (size // CALLS + 1))
        ]
        return self.track.timed("POST", "/api/v2/batch", {"batch": rows[:size]})

    def _search(self, condition: dict[str, Any]) -> float:
        return self.call.timed("POST", f"/v1/customers?limit={PAGE}", {"filter": condition})

    def measures(self) -> dict[str, Callable[[int], float]]:
        """Name -> one timed call; the argument picks the person."""
        plan = {"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}
        return {
            "identify, new": lambda _: self._identify(self.email())[1],
            "get": lambda i: self.call.timed("GET", f"/v1/customers/{self.sample[i]}/attributes"),
            "identify, known": lambda i: self._identify(f"{self.sample[i]}@example.com", first_name=f"A{i}")[1],
            "join": lambda i: self._members("add", [self.sample[i]]),
            "leave": lambda i: self._members("remove", [self.sample[i]]),
            "members page": lambda _: self.call.timed("GET", f"/v1/segments/{self.group}/membership?limit={PAGE}"),
            "search: segment": lambda _: self._search({"segment": {"id": self.group}}),
            "search: segment and attribute": lambda _: self._search({"and": [{"segment": {"id": self.group}}, plan]}),
            "search: attribute": lambda _: self._search(plan),
            **{f"search: {name}": partial(self._combined, filter) for name, filter in self._combinations().items()},
        }

    def _combined(self, condition: dict[str, Any], _i: int) -> float:
        return self._search(condition)

    def _combinations(self) -> dict[str, dict[str, Any]]:
        """Conditions over segments of half of the people, of all and of ten, where no condition alone helps."""
        even, odd, all, few = ({"segment": {"id": id}} for id in (self.even, self.odd, self.all, self.few))
        plan = {"attribute": {"field": "plan", "operator": "exists"}}
        return {
            "halves that share nobody": {"and": [even, odd]},
            "two halves, equal": {"and": [even, even]},
            "a half within all": {"and": [all, even]},
            "a half and ten": {"and": [even, few]},
            "all but all": {"and": [all, {"not": plan}]},
            "neither half": {"not": {"or": [even, odd]}},
            "a deep one that nobody fits": {
                "and": [{"or": [{"and": [even, plan]}, few]}, {"not": {"or": [even, few]}}]
            },
        }

    def heavy(self) -> dict[str, Callable[[], float]]:
        """Calls of a thousand rows, made once a round."""
        return {
            "add_customers, 1,000 ids": lambda: self._members("add", (self.sample * 17)[:1000]),
            "batch, 1,000 entities": lambda: self._batch(1000),
        }


VENDORS = {
    "opensend": (OpenSend, "Bearer os_bench"),
    "autosend": (AutoSend, "Bearer AS_bench"),
    "customerio": (CustomerIo, "Bearer cio_bench"),
}
"""The world of each vendor, and the credential that its calls carry."""
