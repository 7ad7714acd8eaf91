"""Whether somebody is in a segment, as every vendor that knows both shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lookalike.remote import ControlError

if TYPE_CHECKING:
    from lookalike.testing.world import World

Seen = dict[str, Any]


class Contact:
    """A contact at one vendor, or at all that have it."""

    def __init__(self, world: World, contact: str, vendor: str | None) -> None:
        self._world = world
        self._contact = contact
        self._vendors = list(world.accounts) if vendor is None else [vendor]

    def in_segment(self, segment: str) -> None:
        """That the contact is in a segment (or list), by its name or id, wherever both are known.

        Raises AssertionError, with the rule and what it saw of the contact where there is one.
        """
        __tracebackhide__ = True
        self._check(segment, is_in=True)

    def not_in_segment(self, segment: str) -> None:
        """That the contact is in no such segment; both have to be known."""
        __tracebackhide__ = True
        self._check(segment, is_in=False)

    def _check(self, segment: str, *, is_in: bool) -> None:
        __tracebackhide__ = True
        seen = [found for vendor in self._vendors if (found := self._see(vendor, segment)) is not None]
        known = [found for found in seen if None not in found["ids"].values()]
        if not known:
            raise AssertionError("\n".join(self._unknown(segment, seen)))
        wrong = [found for found in known if found["in"] is not is_in]
        if wrong:
            raise AssertionError("\n".join(line for found in wrong for line in self._complaint(segment, found, is_in)))

    def _see(self, vendor: str, segment: str) -> Seen | None:
        """How it is right now; None where the vendor has no segments."""
        member = {"vendor": vendor, "workspace": self._world.name, "segment": segment, "contact": self._contact}
        try:
            found: Seen = self._world.control.ask("POST", "/wait", {"member": member, "timeout": 0})["found"][0]
        except ControlError as error:
            if error.status == 408:
                near: Seen = error.answer["near_misses"][0]
                return near
            if error.status == 400 and len(self._vendors) > 1:
                return None
            raise
        return found

    def _unknown(self, segment: str, seen: list[Seen]) -> Iterator[str]:
        yield f"no vendor knows both the contact {self._contact!r} and the segment {segment!r}"
        for found in seen:
            lacks = [name for name, id in found["ids"].items() if id is None]
            yield f"  {found['vendor']} has no such {' and no such '.join(lacks)}"

    def _complaint(self, segment: str, found: Seen, is_in: bool) -> Iterator[str]:
        is_so = "is not in" if is_in else "is in"
        yield f"{self._contact!r} {is_so} the segment {segment!r} of {found['vendor']}"
        query = {"contact": self._contact, "vendor": found["vendor"], "workspace": self._world.name}
        try:
            why = self._world.control.ask(
                "GET", f"/segments/{quote(found['ids']['segment'], safe='')}/why", query=query
            )
        except ControlError:
            return  # It has no rule: whoever is in it was put there.
        yield from _lines(why["conditions"], "  ")
        for event in why["history"][-3:]:
            yield f"  {event['what']} at {event['at']}: {_text(event['why'])}"
        for event in why["pending"]:
            yield f"  {event['what']} at {event['at']}, once membership no longer lags"


def _lines(tree: dict[str, Any], indent: str) -> Iterator[str]:
    mark = "holds" if tree["holds"] else "fails"
    for kind in ("all", "any"):
        if kind in tree:
            yield f"{indent}{mark}: {kind} of"
            for child in tree[kind]:
                yield from _lines(child, indent + "    ")
            return
    if "not" in tree:
        yield f"{indent}{mark}: not"
        yield from _lines(tree["not"], indent + "    ")
        return
    leaf = {name: value for name, value in tree.items() if name not in ("holds", "seen")}
    yield f"{indent}{mark}: {_text(leaf)}, saw {_text(tree['seen'])}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
