"""Groups of contacts that share a channel: the same user id, address or phone number, and whoever shares with those.

The groups are kept as contacts are written, so that listing them costs no more than the page that is shown. A contact
knows its group (`kin`, empty for none), a group its primary. A new address costs one look-up; one that is given up has
its group worked out anew, which costs as much as the group is large.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from lookalike.part import Part
from lookalike.stores import Collection, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent.identity import new_id

ADDRESS = "address"
"""The index of contacts by what makes two of them duplicates, among others."""

NAMES = ("user_id", "email", "phone")
"""What a channel is known by."""

ALONE = {"kin": "", "rank": 0}
"""How a new contact stands: without a group; `rank` is lower the more channels it has."""

RANK = Order("rank", ("rank", "created_at"), within=lambda contact: (contact["kin"],) if contact["kin"] else ())
"""The members of each group, the primary first: the one with most channels, then the oldest (I)."""

GROUPS = Resource("duplicates", orders=(Order("newest", ("created_at", "primary")),))
"""A document for each group of two or more, by the time at which its primary was created."""


def address(name: str, value: str) -> int:
    """What the index has of an address: a number, which takes a third of the room of a text."""
    return hash((name, value)) >> 4


def shared_addresses(contact: Document) -> list[int]:
    """What two contacts may have in common; channels inside of Invent do not count (D)."""
    return [
        hash((name, value)) >> 4  # an `address`, which a crowd makes millions of
        for channel in contact["channels"]
        if channel["type"] != "internal"
        for name in NAMES
        if (value := channel.get(name))
    ]


def size(contacts: Collection, group: str) -> int:
    """How many contacts are in a group."""
    return contacts.page("rank", limit=0, within=group).total


def member_ids(contacts: Collection, group: str) -> list[str]:
    """Their ids, that of the primary first."""
    return contacts.page("rank", limit=size(contacts, group), within=group).ids


def members(contacts: Collection, group: str) -> list[Document]:
    """The contacts of a group, the primary first."""
    return list(contacts.scan("rank", within=group))


def store(part: Part, contacts: Collection, after: Document, before: Document | None) -> None:
    """Write a contact, and have its group follow from what it gained and lost; `after` says in the end which it is."""
    after |= {"rank": -len(after["channels"]), "kin": "" if before is None else before["kin"]}
    old = set() if before is None else set(shared_addresses(before))
    new = dict.fromkeys(shared_addresses(after))
    if after["kin"] and old - new.keys():
        contacts.put(after)
        _split(part, contacts, after["kin"])
        after["kin"] = _kin_of(contacts, after["id"])
    found = (_neighbour(contacts, after["id"], shared) for shared in new if shared not in old)
    others = {other["id"]: other for other in found if other is not None}
    if others:
        after["kin"] = _common(part, contacts, [after["kin"], *(other["kin"] for other in others.values())])
    contacts.put(after)
    for other in others.values():
        if not other["kin"]:
            contacts.put({**other, "kin": after["kin"]})
    _set_primary(part, contacts, after["kin"])


def remove(part: Part, contacts: Collection, gone: list[Document]) -> None:
    """Delete contacts; what is left of their groups stays together as far as it shares something still."""
    for contact in gone:
        contacts.delete(contact["id"])
    for group in {contact["kin"] for contact in gone} - {""}:
        _split(part, contacts, group)


def leave_to(part: Part, contacts: Collection, group: str, gone: Sequence[Document]) -> None:
    """Delete contacts of a group in which somebody has all of their channels: what is left stays together."""
    for contact in gone:
        contacts.delete(contact["id"])
    if size(contacts, group) < 2:
        _split(part, contacts, group)


def _kin_of(contacts: Collection, id: str) -> str:
    contact = contacts.get(id)
    return "" if contact is None else str(contact["kin"])


def _neighbour(contacts: Collection, id: str, shared: int) -> Document | None:
    """Somebody else with that address; whoever else has it is in the same group already."""
    other = contacts.one(ADDRESS, shared)
    if other is None or other["id"] != id:
        return other
    ids = contacts.ids(ADDRESS, shared)
    return contacts.get(ids[1]) if len(ids) > 1 else None


def _common(part: Part, contacts: Collection, groups: list[str]) -> str:
    """The one group that several become, a new one where there is none; the members of the smaller ones move."""
    known = list(dict.fromkeys(group for group in groups if group))
    if len(known) < 2:
        return known[0] if known else new_id(part, "dup")
    known.sort(key=lambda group: size(contacts, group))
    *smaller, largest = known
    for group in smaller:
        for contact in members(contacts, group):
            contacts.put({**contact, "kin": largest})
        _set_primary(part, contacts, group)
    return largest


def _split(part: Part, contacts: Collection, group: str) -> None:
    """Work out who of a group still belongs together; the largest part keeps the group."""
    held = members(contacts, group)
    labels = _components(held)
    parts = [
        list(found) for _, found in groupby(sorted(held, key=lambda c: labels[c["id"]]), lambda c: labels[c["id"]])
    ]
    parts.sort(key=len, reverse=True)
    for position, found in enumerate(parts):
        label = "" if len(found) < 2 else group if position == 0 else new_id(part, "dup")
        for contact in found:
            if contact["kin"] != label:
                contacts.put({**contact, "kin": label})
        _set_primary(part, contacts, label)
    _set_primary(part, contacts, group)


def _components(held: list[Document]) -> dict[str, int]:
    """Numbers the contacts such that those who share something, directly or not, have the same one."""
    parent = list(range(len(held)))

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    first: dict[int, int] = {}
    for position, contact in enumerate(held):
        for shared in shared_addresses(contact):
            a, b = root(first.setdefault(shared, position)), root(position)
            parent[max(a, b)] = min(a, b)
    return {contact["id"]: root(position) for position, contact in enumerate(held)}


def _set_primary(part: Part, contacts: Collection, group: str) -> None:
    """Keep the group's own document in step with its members."""
    if not group:
        return
    groups = part.collection(GROUPS)
    page = contacts.page("rank", limit=1, within=group)
    if page.total < 2:
        groups.delete(group)
        return
    primary = page.documents[0]
    document = {"id": group, "primary": primary["id"], "created_at": primary["created_at"]}
    if groups.get(group) != document:
        groups.put(document)
