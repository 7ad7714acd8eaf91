"""Work that takes long, as steps between which other requests are answered."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from lookalike.answer import Lengthy
from lookalike.clock import monotonic
from lookalike.problem import Problem
from lookalike.stores import Collection
from lookalike.stores.collection import Document, Value

if TYPE_CHECKING:
    from lookalike.part import Part

R = TypeVar("R")
T = TypeVar("T")

Steps = Generator[None, None, R]
"""Yields wherever others may come in between, and returns what the work results in."""

SLICE = 0.01
"""Seconds of steps before others get in between; each pause for them costs a busy machine some milliseconds."""


def in_pieces(part: Part, steps: Steps[R]) -> R | Lengthy:
    """What a handler returns for its steps: the result where they are quickly done, else work for a thread of its own.

    Call it where the handler runs. Every slice of steps is one unit of writes. When the workspace is reset meanwhile,
    the rest is left undone and the request fails as "unavailable".
    """
    try:
        _slice(steps)
    except StopIteration as end:
        result: R = end.value
        return result
    return Lengthy(partial(finish, part, steps))


def _slice(steps: Steps[R]) -> None:
    until = monotonic() + SLICE
    next(steps)
    while monotonic() < until:
        next(steps)


def finish(part: Part, steps: Steps[R]) -> R:
    """Take the steps that are left, in a thread that may take its time. Raises Problem when it is reset meanwhile."""
    workspace = part.workspace
    while True:
        workspace.lock.pass_on()
        with workspace.unit():
            if workspace.part(part.vendor.name) is not part:
                raise Problem("unavailable", "the workspace was reset meanwhile")
            try:
                _slice(steps)
            except StopIteration as end:
                result: R = end.value
                return result


def at_once(steps: Steps[R]) -> R:
    """Take all steps: for callers that nobody waits for, or that hold the workspace anyway."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: R = end.value
            return result


def batches(
    collection: Collection, size: int, order: str, within: Value | None = None, *, descending: bool = False
) -> Iterator[list[Document]]:
    """The documents of an order, so many at a time, each time as they are then."""
    by = next(one.by for one in collection.resource.orders if one.name == order)
    after = None
    while held := collection.page(order, within=within, limit=size, after=after, descending=descending).documents:
        yield held
        if len(held) < size:
            return
        after = (*(held[-1][field] for field in by), held[-1]["id"])


def pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in slices, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
