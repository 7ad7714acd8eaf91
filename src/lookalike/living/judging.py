"""One member judged: which groups it enters and leaves, when that shows, and when to look again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from lookalike.conditions import NEVER, Get, Key, group_key
from lookalike.living.declaration import Living, living_of
from lookalike.living.rulebook import GroupRule, Rulebook, rulebook
from lookalike.stores.collection import Document

if TYPE_CHECKING:
    from lookalike.part import Part

KEPT = 10
"""Passages that a member remembers."""

CLOCK, MADE = "(clock)", "(made)"
"""Why a passage came about, where others name the keys that changed."""

NOTHING_YET: Document = {"recheck_at": None, "made": None, "past": []}
"""What a member's `living` is at first."""

Passage = list[Any]
"""[epoch seconds, why, ids entered, ids left]; why is a list of names of keys"""


class Standing:
    """A member while it is judged: the groups that it is in by rights, those that do not show yet included."""

    __slots__ = ("entered", "get", "groups", "left", "living", "until")

    def __init__(self, part: Part, living: Living, member: Document) -> None:
        self.groups = dict.fromkeys(member[living.field])
        for _, _, entered, left in member.get("living", {}).get("pending", ()):
            _pass(self.groups, entered, left)
        self.get = living.read(part, member)
        self.entered: list[str] = []
        self.left: list[str] = []
        self.until = NEVER

    def judge(self, rules: Rulebook, concerned: Sequence[GroupRule], now: float) -> None:
        """Judge these rules, which are in order, and whatever depends on those that came out differently."""
        get = self.get
        for position, rule in enumerate(concerned):
            if rule.nested:
                self._judge_nested(rules, concerned[position:], now)
                return
            if self._differs(rule, get, now) and group_key(rule.id) in rules.by_key:
                self._judge_nested(rules, [*concerned[position + 1 :], *_dependents(rules, rule)], now)
                return

    def _judge_nested(self, rules: Rulebook, concerned: Iterable[GroupRule], now: float) -> None:
        waiting = [(rule.rank, rule.id) for rule in concerned]
        get, judged = self.getter(rules), set[str]()
        heapify(waiting)
        while waiting:
            _, id = heappop(waiting)
            if id not in judged:
                judged.add(id)
                rule = rules.by_id[id]
                if self._differs(rule, get, now):
                    for dependent in _dependents(rules, rule):
                        heappush(waiting, (dependent.rank, dependent.id))

    def getter(self, rules: Rulebook) -> Get:
        """How a rule reads the member; of groups with a rule it is told what is so by rights."""
        told, groups, ruled = self.get, self.groups, rules.by_id

        def get(key: Key) -> Any:
            if isinstance(key, tuple) and key[1] in ruled and key[0] == "group":
                return key[1] in groups
            return told(key)

        return get

    def _differs(self, rule: GroupRule, get: Get, now: float) -> bool:
        holds, until = rule.judge(get, now)
        self.until = min(self.until, until)
        if holds is (rule.id in self.groups):
            return False
        if holds:
            self.groups[rule.id] = None
            self.entered.append(rule.id)
        else:
            del self.groups[rule.id]
            self.left.append(rule.id)
        return True


def _dependents(rules: Rulebook, rule: GroupRule) -> list[GroupRule]:
    return rules.by_key.get(group_key(rule.id), [])


def _pass(groups: dict[str, None], entered: Iterable[str], left: Iterable[str]) -> None:
    for id in entered:
        groups[id] = None
    for id in left:
        groups.pop(id, None)


def assign(part: Part, member: Document, before: Document | None) -> None:
    """Bring the groups of a member up to date that is about to be put.

    `before` is what it replaces, None for a new one: only what depends on the difference is judged. With a lag, what
    comes of it shows later.
    """
    if before is None:
        assign_new(part, (member,))
        return
    rules = rulebook(part)
    if not rules:
        return
    living = living_of(part)
    changed = living.changes(before, member)
    concerned = rules.depending_on(changed, partial(living.read, part, before), partial(living.read, part, member))
    if not concerned:
        return
    standing, now = Standing(part, living, member), part.clock.now()
    standing.judge(rules, concerned, now)
    member["living"] = {**member.get("living", NOTHING_YET)}
    _note(part, living, member, standing, now, (named(key) for key in changed if key in rules.by_key))


