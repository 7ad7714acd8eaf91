"""Where a vendor keeps its rule-based groups and their members."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lookalike.conditions import Get, Key
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document, Value

if TYPE_CHECKING:
    from lookalike.part import Part


def _ruled(group: Document) -> tuple[bool, ...]:
    return (True,) if group.get("tree") is not None else ()


RULED = Index("ruled", _ruled)
"""What a resource of groups has to declare: those with a rule are found under `True`."""


@dataclass(frozen=True)
class _ByRecheck(Order):
    """Those whose groups may change with time, soonest first; others are not in it."""

    @cached_property
    def key(self) -> Callable[[Document], tuple[Any, ...]]:
        return lambda member: (recheck_of(member), member["id"])


def recheck_of(member: Document) -> float | None:
    """The next instant at which a member's groups may change without a write; None for never."""
    kept = member.get("living")
    return None if kept is None else kept["recheck_at"]


def _waiting(member: Document) -> tuple[None, ...]:
    return (None,) if recheck_of(member) is not None else ()


RECHECKS = _ByRecheck("recheck", ("living",), within=_waiting, shown=False)  # type: ignore[arg-type] # of the one unnamed partition
"""The order that a resource of members has to declare."""


@dataclass(frozen=True)
class Living:
    """What the engine has to know of a vendor.

    - `groups`: documents with a `name`; it declares the index `RULED`.
    - `members`: documents with the list `field`, ids of the groups (of others too) that a member is in. It declares
      the order `RECHECKS`, an order called `order` with a partition for each group's id, and one with everybody:
      `everyone` is its name and partition. Those who change keep their place in both.
    - `read(part, member)`: how a condition reads a member; what it says of the groups that have a rule is not asked.
    - `changes(before, after)`: every key whose value differs between two versions of a member.
    - `passed(part, before, member)`: the clock has moved a member into other groups than it was in `before`. Of writes
      it is not told: the vendor makes them and knows both.
    - `find(part, text)`: the member whom an address or id names, or None; `title(member)` is how people call one.
    """

    groups: Resource
    members: Resource
    field: str
    order: str
    everyone: tuple[str, Value | None]
    read: Callable[[Part, Document], Get]
    changes: Callable[[Document, Document], Collection[Key]]
    find: Callable[[Part, str], Document | None]
    title: Callable[[Document], str]
    passed: Callable[[Part, Document, Document], None] | None = None


def living_of(part: Part) -> Living:
    """What the part's vendor declares; only for vendors that do."""
    living = part.vendor.living
    assert living is not None
    return living
