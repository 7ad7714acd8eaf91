"""Which of a vendor's operations a request is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from lookalike.addressing import SLASH
from lookalike.routes import Operation

if TYPE_CHECKING:
    from lookalike.call import Call


class MatchedRule(Rule):
    """A rule that is matched and never built into a URL: its compiled builders are most of what a rule costs."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _unbuilt


def _unbuilt(_rule: Rule, **_values: Any) -> tuple[str, str]:
    raise NotImplementedError("lookalike builds no URLs from rules")


class Router:
    """One vendor's operations by method and path: those without parameters at once, the rest by werkzeug's router."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._fixed = {
            (method, path): operation
            for operation in operations
            for path in operation.paths
            if "{" not in path
            for method in (operation.method, *operation.also)
        }

    @cached_property
    def _adapter(self) -> MapAdapter:
        """Made when the vendor is first asked for something that it does not find without: nobody may ever ask."""
        rules = Map(strict_slashes=True, merge_slashes=False, redirect_defaults=False)
        for number, operation in enumerate(self._operations):
            methods = [operation.method, *operation.also]
            for path in operation.paths:
                rule = path.replace("{", "<").replace("}", ">")
                rules.add(MatchedRule(rule, endpoint=number, methods=methods, merge_slashes=False))
        return MapAdapter(rules, "localhost", "/", "", "http", "/", "GET")

    def match(self, call: Call) -> None:
        """Give the call its operation and parameters, or the methods that its path would allow."""
        call.operation = self._fixed.get((call.method, call.path))
        # Of two slashes at the beginning werkzeug would make one.
        if call.operation is not None or call.path.startswith("//"):
            return
        try:
            number, params = self._adapter.match(call.path, call.method)
        except MethodNotAllowed as error:
            call.allowed = tuple(sorted(error.valid_methods or ()))
            return
        except NotFound:
            return
        call.operation = self._operations[number]
        if params:
            call.params = {name: value.replace(SLASH, "/") for name, value in params.items()}
