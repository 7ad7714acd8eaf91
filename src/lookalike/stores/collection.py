"""The narrow waist between handlers and stores: JSON documents in collections with declared indexes and orders.

Every verb costs O(1) or O(log n), except `scan`, which is for searches that the vendor itself defines as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Protocol

import orjson

from lookalike.problem import Problem

Document = dict[str, Any]
Value = str | int | float | bool
Keys = Callable[[Document], Iterable[Value]]
Numbers = Sequence[int]
Spread = Callable[[Sequence[Document], range], dict[Value, Numbers]]
"""Says of documents, numbered as the range tells, which of them go under each value: their numbers in order."""
Choose = Callable[[Callable[[str, Value], int]], int]
"""Combines sets by &, | and ~, each given by `of(name, value)` as the bits of a whole number."""


class StoreError(Exception):
    """A store that cannot be opened, or holds what makes no sense; the message is one sentence for the user."""


class Duplicate(Exception):
    """A write would give two documents the same value of a unique field; nothing was written."""

    def __init__(self, field: str, value: Value) -> None:
        super().__init__(f"{field} {value!r} is taken")
        self.field = field
        self.value = value


class Unwritable(Problem):
    """A store cannot keep what was written, which is undone then; `sentence` says why to those who run the server."""

    def __init__(self, sentence: str, kind: str = "internal") -> None:
        super().__init__(kind)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class Conflict(Exception):
    """A unit that was begun without the workspace's lock cannot be kept, since another server has written first."""


Place = tuple[str, str, str]
"""Workspace, vendor and resource."""


class Unfit(StoreError):
    """Documents from elsewhere that do not fit what their resource declares; `trouble` says why."""

    def __init__(self, place: Place, trouble: str, where: str = "") -> None:
        workspace, vendor, resource = place
        super().__init__(f"{where}table {f'{vendor}/{workspace}/{resource}'!r}: {trouble}")
        self.place = place
        self.trouble = trouble


@dataclass(frozen=True)
class Index:
    """A lookup: `name` is a field (each member of a list counts), or `keys` says what a document goes under.

    `spread` says the same of many documents, for sets that a bulk enters: by far quicker where they are much alike.
    """

    name: str
    keys: Keys | None = None
    spread: Spread | None = None

    def of(self, document: Document) -> Iterable[Value]:
        if self.keys is not None:
            return self.keys(document)
        return _values(document.get(self.name))


@dataclass(frozen=True)
class Order:
    """A sorted sequence of documents, ascending by the fields `by` and last by id.

    With `within` there is one sequence for each value of that field (or of `within(document)`), so the members of
    a list page as cheaply as the whole collection.

    Lists keep at hand what they show of an order, unless `shown` is false: then a page works it out, and a write leaves
    the sequences alone in which the document stays where it is. With `text` the fields of `by` are texts without NUL:
    a place is kept as one text then, in two thirds of the room, and is found in half the time.
    """

    name: str
    by: tuple[str, ...] = ()
    within: str | Keys | None = None
    shown: bool = True
    text: bool = False

    @cached_property
    def key(self) -> Callable[[Document], tuple[Any, ...]]:
        """Gives a document's place in the order; raises KeyError when it lacks a field of `by`."""
        return itemgetter(*self.by, "id") if self.by else lambda document: (document["id"],)

    def partitions(self, document: Document) -> Iterable[Value | None]:
        if self.within is None:
            return (None,)
        if callable(self.within):
            return self.within(document)
        return _values(document.get(self.within))


def _values(value: Any) -> Iterable[Value]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


BY_ID = Order("id")


@dataclass(frozen=True)
class View:
    """How lists show a document: `serialize(document, workspace)`, worked out when a page first shows it.

    It must depend on nothing else; None says that it would, so that the list has to work it out.
    """

    name: str
    serialize: Callable[[Document, str], Any]


@dataclass(frozen=True, eq=False)
class Resource:
    """What a vendor declares about one kind of document. Two are never the same, whatever they declare.

    `unique` fields may be missing or null in many documents. `sets` are lookups that searches combine (`select`); they
    suit documents whose ids rise with time, as others are numbered anew by the first search after a write.
    """

    name: str
    unique: tuple[str, ...] = ()
    indexes: tuple[str | Index, ...] = ()
    orders: tuple[Order, ...] = (BY_ID,)
    views: tuple[View, ...] = ()
    sets: tuple[str | Index, ...] = ()


class Contents(Protocol):
    """What a page holds, fetched only as far as somebody asks: at a large collection each fetch costs."""

    @property
    def ids(self) -> list[str]: ...

    def documents(self) -> list[Document]: ...

    def shown(self, view: View) -> list[Any]: ...


