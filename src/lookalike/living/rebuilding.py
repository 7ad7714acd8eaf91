"""Everybody judged at once: after a group was made, changed or deleted, and after the clock went back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from lookalike.answer import Lengthy
from lookalike.clock import monotonic, pause
from lookalike.conditions import NEVER, group_key
from lookalike.living.declaration import living_of, recheck_of
from lookalike.living.judging import NOTHING_YET, Standing
from lookalike.living.rulebook import GroupRule, Rulebook, rulebook
from lookalike.stores.collection import Document

if TYPE_CHECKING:
    from lookalike.workspace import Part

T = TypeVar("T")
Choose = Callable[[Rulebook], Sequence[GroupRule]]

AT_ONCE = 2000
"""Members who are judged while the caller's unit lasts; of more the others wait their turn between pieces."""
BATCH = 50
SLICE = 0.004
"""Seconds that a piece may take before others get in between."""


class Sweep:
    """A walk over members that judges some groups anew, with no regard to any lag.

    It takes the group `gone` away from them. Members who come or change meanwhile are judged as they are written, by
    the same rules.
    """

    def __init__(self, part: Part, ids: Sequence[str], choose: Choose, gone: str | None = None) -> None:
        self._part = part
        self._living = living_of(part)
        self._ids = ids
        self._choose = choose
        self._gone = gone
        self._next = 0

    def whole(self) -> None:
        """All of it, here and now."""
        while self._next < len(self._ids):
            self._batch()

    def in_pieces(self) -> None:
        """All of it, a few milliseconds at a time. Ends early when the part is dropped or filled anew."""
        workspace = self._part.workspace
        while self._next < len(self._ids):
            with workspace.unit():
                if workspace.part(self._part.vendor.name) is not self._part:
                    return
                end = monotonic() + SLICE
                while self._next < len(self._ids) and monotonic() < end:
                    self._batch()
            pause()

    def then(self, answer: Callable[[], T]) -> T | Lengthy:
        """What `answer` says once all is done: at once, or later where there are many."""
        if len(self._ids) <= AT_ONCE:
            self.whole()
            return answer()
        return Lengthy(lambda: self._finish(answer))

    def _finish(self, answer: Callable[[], T]) -> T:
        self.in_pieces()
        with self._part.workspace.unit():
            return answer()

    def _batch(self) -> None:
        members = self._part.collection(self._living.members)
        rules, now = rulebook(self._part), self._part.clock.now()
        concerned = self._choose(rules)
        batch = self._ids[self._next : self._next + BATCH]
        self._next += BATCH
        if concerned or self._gone is not None:
            for member in members.get_many(batch):
                if self._rejudge(member, rules, concerned, now):
                    members.put(member)

    def _rejudge(self, member: Document, rules: Rulebook, concerned: Sequence[GroupRule], now: float) -> bool:
        """Bring a member up to date; says whether anything has changed."""
        living, gone = self._living, self._gone
        changed = _drop_pending(member, {gone, *(rule.id for rule in concerned)})
        if gone in member[living.field]:
            member[living.field] = [id for id in member[living.field] if id != gone]
            changed = True
        standing = Standing(self._part, living, member)
        standing.judge(rules, concerned, now)
        if standing.entered or standing.left:
            shown = dict.fromkeys([*member[living.field], *standing.entered])
            member[living.field] = [id for id in shown if id not in standing.left]
            changed = True
        recheck = recheck_of(member)
        if standing.until < (NEVER if recheck is None else recheck):
            member["living"] = {**member.get("living", NOTHING_YET), "recheck_at": standing.until}
            changed = True
        return changed


def _drop_pending(member: Document, ids: set[str | None]) -> bool:
    """Forget what is pending about these groups; says whether there was anything."""
    pending = member.get("living", {}).get("pending")
    if not pending:
        return False
    kept = [
        [at, why, [id for id in entered if id not in ids], [id for id in left if id not in ids]]
        for at, why, entered, left in pending
    ]
    member["living"] = {**member["living"], "pending": kept}
    return bool(kept != pending)


def _everybody(part: Part) -> list[str]:
    living = living_of(part)
    order, within = living.everyone
    members = part.collection(living.members)
    return members.page(order, within=within, limit=members.count()).ids


def rebuild(part: Part, group_id: str, answer: Callable[[], T]) -> T | Lengthy:
    """Judge everybody, after a group was made or its rule changed and it was put, then give the handler's answer.

    That is at once for a small audience; else it is what a handler returns for lengthy work, and members show in the
    group little by little. Groups that depend on it are judged too. Nobody is said to enter or leave by this: whoever
    is in it since then is told from the group's `since`.
    """
    for rule in rulebook(part).with_dependents([group_id]):
        if rule.id != group_id:
            _touch(part, rule.id)
    return Sweep(part, _everybody(part), lambda rules: rules.with_dependents([group_id])).then(answer)


def rebuild_now(part: Part, group_id: str) -> None:
    """The same, whatever the size of the audience: for where no request waits."""
    Sweep(part, _everybody(part), lambda rules: rules.with_dependents([group_id])).whole()


def forget(part: Part, group_id: str, answer: Callable[[], T]) -> T | Lengthy:
    """Take a group that was deleted away from its members, and judge for them what depends on it; as `rebuild`."""
    living, key = living_of(part), group_key(group_id)
    members = part.collection(living.members)
    count = members.page(living.order, within=group_id, limit=0).total
    ids = members.page(living.order, within=group_id, limit=count).ids
    for rule in rulebook(part).by_key.get(key, ()):
        _touch(part, rule.id)

    def dependents(rules: Rulebook) -> list[GroupRule]:
        return rules.with_dependents(rule.id for rule in rules.by_key.get(key, ()))

    return Sweep(part, ids, dependents, gone=group_id).then(answer)


def reconsider(part: Part) -> None:
    """Judge for everybody what depends on the clock, after it went back."""
    if part.vendor.living is not None and rulebook(part).relative:
        Sweep(part, _everybody(part), lambda rules: rules.with_dependents([r.id for r in rules.relative])).whole()


def _touch(part: Part, group_id: str) -> None:
    """Note that all of a group was judged anew."""
    groups = part.collection(living_of(part).groups)
    group = groups.get(group_id)
    if group is not None:
        groups.put({**group, "since": part.clock.now()})
