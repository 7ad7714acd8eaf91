"""One population told to every vendor with rule-based groups, through its own API, and judged from scratch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lookalike.clock import iso
from lookalike.conditions import Key, matches
from lookalike.living import rulebook
from lookalike.part import Part
from lookalike.vendors.customerio import segmentation
from tests.support import Client

START = 1_767_225_600.0
"""2026-01-01, where every clock of these tests begins."""
DAY = 86_400.0

Rule = dict[str, Any]
"""{"plan": text} {"seats": more than} {"seen": (op, days)} {"bought": (times, days)} {"in": number of a group}
{"all": rules} {"any": rules} {"not": rule}"""


def email(who: int) -> str:
    return f"p{who}@example.com"


class Population:
    """What a test does to people and groups; a vendor that cannot say a rule is asked the nearest one it can."""

    vendor: str

    def __init__(self, settings: Mapping[str, Any] | None = None, started: float = START) -> None:
        self.client = Client(self.vendor, settings=dict(settings or {}))
        self.client.clock(freeze=iso(started))
        self.client.sandbox.prepare()
        self.groups: list[str] = []

    @property
    def part(self) -> Part:
        part = self.client.sandbox.workspace("default").part(self.vendor)
        assert part is not None
        return part

    @property
    def now(self) -> float:
        return self.part.clock.now()

    def day(self, offset: float) -> str:
        """An instant so many days from now."""
        return iso(self.now + offset * DAY)

    def ask(self, method: str, path: str, json: Any = ...) -> Any:
        reply = self.client(method, path, json)
        assert reply.status < 300, reply.text
        return reply.json if reply.raw else None

    def group(self, number: int) -> str | None:
        return self.groups[number % len(self.groups)] if self.groups else None

    # --- what vendors do in their own ways ---

    def write(self, who: int, attributes: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def delete(self, who: int) -> None:
        raise NotImplementedError

    def make(self, rule: Rule) -> None:
        raise NotImplementedError

    def change(self, number: int, rule: Rule) -> None:
        """Nothing where rules cannot be changed."""

    def drop(self, number: int) -> None:
        """Nothing where segments cannot be deleted."""

    def join(self, who: int) -> None:
        """Be on the one list there is; nothing where there are no lists."""

    def leave(self, who: int) -> None:
        """The other way."""

    def buy(self, who: int) -> None:
        """An event; nothing where rules know no events."""

    def members(self, group: str) -> set[str]:
        """Their addresses, as the vendor's API lists them."""
        raise NotImplementedError

    # --- from scratch ---

    def expected(self) -> dict[str, set[str]]:
        """The addresses of those who belong to each group, judged without any memory."""
        part, living = self.part, self.part.vendor.living
        assert living is not None
        rules = {rule.id: rule.tree for rule in rulebook(part).all}
        members = [one for _, found in part.workspace.store.contents("default", self.vendor) for one in found]
        members = [one for one in members if living.field in one]
        return {
            id: {living.title(one) for one in members if _belongs(part, one, id, rules, living.read(part, one))}
            for id in rules
        }

    def shown(self) -> dict[str, set[str]]:
        """The same as the vendor's API says."""
        return {rule.id: self.members(rule.id) for rule in rulebook(self.part).all}


def _belongs(part: Part, member: dict[str, Any], id: str, rules: Mapping[str, Any], read: Callable[[Key], Any]) -> bool:
    def get(key: Key) -> Any:
        if isinstance(key, tuple) and key[0] == "group" and key[1] in rules:
            return _belongs(part, member, key[1], rules, read)
        return read(key)

    return matches(rules[id], get, part.clock.now())


