"""Waiting, in real time, until something has happened."""

from __future__ import annotations

from typing import Any

from lookalike.remote import Control, ControlError


def wait(
    control: Control, kind: str, expected: dict[str, Any], count: int, timeout: str | float
) -> list[dict[str, Any]]:
    """What was waited for, in its order. Raises AssertionError with what came closest when it is not so in time."""
    __tracebackhide__ = True
    try:
        answer = control.ask("POST", "/wait", {kind: expected, "count": count, "timeout": timeout})
    except ControlError as error:
        if error.status != 408:
            raise
        misses = [f"  {_told(miss)}" for miss in error.answer.get("near_misses", ())]
        lines = [str(error), *(misses or ["  nothing came close"])]
    else:
        found: list[dict[str, Any]] = answer["found"]
        return found[::-1]
    raise AssertionError("\n".join(lines))


def _told(miss: dict[str, Any]) -> str:
    if "ids" in miss:  # a member
        lacks = [f"no such {name}" for name, id in miss["ids"].items() if id is None]
        is_so = " and ".join(lacks) or f"{miss['contact']!r} is {'in' if miss['in'] else 'not in'} {miss['segment']!r}"
        return f"{miss['vendor']}: {is_so}"
    names = ("method", "path", "status", "operation", "vendor", "recipient", "subject", "event", "subscription", "name")
    shown = [f"{name} {miss[name]!r}" for name in names if miss.get(name) is not None]
    shown += [f"{one['member']} was {one['actual']!r}" for one in miss.get("differences", ())]
    return ", ".join(shown) or str(miss)
