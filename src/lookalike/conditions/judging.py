"""Condition trees at work: whether one holds, for how long, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lookalike.conditions import values
from lookalike.conditions.leaves import Plain, Timed, Token, Verdict, count, equality, is_relative, plain, timed
from lookalike.conditions.trees import NEVER, Get, Tree, children, key_of, keys, leaves


class Rule:
    """A valid tree made ready to be asked often.

    `keys` is what its outcome depends on, `relative` whether on the clock too. `equality` is field, type and token of
    the one value that it asks for, where it asks for nothing else.
    """

    __slots__ = ("equality", "keys", "plain", "relative", "timed", "tree")

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.keys = keys(tree)
        self.relative = _is_relative(tree)
        self.equality = _equality(tree)
        self.plain: Plain | None = None if self.relative else _plain(tree)
        self.timed: Timed | None = _timed(tree) if self.relative else None

    def judge(self, get: Get, now: float) -> Verdict:
        """Whether it holds, and the next instant at which that could change without a write (or NEVER)."""
        if self.plain is not None:
            return self.plain(get), NEVER
        assert self.timed is not None
        return self.timed(get, now)


def judge(tree: Tree, get: Get, now: float) -> tuple[bool, float | None]:
    """Whether a valid tree holds at `now`, and when that could change next without a write; None for never."""
    holds, until = Rule(tree).judge(get, now)
    return holds, None if until == NEVER else until


def matches(tree: Tree, get: Get, now: float = 0.0) -> bool:
    """Whether a valid tree holds for the one whose fields `get` tells."""
    return Rule(tree).judge(get, now)[0]


def explain(tree: Tree, get: Get, now: float) -> dict[str, Any]:
    """The tree with `holds` at each of its nodes; leaves say what they saw in `seen`, an event's how often it was."""
    holds = matches(tree, get, now)
    if "not" in tree:
        return {"not": explain(tree["not"], get, now), "holds": holds}
    for kind in ("all", "any"):
        if kind in tree:
            return {kind: [explain(child, get, now) for child in tree[kind]], "holds": holds}
    return {**tree, "seen": _seen(tree, get, now), "holds": holds}


def _seen(leaf: Tree, get: Get, now: float) -> Any:
    value = get(key_of(leaf))
    if "event" not in leaf:
        return bool(value) if "group" in leaf else value
    span = NEVER if leaf.get("within") is None else values.span(leaf["within"])
    return count(value or (), NEVER if span is None else span, now)


def _equality(tree: Tree) -> tuple[str, str, Token] | None:
    for kind in ("all", "any"):
        if kind in tree:
            return _equality(tree[kind][0]) if len(tree[kind]) == 1 else None
    return None if "not" in tree else equality(tree)


def _is_relative(tree: Tree) -> bool:
    return any(map(is_relative, leaves(tree)))


def _plain(tree: Tree) -> Plain:
    if "all" in tree:
        return _every([_plain(child) for child in tree["all"]])
    if "any" in tree:
        return _some([_plain(child) for child in tree["any"]])
    if "not" in tree:
        denied = _plain(tree["not"])
        return lambda get: not denied(get)
    return plain(tree)


def _every(nodes: Sequence[Plain]) -> Plain:
    if len(nodes) == 1:
        return nodes[0]

    def holds(get: Get) -> bool:
        for node in nodes:  # noqa: SIM110 - a third quicker than all()
            if not node(get):
                return False
        return True

    return holds


def _some(nodes: Sequence[Plain]) -> Plain:
    if len(nodes) == 1:
        return nodes[0]

    def holds(get: Get) -> bool:
        for node in nodes:  # noqa: SIM110 - as above
            if node(get):
                return True
        return False

    return holds


def _timed(tree: Tree) -> Timed:
    if not _is_relative(tree):
        static = _plain(tree)
        return lambda get, _now: (static(get), NEVER)
    if "not" in tree:
        denied = _timed(tree["not"])
        return lambda get, now: _denied(denied(get, now))
    if "all" in tree or "any" in tree:
        return _together([_timed(child) for child in children(tree)], decisive="any" in tree)
    return timed(tree)


def _denied(verdict: Verdict) -> Verdict:
    return not verdict[0], verdict[1]


def _together(nodes: Sequence[Timed], *, decisive: bool) -> Callable[[Get, float], Verdict]:
    """A branch that one node decides whose outcome is `decisive`; while that one stands, the others do not matter."""

    def verdict(get: Get, now: float) -> Verdict:
        soonest, latest, decided = NEVER, now, False
        for node in nodes:
            holds, until = node(get, now)
            if holds is decisive:
                decided, latest = True, max(latest, until)
                if until == NEVER:
                    break
            else:
                soonest = min(soonest, until)
        return (decisive, latest) if decided else (not decisive, soonest)

    return verdict