class AutoSend(Population):
    vendor = "autosend"

    def __init__(self) -> None:
        super().__init__()
        self.list_id = self.ask("POST", "/v1/contact-lists", {"name": "List"})["data"]["id"]
        self.made = 0

    def write(self, who: int, attributes: Mapping[str, Any]) -> None:
        custom = {name: self.day(value) if name == "seen" and value else value for name, value in attributes.items()}
        self.ask("POST", "/v1/contacts/email", {"email": email(who), "customFields": custom})

    def delete(self, who: int) -> None:
        self.client.post("/v1/contacts/remove", {"emails": [email(who)]})

    def make(self, rule: Rule) -> None:
        self.made += 1
        body: dict[str, Any] = {"name": f"S{self.made}", "type": "segment", "filterCriteria": self._criteria(rule)}
        if "in" in rule:
            body["parentId"] = self.group(rule["in"]) or self.list_id
        self.groups.append(self.ask("POST", "/v1/contact-lists", body)["data"]["id"])

    def _criteria(self, rule: Rule) -> dict[str, Any]:
        for kind, word in (("all", "AND"), ("any", "OR")):
            if kind in rule:
                return {"logicalOperator": word, "groups": [self._criteria(one) for one in rule[kind]]}
        return {"groups": [self._condition(rule)]}

    def _condition(self, rule: Rule) -> dict[str, Any]:
        if "seats" in rule:
            return {"field": "seats", "fieldType": "number", "operator": "greater_than", "value": rule["seats"]}
        if "seen" in rule:
            at = iso(START + rule["seen"][1] * DAY)
            return {"field": "seen", "fieldType": "date", "operator": "after", "value": at}
        negated = rule.get("not", {}).get("plan")
        operator = "equals" if negated is None else "not_equals"
        return {"field": "plan", "fieldType": "string", "operator": operator, "value": negated or rule.get("plan", "a")}

    def drop(self, number: int) -> None:
        if self.groups:
            self.ask("DELETE", f"/v1/contact-lists/{self.groups.pop(number % len(self.groups))}")

    def join(self, who: int) -> None:
        self.ask("POST", "/v1/contact-lists/contacts/bulk-add", {"contactListId": self.list_id, "emails": [email(who)]})

    def leave(self, who: int) -> None:
        self.ask("POST", f"/v1/contact-lists/{self.list_id}/contacts/remove", {"emails": [email(who)]})

    def members(self, group: str) -> set[str]:
        body = {"contactListId": group, "limit": 100}
        found = self.ask("POST", "/v1/contact-lists/contacts/search", body)["data"]["contacts"]
        return {contact["email"] for contact in found}


class SegMailer(Population):
    vendor = "segmailer"

    def write(self, who: int, attributes: Mapping[str, Any]) -> None:
        told = {name: self.day(value) if name == "seen" and value else value for name, value in attributes.items()}
        self.ask("POST", "/api/v2/contacts", {"identifier": {"email": email(who)}, "attributes": told})

    def delete(self, who: int) -> None:
        self.client.delete(f"/api/v2/contacts/{email(who)}")

    def make(self, rule: Rule) -> None:
        made = self.ask("POST", "/api/v2/segments", {"name": "S", "filter": self._filter(rule)})
        self.groups.append(made["id"])

    def change(self, number: int, rule: Rule) -> None:
        if (id := self.group(number)) is not None:
            self.ask("PATCH", f"/api/v2/segments/{id}", {"filter": self._filter(rule)})

    def drop(self, number: int) -> None:
        if self.groups:
            self.ask("DELETE", f"/api/v2/segments/{self.groups.pop(number % len(self.groups))}")

    def _filter(self, rule: Rule) -> dict[str, Any]:
        for kind, word in (("all", "and"), ("any", "or")):
            if kind in rule:
                return {word: [self._filter(one) for one in rule[kind]]}
        if "not" in rule:
            return {"not": self._filter(rule["not"])}
        if "seats" in rule:
            return {"attribute": "seats", "op": "gt", "value": rule["seats"]}
        if "seen" in rule:
            op, days = rule["seen"]
            return {"attribute": "seen", "op": op, "value": {"amount": days, "unit": "days"}}
        return {"attribute": "plan", "op": "eq", "value": rule.get("plan", "a")}

    def members(self, group: str) -> set[str]:
        found = self.ask("GET", f"/api/v2/segments/{group}/contacts?limit=100")["data"]
        return {contact["identifier"]["email"] for contact in found}


