"""Work that takes long, as steps between which other requests are answered."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import TypeVar

from lookalike.answer import Lengthy
from lookalike.clock import pause
from lookalike.workspace import Workspace

T = TypeVar("T")
R = TypeVar("R")

Steps = Generator[None, None, R]
"""Yields wherever others may come in between, and returns what the work results in."""

AT_ONCE = 50
"""How many documents are written between two of these places."""

READ_AT_ONCE = 500
"""How many are read."""


def lengthy(workspace: Workspace, steps: Steps[R], size: int, most: int = AT_ONCE) -> Lengthy | R:
    """What a handler answers to have its steps taken one after the other, each of them one unit of writes.

    Work of a `size` that is not worth it is done on the spot.
    """
    return at_once(steps) if size <= most else Lengthy(partial(_one_by_one, workspace, steps))


def _one_by_one(workspace: Workspace, steps: Steps[R]) -> R:
    while True:
        with workspace.unit():
            try:
                next(steps)
            except StopIteration as end:
                result: R = end.value
                return result
        pause()


def at_once(steps: Steps[R]) -> R:
    """Take all steps, for callers that hold the workspace anyway."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: R = end.value
            return result


def pieces(items: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """The items in slices of one step each."""
    return (items[start : start + size] for start in range(0, len(items), size))
