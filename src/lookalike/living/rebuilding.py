"""Everybody judged at once: after a group was made, changed or deleted, and after the clock went back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from lookalike.answer import Lengthy
from lookalike.conditions import NEVER, group_key
from lookalike.living.declaration import RECHECKS, living_of, recheck_of
from lookalike.living.judging import NOTHING_YET, Standing
from lookalike.living.rulebook import GroupRule, Rulebook, rulebook
from lookalike.pieces import Steps, at_once, batches, in_pieces
from lookalike.stores.collection import Document

if TYPE_CHECKING:
    from lookalike.part import Part

T = TypeVar("T")
Choose = Callable[[Rulebook], Sequence[GroupRule]]

BATCH = 50
"""Members who are judged between two looks at the time."""


def _sweep(part: Part, choose: Choose, gone: str | None = None) -> Steps[None]:
    """Judge some groups of everybody anew, with no regard to any lag.

    Or of those in the group `gone`, which is taken away from them. Members who come or change meanwhile are judged as
    they are written, by the same rules.
    """
    living = living_of(part)
    members = part.collection(living.members)
    for held in batches(members, BATCH, *(living.everyone if gone is None else (living.order, gone))):
        rules, now = rulebook(part), part.clock.now()
        concerned = choose(rules)
        if gone is None and not concerned:
            return
        if len(concerned) == 1 and gone is None and not (concerned[0].nested or concerned[0].relative):
            judged = [(one, _flipped(part, one, concerned[0], now)) for one in held]
        else:
            judged = [(one, _rejudged(part, one, (rules, concerned, gone), now)) for one in held]
        members.amend([(before, after) for before, after in judged if after is not None])
        yield


def _flipped(part: Part, before: Document, rule: GroupRule, now: float) -> Document | None:
    """What `_rejudged` does, where there is one rule that depends on nothing else: the usual case, and quicker."""
    if "pending" in before.get("living", NOTHING_YET):
        return _rejudged(part, before, (rulebook(part), [rule], None), now)
    living = living_of(part)
    ids = before[living.field]
    holds, _ = rule.judge(living.read(part, before), now)
    if holds is (rule.id in ids):
        return None
    return {**before, living.field: [*ids, rule.id] if holds else [id for id in ids if id != rule.id]}


def _rejudged(
    part: Part, before: Document, task: tuple[Rulebook, Sequence[GroupRule], str | None], now: float
) -> Document | None:
    """A member brought up to date; None where nothing changes."""
    living, (rules, concerned, gone) = living_of(part), task
    member = {**before}
    changed = _drop_pending(member, {gone, *(rule.id for rule in concerned)})
    if gone in member[living.field]:
        member[living.field] = [id for id in member[living.field] if id != gone]
        changed = True
    standing = Standing(part, living, member)
    standing.judge(rules, concerned, now)
    if standing.entered or standing.left:
        # In the order of entering, for what is pending still is not among them.
        shown = dict.fromkeys([*member[living.field], *standing.entered])
        member[living.field] = [id for id in shown if id not in standing.left]
        changed = True
    if standing.until != NEVER:
        recheck = recheck_of(member)
        if recheck is None or standing.until < recheck:
            member["living"] = {**member.get("living", NOTHING_YET), "recheck_at": standing.until}
            changed = True
    return member if changed else None


def _drop_pending(member: Document, ids: set[str | None]) -> bool:
    """Forget what is pending about these groups; says whether there was anything."""
    pending = member["living"].get("pending") if "living" in member else None
    if not pending:
        return False
    kept = [
        [at, why, [id for id in entered if id not in ids], [id for id in left if id not in ids]]
        for at, why, entered, left in pending
    ]
    member["living"] = {**member["living"], "pending": kept}
    return bool(kept != pending)


def rebuild(part: Part, group_id: str, answer: Callable[[], T]) -> T | Lengthy:
    """Judge everybody, after a group was made or its rule changed and it was put, then give the handler's answer.

    That is at once for a small audience; else it is what a handler returns for lengthy work, and members show in the
    group little by little. Groups that depend on it are judged too. Nobody is said to enter or leave by this: whoever
    is in it since then is told from the group's `since`.
    """
    return in_pieces(part, _with_answer(_rebuilding(part, group_id), answer))


def rebuild_now(part: Part, group_id: str) -> None:
    """The same, whatever the size of the audience: for where no request waits."""
    at_once(_rebuilding(part, group_id))


def _rebuilding(part: Part, group_id: str) -> Steps[None]:
    _note(part, group_id, judging=True)
    for rule in rulebook(part).with_dependents([group_id]):
        if rule.id != group_id:
            _note(part, rule.id, since=part.clock.now())
    yield from _sweep(part, lambda rules: rules.with_dependents([group_id]))
    _note(part, group_id, judging=False)


def doubt(part: Part) -> None:
    """Note that the clock went back, so that everybody has to be judged anew: `resume` does it."""
    if part.vendor.living is None:
        return
    rules = rulebook(part)
    if rules.relative or part.collection(part.vendor.living.members).first(RECHECKS.name) is not None:
        doubt_all(part)


def doubt_all(part: Part) -> None:
    """The same after members were changed by somebody who judged nothing."""
    if part.vendor.living is not None:
        for rule in rulebook(part).all:
            _note(part, rule.id, judging=True)


def resume(part: Part) -> Steps[None]:
    """Judge everybody for the groups in whose judging the server was stopped, and for those that are in doubt."""
    if part.vendor.living is None:
        return
    groups = part.collection(part.vendor.living.groups)
    judged = [rule.id for rule in rulebook(part).all if (groups.get(rule.id) or {}).get("judging")]
    if judged:
        yield from _sweep(part, lambda rules: rules.with_dependents(judged))
        for id in judged:
            _note(part, id, judging=False)


def forget(part: Part, group_id: str, answer: Callable[[], T]) -> T | Lengthy:
    """Take a group that was deleted away from its members, and judge for them what depends on it; as `rebuild`."""
    key = group_key(group_id)
    for rule in rulebook(part).by_key.get(key, ()):
        _note(part, rule.id, since=part.clock.now())

    def dependents(rules: Rulebook) -> list[GroupRule]:
        return rules.with_dependents(rule.id for rule in rules.by_key.get(key, ()))

    return in_pieces(part, _with_answer(_sweep(part, dependents, group_id), answer))


def _with_answer(steps: Steps[None], answer: Callable[[], T]) -> Steps[T]:
    yield from steps
    return answer()


def _note(part: Part, group_id: str, **members: Any) -> None:
    """Keep in a group what happens to it: `since` when all of it was judged anew, and whether that goes on."""
    groups = part.collection(living_of(part).groups)
    group = groups.get(group_id)
    if group is not None:
        groups.put({**group, **members})