class CustomerIo(Population):
    vendor = "customerio"

    def __init__(self) -> None:
        super().__init__()
        self.list_id = self.ask("POST", "/v1/segments", {"segment": {"name": "List"}})["segment"]["id"]

    def write(self, who: int, attributes: Mapping[str, Any]) -> None:
        told = {name: self.day(value) if name == "seen" and value else value for name, value in attributes.items()}
        self.ask("PUT", f"/api/v1/customers/{email(who)}", told)

    def delete(self, who: int) -> None:
        self.client.delete(f"/api/v1/customers/{email(who)}")

    def make(self, rule: Rule) -> None:
        with self.part.workspace.unit():
            segment = segmentation.add_segment(self.part, "S", "", self._tree(rule))
        self.groups.append(segment["id"])

    def _tree(self, rule: Rule) -> dict[str, Any]:
        for kind in ("all", "any", "not"):
            if kind in rule:
                below = rule[kind]
                return {kind: self._tree(below) if kind == "not" else [self._tree(one) for one in below]}
        if "seen" in rule:
            return {"field": "seen", "type": "date", "op": rule["seen"][0], "value": f"{rule['seen'][1]}d"}
        if "bought" in rule:
            times, days = rule["bought"]
            return {"event": "bought", "op": "at_least", "times": times, "within": f"{days}d"}
        if "seats" in rule:
            return {"field": "seats", "type": "number", "op": "greater_than", "value": rule["seats"]}
        if "plan" in rule:
            return {"field": "plan", "op": "equals", "value": rule["plan"]}
        return {"group": self.group(rule["in"]) or str(self.list_id)}

    def join(self, who: int) -> None:
        self._list("add", who)

    def leave(self, who: int) -> None:
        self._list("remove", who)

    def _list(self, action: str, who: int) -> None:
        path = f"/api/v1/segments/{self.list_id}/{action}_customers?id_type=email"
        self.ask("POST", path, {"ids": [email(who)]})

    def buy(self, who: int) -> None:
        self.ask("POST", f"/api/v1/customers/{email(who)}/events", {"name": "bought"})

    def members(self, group: str) -> set[str]:
        found = self.ask("GET", f"/v1/segments/{group}/membership")["identifiers"]
        return {person["email"] for person in found}


class Invent(Population):
    """Knows no rules: its segments hold whom somebody put there, and that is all they may ever hold."""

    vendor = "invent"

    def __init__(self) -> None:
        super().__init__()
        self.put_there: dict[str, set[str]] = {}

    def write(self, who: int, attributes: Mapping[str, Any]) -> None:
        self.ask("POST", "/orgs/c/contacts", {"channel": {"email": email(who), "name": str(attributes.get("plan"))}})

    def _id(self, who: int) -> str | None:
        found = self.ask("GET", f"/orgs/c/contacts?email={email(who)}")
        return found[0]["id"] if found else None

    def delete(self, who: int) -> None:
        if (id := self._id(who)) is not None:
            self.ask("DELETE", f"/orgs/c/contacts/{id}")
            for members in self.put_there.values():
                members.discard(email(who))

    def make(self, rule: Rule) -> None:
        self.groups.append(self.ask("POST", "/orgs/c/segments", {"name": "S"})["id"])
        self.put_there[self.groups[-1]] = set()

    def drop(self, number: int) -> None:
        if self.groups:
            id = self.groups.pop(number % len(self.groups))
            self.ask("DELETE", f"/orgs/c/segments/{id}")
            del self.put_there[id]

    def join(self, who: int) -> None:
        if (id := self._id(who)) is not None and (group := self.group(who)) is not None:
            self.ask("POST", f"/orgs/c/contacts/{id}/segments/{group}")
            self.put_there[group].add(email(who))

    def leave(self, who: int) -> None:
        if (id := self._id(who)) is not None and (group := self.group(who)) is not None:
            self.ask("DELETE", f"/orgs/c/contacts/{id}/segments/{group}")
            self.put_there[group].discard(email(who))

    def members(self, group: str) -> set[str]:
        found = self.ask("GET", f"/orgs/c/contacts?segment_id={group}")
        assert self.ask("GET", f"/orgs/c/segments/{group}")["contacts_count"] == len(found)
        return {contact["channels"][0]["email"] for contact in found}

    def expected(self) -> dict[str, set[str]]:
        return self.put_there

    def shown(self) -> dict[str, set[str]]:
        return {id: self.members(id) for id in self.groups}


POPULATIONS: dict[str, type[Population]] = {one.vendor: one for one in (AutoSend, SegMailer, CustomerIo, Invent)}


def population(vendor: str) -> Population:
    """A fresh one; a vendor with rule-based groups has to be here."""
    if vendor not in POPULATIONS:
        pytest.fail(f"{vendor} declares rule-based groups: say in tests/every_vendor/populations.py how to make them")
    return POPULATIONS[vendor]()
