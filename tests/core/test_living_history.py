"""When and why a member entered or left a group, told from what the member remembers."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.living import Event, GroupRule, passages, pending
from lookalike.living.history import REBUILT
from lookalike.living.judging import KEPT
from lookalike.vendors.segmailer import VENDOR

LIVING = VENDOR.living
SINCE = 100.0
MADE, CLOCK = "the contact was made", "time has passed"
CHANGED = "plan changed"


def rule() -> GroupRule:
    return GroupRule({"id": "g", "name": "G", "since": SINCE, "tree": {"field": "plan", "op": "equals", "value": "a"}})


def member(*past: str, inside: bool, made: float | None = None, waiting: list[Any] | None = None) -> dict[str, Any]:
    assert LIVING is not None
    kept = {"recheck_at": None, "made": made, "past": list(past)}
    return {
        "id": "m",
        LIVING.field: ["g"] if inside else [],
        "living": kept | ({"pending": waiting} if waiting else {}),
    }


def entered(at: int, group: str = "g", why: str = "plan") -> str:
    return f"{at}.0|{group}||{why}"


def left(at: int, group: str = "g", why: str = "plan") -> str:
    return f"{at}.0||{group}|{why}"


OTHERS = [entered(at, "other") for at in range(200, 200 + KEPT)]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (member(inside=False), []),
        (member(inside=False, made=150.0), []),
        (member(inside=True), [(SINCE, True, REBUILT)]),
        (member(inside=True, made=99.0), [(SINCE, True, REBUILT)]),
        (member(inside=True, made=SINCE), [(SINCE, True, MADE)]),
        (member(inside=True, made=150.0), [(150.0, True, MADE)]),
        (member(entered(200), inside=True, made=150.0), [(200.0, True, CHANGED)]),
        (member(left(200), inside=False, made=150.0), [(150.0, True, MADE), (200.0, False, CHANGED)]),
        (member(left(200), inside=False), [(SINCE, True, REBUILT), (200.0, False, CHANGED)]),
        (
            member(entered(200), left(300, why="(clock)"), inside=False),
            [(200.0, True, CHANGED), (300.0, False, CLOCK)],
        ),
        # It has been judged anew since, with no note in the member.
        (member(entered(200), inside=False), [(200.0, True, CHANGED), (SINCE, False, REBUILT)]),
        (
            member(left(200), inside=True, made=150.0),
            [(150.0, True, MADE), (200.0, False, CHANGED), (SINCE, True, REBUILT)],
        ),
        # What is of other groups says nothing of this one, unless it has pushed out what did.
        (member(entered(200, "other"), inside=True, made=150.0), [(150.0, True, MADE)]),
        (member(*OTHERS[1:], inside=True, made=150.0), [(150.0, True, MADE)]),
        (member(*OTHERS, inside=True, made=150.0), []),
        (member(*OTHERS[1:], left(300), inside=False, made=150.0), [(300.0, False, CHANGED)]),
        (member(*OTHERS, inside=False, made=150.0), []),
        # Of what changed, only that which the rule asks for.
        (member(entered(200, why="seats|plan"), inside=True), [(200.0, True, CHANGED)]),
        (member(entered(200, why="seats|city"), inside=True), [(200.0, True, "city, seats changed")]),
        (member(entered(200, "other,g"), inside=True), [(200.0, True, CHANGED)]),
    ],
)
def test_passages(known: dict[str, Any], expected: list[tuple[float, bool, str]]) -> None:
    assert LIVING is not None
    assert passages(LIVING, known, rule()) == [Event(*event) for event in expected]


def test_what_does_not_show_yet() -> None:
    waiting = [[300.0, ["plan"], ["g"], []], [310.0, ["plan"], ["other"], []], [320.0, ["(clock)"], [], ["g"]]]
    known = member(inside=False, waiting=waiting)
    assert pending(known, rule()) == [Event(300.0, True, CHANGED), Event(320.0, False, CLOCK)]
    assert pending(member(inside=False), rule()) == []
    assert pending({"id": "m"}, rule()) == []
