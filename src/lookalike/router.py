"""Which of a vendor's operations a request is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lookalike.addressing import SLASH
from lookalike.routes import Operation

if TYPE_CHECKING:
    from lookalike.call import Call

_Leaf = tuple[Operation, tuple[str, ...]]
"""An operation, and the names of its path's parameters in their order."""


class _Node:
    """What may come behind some segments of a path. Fixed segments come before parameters."""

    __slots__ = ("fixed", "leaves", "parameter")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.leaves: dict[str, _Leaf] = {}
        """What ends here, by method."""

    def next(self, segment: str) -> _Node:
        """The node behind one segment more of a declared path."""
        if not segment.startswith("{"):
            return self.fixed.setdefault(segment, _Node())
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter


class Router:
    """One vendor's operations by method and path.

    Paths without parameters are found at once, others segment by segment: werkzeug's router, which tries a regular
    expression on each, took a fifth of such a request.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self._fixed: dict[tuple[str, str], Operation] = {}
        for operation in operations:
            for path in operation.paths:
                self._add(operation, path)

    def _add(self, operation: Operation, path: str) -> None:
        node, segments = self._root, path[1:].split("/")
        for segment in segments:
            node = node.next(segment)
        methods = [operation.method, *operation.also]
        names = tuple(segment[1:-1] for segment in segments if segment.startswith("{"))
        for method in [*methods, "HEAD"] if "GET" in methods else methods:
            node.leaves.setdefault(method, (operation, names))
            if not names:
                self._fixed.setdefault((method, path), operation)

    def match(self, call: Call) -> None:
        """Give the call its operation and parameters, or the methods that its path would allow."""
        call.operation = self._fixed.get((call.method, call.path))
        if call.operation is not None:
            return
        values: list[str] = []
        allowed: set[str] = set()
        leaf = _find(self._root, call.path[1:].split("/"), call.method, values, allowed)
        if leaf is None:
            call.allowed = tuple(sorted(allowed))
            return
        call.operation, names = leaf
        call.params = {name: value.replace(SLASH, "/") for name, value in zip(names, values, strict=True)}


def _find(node: _Node, segments: list[str], method: str, values: list[str], allowed: set[str]) -> _Leaf | None:
    """What the segments behind a node lead to. Fills `values`, or `allowed` where only the method is wrong."""
    depth = len(values)
    for at, segment in enumerate(segments):
        fixed, parameter = node.fixed.get(segment), node.parameter if segment else None
        if fixed is not None and parameter is not None:
            found = _find(fixed, segments[at + 1 :], method, values, allowed)
            if found is not None:
                return found
            fixed = None
        if fixed is not None:
            node = fixed
        elif parameter is not None:
            values.append(segment)
            node = parameter
        else:
            del values[depth:]
            return None
    leaf = node.leaves.get(method)
    if leaf is None:
        allowed.update(node.leaves)
        del values[depth:]
    return leaf
