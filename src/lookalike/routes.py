"""The operation declaration: method, paths, models, status and source, beside the handler that carries it out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a vendor, as its documentation names it.

    `body` and `query` are validated before the handler runs and handed to it under those names. `accepts` and
    `accepts_query` name their models for the contract document alone, where the handler reads them itself because the
    vendor looks things up first or answers bad ones in a way of its own. `returns` is the model of the success body;
    None means that there is none, or none of JSON. `public` operations need no credential. `also` names other methods
    that ask for the same. `source` says how the facts are known: S (vendor's source or recordings), D (documented) or
    I (inferred by us). `extras` is the vendor's own.
    """

    id: str
    method: str
    paths: tuple[str, ...]
    handler: Handler
    tag: str
    body: type[BaseModel] | None = None
    accepts: Any = None
    query: type[BaseModel] | None = None
    accepts_query: type[BaseModel] | None = None
    returns: Any = None
    status: int = 200
    public: bool = False
    also: tuple[str, ...] = ()
    doc: str = ""
    source: str = "D"
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first sentence of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").strip()

    @property
    def notes(self) -> str:
        """What the handler's docstring says after its first sentence: facts that are inferred, for the most part."""
        return (inspect.getdoc(self.handler) or "").partition("\n\n")[2].replace("\n", " ").strip()


class Routes:
    """The operations of one resource module. Its decorators record and return the handler untouched."""

    def __init__(self, tag: str, doc: str = "") -> None:
        self.tag = tag
        self.doc = doc
        self._operations: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    def add(self, method: str, *paths: str, **declared: Any) -> Callable[[H], H]:
        """Declare an operation; `paths` are as on the vendor's host, parameters in braces, the documented one first."""

        def record(handler: H) -> H:
            declared.setdefault("doc", self.doc)
            self._operations.append(
                Operation(declared.pop("id", handler.__name__), method, paths, handler, self.tag, **declared)
            )
            return handler

        return record

    def get(self, *paths: str, **declared: Any) -> Callable[[H], H]:
        return self.add("GET", *paths, **declared)

    def post(self, *paths: str, **declared: Any) -> Callable[[H], H]:
        return self.add("POST", *paths, **declared)

    def put(self, *paths: str, **declared: Any) -> Callable[[H], H]:
        return self.add("PUT", *paths, **declared)

    def patch(self, *paths: str, **declared: Any) -> Callable[[H], H]:
        return self.add("PATCH", *paths, **declared)

    def delete(self, *paths: str, **declared: Any) -> Callable[[H], H]:
        return self.add("DELETE", *paths, **declared)
