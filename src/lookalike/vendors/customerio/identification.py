"""Identify: who is meant, who becomes somebody new, and which identifiers may change hands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, objects, people, reporting, subscriptions, suppression
from lookalike.vendors.customerio.attributes import CONTROL, IDENTIFIERS, is_true, text
from lookalike.vendors.customerio.subscriptions import PREFERENCES


def identify(
    part: Part,
    id_type: str,
    value: str,
    attributes: Mapping[str, Any],
    at: float | None = None,
    *,
    update_only: bool = False,
) -> Document | None:
    """Add or update the person whom an identifier names; None where nobody is concerned.

    Nobody is: for a suppressed identifier, an unknown cio_id, and an unknown identifier with `update_only`. Somebody
    known by an identifier in `attributes` alone is updated and given this one, if it has none of that type (D). Of
    identifiers in `attributes` that may not be set only an activity tells. `at` (epoch seconds) orders updates: an
    attribute that was set later stays as it is.
    """
    if suppression.is_suppressed(part, id_type, value):
        return None
    wanted = {name: item for name, item in attributes.items() if name not in CONTROL}
    wanted |= {name: text(wanted[name]) for name in IDENTIFIERS if isinstance(wanted.get(name), int)}
    person = people.find(part, id_type, value) or _claimed(part, id_type, wanted)
    if person is None and (update_only or id_type == "cio_id"):
        return None
    change = _Change(part, person, at)
    if id_type != "cio_id" and (id_type != "email" or change.email_key() != value.lower()):
        change.set(id_type, value)
    change.identifiers(wanted, id_type)
    change.anonymous_id(wanted)
    change.others(wanted)
    return change.save()


def note_nobody(part: Part, id_type: str, value: str, attributes: Mapping[str, Any]) -> None:
    """Append the failed change of somebody whom an update was for, and who is not there (D: only Track v1 tells)."""
    if suppression.is_suppressed(part, id_type, value) or id_type == "cio_id":
        return
    wanted = {id_type: value} | {name: item for name, item in attributes.items() if name not in CONTROL}
    failed = {name: _step(None, item) for name, item in wanted.items()}
    activities.record_unknown(part, None, "failed_attribute_change", failed)


def _claimed(part: Part, id_type: str, wanted: Mapping[str, Any]) -> Document | None:
    """The person whom an identifier in the body names, where it may have the one in the path."""
    for name in IDENTIFIERS:
        value = wanted.get(name)
        if name == id_type or not isinstance(value, str) or not value:
            continue
        person = people.find(part, name, value)
        if person is not None and (id_type != "id" or person["user_id"] is None):
            return person
    return None


class _Change:
    """One person on the way from what was to what will be."""

    def __init__(self, part: Part, before: Document | None, at: float | None) -> None:
        self.part = part
        self.before = before
        self.after = people.draft(part) if before is None else people.copied(before)
        self.at = int(part.clock.now() if at is None else at)
        self.ordered = at is not None
        self.changed: dict[str, Any] = {}
        self.failed: dict[str, Any] = {}

    def email_key(self) -> str | None:
        email = self.after["attributes"].get("email")
        return email.lower() if isinstance(email, str) else None

    def set(self, name: str, value: Any) -> None:
        """Set an attribute, or remove it by None or ""; an older update than the last one changes nothing."""
        attributes, timestamps = self.after["attributes"], self.after["timestamps"]
        if self.ordered and people.set_at(self.after, name) > self.at:
            return
        before = attributes.get(name)
        if value in (None, ""):
            if name not in attributes:
                return
            del attributes[name]
            timestamps.pop(name, None)
        elif name in attributes and before == value and type(before) is type(value):
            return
        else:
            attributes[name], timestamps[name] = value, self.at
        self.changed[name] = _step(before, value)

    def identifiers(self, wanted: dict[str, Any], path_type: str) -> None:
        for name in IDENTIFIERS:
            value = wanted.pop(name, None)
            current = self.after["attributes"].get(name)
            if not isinstance(value, str) or not value or value == current:
                continue
            if self._may_have(name, value, current, path_type):
                self.set(name, value)
            else:
                self.failed[name] = _step(current, value)

    def _may_have(self, name: str, value: str, current: str | None, path_type: str) -> bool:
        owner = people.find(self.part, name, value)
        if suppression.is_suppressed(self.part, name, value) or (owner and owner["id"] != self.after["id"]):
            return False
        # "Allow updates to email using ID" is taken to be on, as it was in the workspace that was measured.
        return current is None or owner is not None or path_type == "cio_id" or (name, path_type) == ("email", "id")

    def anonymous_id(self, wanted: dict[str, Any]) -> None:
        value = wanted.pop("anonymous_id", None)
        if value in (None, ""):
            return
        value = text(value)
        owner = people.find(self.part, "anonymous_id", value)
        if owner is not None and owner["id"] != self.after["id"]:
            self.failed["anonymous_id"] = _step(self.after["attributes"].get("anonymous_id"), value)
        else:
            self.set("anonymous_id", value)

    def others(self, wanted: Mapping[str, Any]) -> None:
        for name, value in wanted.items():
            if name == "unsubscribed":
                self.set(name, is_true(value))
            elif name != PREFERENCES and not name.startswith(PREFERENCES + "."):
                self.set(name, value)
        chosen = {name: item for name, item in wanted.items() if name.partition(".")[0] == PREFERENCES}
        if chosen:
            before = self.after["attributes"].get(PREFERENCES)
            self.set(PREFERENCES, subscriptions.merged(before, chosen) or None)

    def save(self) -> Document:
        part, after = self.part, self.after
        if self.before is None or self.changed:
            people.save(part, after, self.before)
        if self.before is None:
            activities.record(part, after, "profile_create")
        if self.changed:
            activities.record(part, after, "attribute_change", self.changed)
        if self.failed:
            activities.record(part, after, "failed_attribute_change", self.failed)
        self._tell()
        return attribute_history(part, after) if "anonymous_id" in self.changed else after

    def _tell(self) -> None:
        was = self.before is not None and people.is_unsubscribed(self.before)
        if people.is_unsubscribed(self.after) != was:
            reporting.tell_subscription(self.part, self.after, "subscribed" if was else "unsubscribed", None)
        if PREFERENCES in self.changed and self.before is not None:
            old, new = (one["attributes"].get(PREFERENCES) for one in (self.before, self.after))
            reporting.tell_preferences(self.part, self.after, subscriptions.difference(old, new), None)


def _step(before: Any, after: Any) -> dict[str, str]:
    return {"from": "" if before is None else text(before), "to": "" if after is None else text(after)}


def attribute_history(part: Part, person: Document) -> Document:
    """Give somebody the anonymous events of the last 30 days and what was related to the anonymous id (D)."""
    anonymous_id = str(person["attributes"]["anonymous_id"])
    waiting = activities.waiting(part, anonymous_id)
    for activity in waiting:
        activities.give(part, activity, person)
    objects.claim_anonymous(part, anonymous_id, person["id"])
    if not waiting:
        return person
    after = people.counted(person, waiting)
    people.save(part, after, person)
    activities.record(part, after, "anon_merge", {"anonymous_id": anonymous_id})
    return after
