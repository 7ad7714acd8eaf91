"""Whether JSON data is a condition tree, and if not, where it makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.conditions import values
from lookalike.conditions.leaves import COUNTS, EMPTINESS, EXISTENCE, OPERATORS, RELATIVE, operand, type_of
from lookalike.conditions.trees import Tree

DEEPEST = 20
"""Levels of nesting a tree may have."""

_KINDS = ("all", "any", "not", "field", "event", "group")

Path = tuple[str | int, ...]


class ConditionError(ValueError):
    """A tree that makes no sense; `path` leads to the place, as in `("all", 0, "op")`."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"{place}: {self.message}" if place else self.message


def check(tree: Any, path: Path = ()) -> None:
    """Raises ConditionError when `tree` is not a condition tree, or one of its branches has nothing on it."""
    if not isinstance(tree, Mapping):
        raise ConditionError("a condition must be an object", path)
    if len(path) > 2 * DEEPEST:
        raise ConditionError(f"conditions may be nested {DEEPEST} levels deep", path)
    kinds = [kind for kind in _KINDS if kind in tree]
    if len(kinds) != 1:
        raise ConditionError(f"a condition needs exactly one of {', '.join(_KINDS[:-1])} and {_KINDS[-1]}", path)
    kind = kinds[0]
    if kind in _LEAVES:
        _LEAVES[kind](tree, path)
    elif len(tree) > 1:
        raise ConditionError(f"nothing may stand beside {kind}", path)
    elif kind == "not":
        check(tree["not"], (*path, "not"))
    else:
        _check_branch(tree[kind], (*path, kind))


def _check_branch(children: Any, path: Path) -> None:
    if not isinstance(children, list) or not children:
        raise ConditionError("must be a list of at least one condition", path)
    for number, child in enumerate(children):
        check(child, (*path, number))


def _check_field(leaf: Tree, path: Path) -> None:
    _check_members(leaf, ("field", "type", "op", "value", "missing"), path)
    if not isinstance(leaf["field"], str) or not leaf["field"]:
        raise ConditionError("must be the name of a field", (*path, "field"))
    if not isinstance(leaf.get("missing", False), bool):
        raise ConditionError("must be true or false", (*path, "missing"))
    type_ = type_of(leaf)
    if type_ not in OPERATORS:
        raise ConditionError(f"must be one of {', '.join(OPERATORS)}", (*path, "type"))
    op = leaf.get("op")
    if op not in OPERATORS[type_]:
        raise ConditionError(f"must be one of {', '.join(OPERATORS[type_])}", (*path, "op"))
    if op not in EMPTINESS and op not in EXISTENCE and operand(leaf) is None:
        raise ConditionError(f"must be {_wanted(op, type_)}", (*path, "value"))


def _wanted(op: str, type_: str) -> str:
    if op in RELATIVE:
        return 'a span of time such as "7d"'
    return f"a list of two values of type {type_}" if op == "between" else f"a value of type {type_}"


def _check_event(leaf: Tree, path: Path) -> None:
    _check_members(leaf, ("event", "op", "times", "within"), path)
    if not isinstance(leaf["event"], str) or not leaf["event"]:
        raise ConditionError("must be the name of an event", (*path, "event"))
    if leaf.get("op") not in COUNTS:
        raise ConditionError(f"must be one of {', '.join(COUNTS)}", (*path, "op"))
    times = leaf.get("times")
    if isinstance(times, bool) or not isinstance(times, int) or times < 0:
        raise ConditionError("must be a number of times", (*path, "times"))
    if leaf.get("within") is not None and values.span(leaf["within"]) is None:
        raise ConditionError('must be a span of time such as "7d"', (*path, "within"))


def _check_group(leaf: Tree, path: Path) -> None:
    _check_members(leaf, ("group",), path)
    if not isinstance(leaf["group"], str) or not leaf["group"]:
        raise ConditionError("must be the id of a group", (*path, "group"))


def _check_members(leaf: Tree, known: tuple[str, ...], path: Path) -> None:
    for name in leaf:
        if name not in known:
            listed = f"{', '.join(known[:-1])} and {known[-1]}" if len(known) > 1 else known[0]
            raise ConditionError(f"is unknown: a condition has {listed}", (*path, name))


_LEAVES: Mapping[str, Callable[[Tree, Path], None]] = {
    "field": _check_field,
    "event": _check_event,
    "group": _check_group,
}
