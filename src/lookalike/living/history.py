"""When and why a member entered or left a group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lookalike.living.declaration import Living
from lookalike.living.judging import CLOCK, KEPT, MADE, NOTHING_YET, Passage, named, past
from lookalike.living.rulebook import GroupRule
from lookalike.stores.collection import Document

REBUILT = "everybody was judged anew, since the segment was made or changed"
"""The reason of passages that are not noted one by one."""
_WORDS = {MADE: "the contact was made", CLOCK: "time has passed"}


@dataclass(frozen=True, slots=True)
class Event:
    """A member entered or left a group at an instant (epoch seconds), for a reason in words."""

    at: float
    entered: bool
    why: str


def passages(living: Living, member: Document, rule: GroupRule) -> list[Event]:
    """What is known of a member and a group, oldest first: the last `KEPT` passages, and what follows without them."""
    remembered, made = past(member), member.get("living", NOTHING_YET)["made"]
    found = list(_events(remembered, rule))
    is_in = rule.id in member[living.field]
    began_inside = not found[0].entered if found else is_in
    if began_inside and len(remembered) < KEPT:
        found.insert(0, _beginning(made, rule))
    if found and found[-1].entered is not is_in:
        found.append(Event(rule.since, is_in, REBUILT))
    return found


def pending(member: Document, rule: GroupRule) -> list[Event]:
    """What will show when the lag is over, each with its instant."""
    return list(_events(member.get("living", {}).get("pending", ()), rule))


def _beginning(made: float | None, rule: GroupRule) -> Event:
    if made is not None and made >= rule.since:
        return Event(made, True, _WORDS[MADE])
    return Event(rule.since, True, REBUILT)


def _events(some: Iterable[Passage], rule: GroupRule) -> Iterable[Event]:
    for at, why, entered, left in some:
        if rule.id in entered or rule.id in left:
            yield Event(at, rule.id in entered, _in_words(why, rule))


def _in_words(why: list[str], rule: GroupRule) -> str:
    if why[0] in _WORDS:
        return _WORDS[why[0]]
    known = set(map(named, rule.keys))
    relevant = [name for name in why if name in known] or why
    return f"{', '.join(sorted(relevant))} changed"
