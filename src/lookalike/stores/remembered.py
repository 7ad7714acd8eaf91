"""What a collection said, until it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from lookalike.stores.collection import Collection

T = TypeVar("T")


class Remembered(Generic[T]):
    """The answer of `look(collection)`, for what every request asks and few requests change.

    `find` gives the collection, which may be another one each time: after a reset, say. Call it under the workspace's
    lock: in the midst of a write the version is new, and what is said may be old.
    """

    __slots__ = ("_find", "_known", "_look")

    def __init__(self, find: Callable[[], Collection], look: Callable[[Collection], T]) -> None:
        self._find = find
        self._look = look
        self._known: tuple[Collection, int, T] | None = None
        """Of whom, at which version, and what it said."""

    def __call__(self) -> T:
        collection = self._find()
        version, known = collection.version, self._known
        if known is None or known[0] is not collection or known[1] != version:
            known = self._known = (collection, version, self._look(collection))
        return known[2]
