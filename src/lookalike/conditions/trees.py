"""The shape of a condition tree: what its leaves are, and what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import inf
from typing import Any

Tree = Mapping[str, Any]
Key = str | tuple[str, str]
"""What a condition asks for: a field by its name, `("event", name)` or `("group", id)`."""
Get = Callable[[Any], Any]
"""Tells the value behind a Key; None for what is not there."""

NEVER = inf
"""The instant at which something changes that does not change with time."""

LEAVES = ("field", "event", "group")


def event_key(name: str) -> Key:
    """What a condition about an event asks for."""
    return ("event", name)


def group_key(id: str) -> Key:
    """What a condition about a group asks for."""
    return ("group", id)


def key_of(leaf: Tree) -> Key:
    """What a leaf asks for."""
    if "field" in leaf:
        return str(leaf["field"])
    return event_key(leaf["event"]) if "event" in leaf else group_key(leaf["group"])


def children(tree: Tree) -> list[Tree]:
    """The trees right below a branch."""
    return [tree["not"]] if "not" in tree else list(tree["all"] if "all" in tree else tree["any"])


def leaves(tree: Tree) -> Iterator[Tree]:
    """Every leaf of a valid tree, from left to right."""
    if any(kind in tree for kind in LEAVES):
        yield tree
        return
    for child in children(tree):
        yield from leaves(child)


def keys(tree: Tree) -> set[Key]:
    """Everything that a tree's outcome depends on, the clock apart."""
    return {key_of(leaf) for leaf in leaves(tree)}


def fields(tree: Tree) -> set[str]:
    """The names of the fields that a tree's outcome depends on."""
    return {leaf["field"] for leaf in leaves(tree) if "field" in leaf}
