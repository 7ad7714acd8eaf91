"""The rules of one part, made ready once and kept in memory until a group is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lookalike.conditions import ConditionError, Get, Key, Rule, Token, group_key, keys, token
from lookalike.living.declaration import RULED, living_of
from lookalike.stores import Collection
from lookalike.stores.collection import Document

if TYPE_CHECKING:
    from lookalike.part import Part


class GroupRule(Rule):
    """One group's rule. `rank` is above that of every group it depends on; `nested` says whether there are any."""

    __slots__ = ("id", "name", "nested", "rank", "since")

    def __init__(self, group: Document) -> None:
        super().__init__(group["tree"])
        self.id: str = group["id"]
        self.name: str = group["name"]
        self.since: float = group.get("since", 0.0)
        self.nested = any(isinstance(key, tuple) and key[0] == "group" for key in self.keys)
        self.rank = 0


class Rulebook:
    """All rules of a part by id, by what they depend on, and in an order in which none comes before its needs.

    `depend_on_more` says whether any of them depends on more than the member: on other groups, or on the clock.
    """

    __slots__ = (
        "_collection",
        "_equal",
        "_general",
        "_version",
        "all",
        "by_id",
        "by_key",
        "depend_on_more",
        "relative",
    )

    def __init__(self, collection: Collection, before: Rulebook | None) -> None:
        self._collection = collection
        self._version = collection.version
        known = before.by_id if before is not None else {}
        groups = collection.find(RULED.name, True)
        self.by_id: dict[str, GroupRule] = {group["id"]: _rule(group, known.get(group["id"])) for group in groups}
        _rank(self.by_id)
        self.all = sorted(self.by_id.values(), key=_by_rank)
        self.relative = [rule for rule in self.all if rule.relative]
        self.depend_on_more = bool(self.relative) or any(rule.nested for rule in self.all)
        self.by_key: dict[Key, list[GroupRule]] = {}
        self._general: dict[Key, list[GroupRule]] = {}
        self._equal: dict[Key, dict[str, dict[Token | None, list[GroupRule]]]] = {}
        for rule in self.all:
            self._file(rule)

    def _file(self, rule: GroupRule) -> None:
        for key in rule.keys:
            self.by_key.setdefault(key, []).append(rule)
            if rule.equality is None:
                self._general.setdefault(key, []).append(rule)
        if rule.equality is not None:
            field, type_, wanted = rule.equality
            self._equal.setdefault(field, {}).setdefault(type_, {}).setdefault(wanted, []).append(rule)

    def __bool__(self) -> bool:
        return bool(self.all)

    def is_of(self, collection: Collection) -> bool:
        """Whether the groups are still those that it was made from."""
        return self._collection is collection and self._version == collection.version

    def depending_on(
        self, changed: Iterable[Key], before: Callable[[], Get], after: Callable[[], Get]
    ) -> Sequence[GroupRule]:
        """The rules whose outcome may change with these keys, in order.

        Of those that ask for one value only, they are the ones that ask for the value of before or after.
        """
        found: list[Sequence[GroupRule]] = []
        for key in changed:
            if (rules := self._general.get(key)) is not None:
                found.append(rules)
            if (by_type := self._equal.get(key)) is not None:
                values = before()(key), after()(key)
                found += [equal.get(token(type_, value), ()) for type_, equal in by_type.items() for value in values]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted({rule.id: rule for rules in found for rule in rules}.values(), key=_by_rank)

    def with_dependents(self, ids: Iterable[str]) -> list[GroupRule]:
        """The rules of these groups and of all that depend on them, in order."""
        found: dict[str, GroupRule] = {}
        waiting = [self.by_id[id] for id in ids if id in self.by_id]
        while waiting:
            rule = waiting.pop()
            if rule.id not in found:
                found[rule.id] = rule
                waiting += self.by_key.get(group_key(rule.id), ())
        return sorted(found.values(), key=_by_rank)


def _by_rank(rule: GroupRule) -> int:
    return rule.rank


def _rule(group: Document, known: GroupRule | None) -> GroupRule:
    if known is None or known.tree != group["tree"]:
        return GroupRule(group)
    known.name, known.since = group["name"], group.get("since", 0.0)
    return known


def _needs(rule: GroupRule, by_id: Mapping[str, GroupRule]) -> list[GroupRule]:
    return [by_id[key[1]] for key in rule.keys if isinstance(key, tuple) and key[0] == "group" and key[1] in by_id]


def _rank(by_id: Mapping[str, GroupRule]) -> None:
    """Give each rule its rank: one more than the highest that it needs."""
    nested = [rule for rule in by_id.values() if rule.nested]
    for rule in by_id.values():
        rule.rank = 0
    for _ in nested:  # as many rounds as the longest chain, which has no circle
        before = [rule.rank for rule in nested]
        for rule in nested:
            rule.rank = 1 + max((need.rank for need in _needs(rule, by_id)), default=-1)
        if before == [rule.rank for rule in nested]:
            return


def rulebook(part: Part) -> Rulebook:
    """The rules that hold now."""
    collection = part.collection(living_of(part).groups)
    rules = part.rules
    if rules is None or not rules.is_of(collection):
        rules = part.rules = Rulebook(collection, rules)
    return rules


def define(part: Part, group: Document, tree: Mapping[str, Any]) -> None:
    """Give a group a valid rule; it is the caller who puts it, and calls `rebuild` after that.

    Raises ConditionError when the group would depend on itself.
    """
    rules, seen = rulebook(part), set[str]()
    waiting = [key[1] for key in keys(tree) if isinstance(key, tuple) and key[0] == "group"]
    while waiting:
        id = waiting.pop()
        if id == group["id"]:
            raise ConditionError("a group cannot depend on itself", ())
        if id not in seen and id in rules.by_id:
            seen.add(id)
            waiting += [key[1] for key in rules.by_id[id].keys if isinstance(key, tuple) and key[0] == "group"]
    group |= {"tree": dict(tree), "since": part.clock.now()}