def assign_new(part: Part, members: Iterable[Document]) -> None:
    """The same for any number of new members, for whom every rule is judged. They are in no group with a rule yet."""
    rules = rulebook(part)
    if not rules:
        return
    living, now = living_of(part), part.clock.now()
    if part.workspace.lag or rules.depend_on_more:
        for member in members:
            standing = Standing(part, living, member)
            standing.judge(rules, rules.all, now)
            member["living"] = {**NOTHING_YET, "made": now}
            _note(part, living, member, standing, now, (MADE,))
        return
    # The usual case, and quicker: rules that depend on nothing but the member show at once.
    field, plain = living.field, [(rule.id, rule.plain) for rule in rules.all if rule.plain is not None]
    for member in members:
        get = living.read(part, member)
        entered = [id for id, holds in plain if holds(get)]
        member["living"] = {**NOTHING_YET, "made": now}
        if entered:
            member[field] = [*member[field], *entered]


def _note(part: Part, living: Living, member: Document, standing: Standing, now: float, why: Iterable[str]) -> None:
    """Keep what came of judging a member; its `living` is a copy of its own."""
    if standing.until != NEVER:
        kept = member["living"]
        kept["recheck_at"] = _sooner(standing.until, kept["recheck_at"])
    if standing.entered or standing.left:
        _apply(part, living, member, [now, list(why), standing.entered, standing.left])


def settle(part: Part, living: Living, member: Document, now: float) -> None:
    """Let show what has become due of a member, and judge what depends on the clock."""
    rules = rulebook(part)
    kept = member["living"] = dict(member["living"])
    pending = kept.pop("pending", [])
    due = [passage for passage in pending if passage[0] <= now]
    if len(due) < len(pending):
        kept["pending"] = pending[len(due) :]
    for passage in due:
        _show(living, member, _existing(rules, passage))
    standing = Standing(part, living, member)
    standing.judge(rules, rules.relative, now)
    waiting = kept.get("pending")
    kept["recheck_at"] = _sooner(standing.until, waiting[0][0] if waiting else None)
    if standing.entered or standing.left:
        _apply(part, living, member, [now, [CLOCK], standing.entered, standing.left])


def _existing(rules: Rulebook, passage: Passage) -> Passage:
    at, why, entered, left = passage
    return [at, why, [id for id in entered if id in rules.by_id], [id for id in left if id in rules.by_id]]


def _sooner(one: float, other: float | None) -> float | None:
    soonest = one if other is None else min(one, other)
    return None if soonest == NEVER else soonest


def _apply(part: Part, living: Living, member: Document, passage: Passage) -> None:
    """Let a passage show: now, or when the lag is over and all that is pending has shown before it."""
    kept = member["living"]
    pending = kept.get("pending", [])
    if not pending and not part.workspace.lag:
        _show(living, member, passage)
        return
    at = passage[0] + part.workspace.lag
    if pending:
        at = max(at, pending[-1][0])
    kept["pending"] = [*pending, [at, *passage[1:]]]
    kept["recheck_at"] = _sooner(at, kept["recheck_at"])


def _show(living: Living, member: Document, passage: Passage) -> None:
    groups = dict.fromkeys(member[living.field])
    _pass(groups, passage[2], passage[3])
    member[living.field] = list(groups)
    kept = member["living"]
    if passage[0] != kept["made"]:  # what a member was in from the first is told from `made`
        kept["past"] = [*kept["past"][1 - KEPT :], _line(passage)]


def named(key: Key) -> str:
    """A key in a word or two."""
    return key if isinstance(key, str) else " ".join(key)


def _line(passage: Passage) -> str:
    """A passage as a text, which costs less to keep and to read than a list: members are read all the time."""
    at, why, entered, left = passage
    return f"{at}|{','.join(entered)}|{','.join(left)}|{'|'.join(why)}"


def past(member: Document) -> list[Passage]:
    """The passages that a member remembers, oldest first."""
    lines = (line.split("|") for line in member.get("living", NOTHING_YET)["past"])
    return [[float(at), why, _ids(entered), _ids(left)] for at, entered, left, *why in lines]


def _ids(text: str) -> list[str]:
    return text.split(",") if text else []