@dataclass(frozen=True)
class Page:
    """Part of an order. `total` counts the whole order (or partition), whatever the page's bounds."""

    contents: Contents
    has_more: bool
    total: int

    @cached_property
    def documents(self) -> list[Document]:
        """The documents as they are when somebody first asks; those deleted since the page was made are left out."""
        return self.contents.documents()

    @property
    def ids(self) -> list[str]:
        """The documents' ids, for which none is read."""
        return self.contents.ids

    def shown(self, view: View) -> list[Any]:
        """What a view makes of the documents, to be put into an answer's data.

        Where the collection has it ready, one piece of prepared JSON stands for all of them, commas included. Where
        the view says of any document that it cannot tell, there is an item a document, None for those.
        """
        return self.contents.shown(view)


@dataclass(frozen=True)
class Found:
    """The contents of a page that a search has put together."""

    found: list[Document]
    workspace: str

    @property
    def ids(self) -> list[str]:
        return [document["id"] for document in self.found]

    def documents(self) -> list[Document]:
        return self.found

    def shown(self, view: View) -> list[Any]:
        return [view.serialize(document, self.workspace) for document in self.found]


def read_all(raws: Iterable[bytes]) -> list[Document]:
    """Documents from their JSON texts: one parse of many costs about half of one parse each."""
    documents: list[Document] = orjson.loads(b"[" + b",".join(raws) + b"]")
    return documents


class Collection(Protocol):
    """The documents of one resource of one vendor in one workspace. Copies in, copies out.

    A write that raises has written nothing. The fields of an order have to be in every document, of one type.
    """

    resource: Resource
    workspace: str
    version: int
    """Another one after every write."""

    def get(self, id: str) -> Document | None:
        """The document, or None."""

    def get_many(self, ids: Iterable[str]) -> list[Document]:
        """Those that exist, in the order asked for."""

    def put(self, document: Document) -> None:
        """Insert or replace by `document["id"]`. Raises Duplicate and writes nothing."""

    def extend(self, documents: Iterable[Document]) -> list[Document]:
        """Put many new documents at once, and say which those were: where the id or the value of a unique field is
        taken, the document is left out."""

    def amend(self, pairs: list[tuple[Document, Document]]) -> None:
        """Replace many documents: each pair is one as it is there and the same as it shall be, unique fields as before.

        Quicker than so many puts, the more so the less of them differs.
        """

    def delete(self, id: str) -> bool:
        """False when there was none."""

    def one(self, index: str, value: Value) -> Document | None:
        """The document with this value of a unique field, or the first one under this value of an index."""

    def find(self, index: str, value: Value) -> list[Document]:
        """All documents under this value of an index, oldest write first."""

    def ids(self, index: str, value: Value) -> list[str]:
        """Their ids alone."""

    def count(self, index: str | None = None, value: Value | None = None) -> int:
        """How many documents there are, or how many under a value of an index."""

    def knows(self, index: str, values: Iterable[Value]) -> bool:
        """Whether there is a document under any of these values of an index."""

    def page(
        self,
        order: str = "id",
        *,
        limit: int,
        within: Value | None = None,
        after: tuple[Any, ...] | None = None,
        before: tuple[Any, ...] | None = None,
        offset: int = 0,
        descending: bool = False,
    ) -> Page:
        """A page of an order.

        `after` and `before` are order keys (the values of `by`, then the id) and exclusive in reading direction; they
        need not exist. With `before` alone the page is the one that ends just before that key.
        """

    def select(self, choose: Choose, *, limit: int, after: str | None = None) -> list[str]:
        """The ids, in their own order, of the first documents that `choose(of)` leaves, from the one after `after` on.

        `of(name, value)` is one of the declared `sets`, or under "id" the document of that id alone. It costs some
        microseconds a set at any size: a bit for each document.
        """

    def scan(self, order: str = "id", *, within: Value | None = None, descending: bool = False) -> Iterator[Document]:
        """Every document of an order, read one by one. Writes made meanwhile may or may not show."""

    def first(self, order: str, *, within: Value | None = None) -> tuple[Any, ...] | None:
        """The least key of an order (or partition), None where there is no document."""

    def position(self, order: str, key: tuple[Any, ...], *, within: Value | None = None) -> int:
        """How many documents of the order sort below `key`."""

    def clear(self) -> None:
        """Drop every document."""

    def copy_from(self, source: Collection) -> None:
        """Hold the same documents as another collection of the same resource, and no others."""
