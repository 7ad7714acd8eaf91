"""The contact documents: how they are made, found, written and merged.

A document holds what the API shows but for what is null, for an `updated_at` (a channel's too) that is the time of
creation, and for the segments, of which it holds the ids (`segment_ids`, in the order of joining). It also tells where
it stands among its duplicates (`kin`, `rank`; see `kinship.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from lookalike.part import Part
from lookalike.stores import Collection, Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent import kinship
from lookalike.vendors.invent.identity import new_id, twin

EVERYBODY = "ALL"
SUBSCRIBED, UNSUBSCRIBED, BLOCKED = "SUBSCRIBED", "UNSUBSCRIBED", "BLOCKED"
LISTENING, ADMINS = "LISTENING", "ADMINS"
"""Those who are not unsubscribed, blocked or not; the members of the workspace itself."""


_INTERNAL = "internal "


def shelves(contact: Document) -> list[str]:
    """Where a contact is listed: by what it is, and in each of its segments."""
    found = [EVERYBODY, UNSUBSCRIBED if contact["unsubscribed"] else LISTENING]
    if contact["blocked"]:
        found.append(BLOCKED)
    elif not contact["unsubscribed"]:
        found.append(SUBSCRIBED)
    if contact["is_admin"]:
        found.append(ADMINS)
    return found + contact["segment_ids"]  # type: ignore[no-any-return] # those are texts too


def _addresses(contact: Document) -> list[int]:
    """What a contact is found by: every address of each channel."""
    found = kinship.shared_addresses(contact)
    for channel in contact["channels"]:
        if channel["type"] == "internal":
            found += [kinship.address(_INTERNAL + name, channel[name]) for name in kinship.NAMES if channel.get(name)]
        if channel.get("username"):
            found.append(kinship.address("username", channel["username"].lower()))
    return found


def _channel_ids(contact: Document) -> list[str]:
    """The channels that are not known by their own ids to be this contact's."""
    own = twin(contact["id"], "cch")
    return [channel["id"] for channel in contact["channels"] if channel["id"] != own]


CONTACTS = Resource(
    "contacts",
    indexes=(Index(kinship.ADDRESS, _addresses), Index("channel", _channel_ids)),
    orders=(Order("newest", ("created_at",), within=shelves, text=True), kinship.RANK),
)


def count(part: Part, shelf: str) -> int:
    """How many contacts stand on a shelf: in a segment, say."""
    return part.collection(CONTACTS).page("newest", limit=0, within=shelf).total


def ids_on(part: Part, shelf: str) -> list[str]:
    """The ids of all of them, newest first."""
    return part.collection(CONTACTS).page("newest", limit=count(part, shelf), within=shelf, descending=True).ids


def found_by(part: Part, name: str, value: str) -> list[Document]:
    """Every contact with a channel whose `user_id`, `email`, `phone` or `username` is this."""
    find, address = part.collection(CONTACTS).find, kinship.address
    internal = find(kinship.ADDRESS, address(_INTERNAL + name, value))
    return [*find(kinship.ADDRESS, address(name, value)), *internal]


def by_user_id(part: Part, user_id: str) -> tuple[Document, Document] | None:
    """The contact that a custom channel's user id belongs to, and that channel."""
    for contact in found_by(part, "user_id", user_id):
        for channel in contact["channels"]:
            if channel["type"] == "custom" and channel["user_id"] == user_id:
                return contact, channel
    return None


def by_channel(part: Part, channel_id: str) -> tuple[Document, Document] | None:
    """The contact that a channel is of, and the channel."""
    contacts = part.collection(CONTACTS)
    contact = contacts.one("channel", channel_id) or contacts.get(twin(channel_id, "ctc"))
    if contact is None or all(channel["id"] != channel_id for channel in contact["channels"]):
        return None
    return contact, channel_of(contact, channel_id)


def channel_of(contact: Document, channel_id: str) -> Document:
    """One of a contact's channels. Raises StopIteration where it has none of that id."""
    channel: Document = next(channel for channel in contact["channels"] if channel["id"] == channel_id)
    return channel


def make(part: Part, at: str, **members: Any) -> Document:
    """A new contact's document, not yet stored; `at` is when it was created."""
    return {**blank(new_id(part, "ctc"), at), **members}


def blank(id: str, at: str) -> Document:
    """The same without a name, channels or segments."""
    return {
        "id": id,
        "name": None,
        "blocked": False,
        "unsubscribed": False,
        "is_admin": False,
        "channels": [],
        "created_at": at,
        "segment_ids": [],
        **kinship.ALONE,
    }


def make_channel(part: Part, at: str, **members: Any) -> Document:
    """A channel, of which null members are left out; without a `type` it is a custom one (I)."""
    return channel(new_id(part, "cch"), at, **members)


def channel(id: str, at: str, **members: Any) -> Document:
    """The same with an id of its own."""
    said = members
    if None in members.values():
        said = {name: value for name, value in members.items() if value is not None}
    return {"id": id, "type": "custom", **said, "created_at": at}


def save(part: Part, after: Document, before: Document | None = None) -> None:
    """Store what became of a contact; its group of duplicates follows."""
    kinship.store(part, part.collection(CONTACTS), after, before)


def add_all(part: Part, contacts: Iterable[Document]) -> list[Document]:
    """Store many new contacts and say which those were: those whose user id is taken are left out.

    Most share nothing with anybody and are written at once; only the others are worth a look at their duplicates.
    """
    held, told = part.collection(CONTACTS), list(contacts)
    alone, others = _apart(held, told)
    held.extend(alone)
    for contact in others:
        if by_user_id(part, contact["channels"][0]["user_id"]) is None:
            save(part, contact)
            alone.append(contact)
    return alone


def _apart(held: Collection, contacts: list[Document]) -> tuple[list[Document], list[Document]]:
    """New contacts that share nothing with anybody, and those that do, one before among them included."""
    addresses = [kinship.shared_addresses(contact) for contact in contacts]
    seen = set(chain.from_iterable(addresses))
    for contact in contacts:
        contact["rank"] = -len(contact["channels"])
    if sum(map(len, addresses)) == len(seen) and not held.knows(kinship.ADDRESS, seen):
        return contacts, []
    alone: list[Document] = []
    others: list[Document] = []
    seen.clear()
    for contact, own in zip(contacts, addresses, strict=True):
        (alone if seen.isdisjoint(own) and not held.knows(kinship.ADDRESS, own) else others).append(contact)
        seen.update(own)
    return alone, others


def upsert(part: Part, said: Mapping[str, str], segment_ids: Iterable[str], owner: Document | None = None) -> Document:
    """The contact of a user id, made if there is none, with these channel fields and segments.

    `said` holds `user_id` and what else the caller knows. With an `owner` the channel becomes one of that contact's,
    whose name stays if it has one.
    """
    at = part.clock.iso()
    if owner is None:
        known = by_user_id(part, said["user_id"])
        before, name = (None if known is None else known[0]), said.get("name")
    else:
        before, name = owner, owner["name"] or said.get("name")
    contact = make(part, at) if before is None else {**before, "updated_at": at}
    if name is not None:
        contact["name"] = name
    contact["channels"] = _with_channel(part, contact["channels"], said, at)
    contact["segment_ids"] = list(dict.fromkeys((*contact["segment_ids"], *segment_ids)))
    save(part, contact, before)
    return contact


def _with_channel(part: Part, channels: list[Document], said: Mapping[str, str], at: str) -> list[Document]:
    """The channels, the custom one of that user id overwritten or added."""
    for position, channel in enumerate(channels):
        if channel["type"] == "custom" and channel["user_id"] == said["user_id"]:
            return [*channels[:position], {**channel, **said, "updated_at": at}, *channels[position + 1 :]]
    return [*channels, make_channel(part, at, **said)]


_GOES_WITH = {
    "blocked": ("blocked_at",),
    "unsubscribed": ("unsubscribed_at", "unsubscribe_reason", "unsubscribe_feedback"),
}
"""What comes and goes with a flag."""


def flag(part: Part, contact: Document, **flags: bool) -> Document:
    """The contact blocked or not, unsubscribed or not, with the moment of it; not yet stored."""
    after = dict(contact)
    for name, on in flags.items():
        if on and not contact[name]:
            after[f"{name}_at"] = part.clock.iso()
        after[name] = on
    gone = [other for name, on in flags.items() if not on for other in _GOES_WITH[name]]
    return {name: value for name, value in after.items() if name not in gone}


def join(part: Part, contact: Document, segment_id: str) -> Document:
    """Put a contact into a segment; `updated_at` stays (I)."""
    after = {**contact, "segment_ids": list(dict.fromkeys((*contact["segment_ids"], segment_id)))}
    part.collection(CONTACTS).put(after)
    return after


def leave(part: Part, contact: Document, segment_id: str) -> Document:
    """Take a contact out of a segment; `updated_at` stays (I)."""
    after = {**contact, "segment_ids": [id for id in contact["segment_ids"] if id != segment_id]}
    part.collection(CONTACTS).put(after)
    return after


def remove(part: Part, contact: Document) -> None:
    """Delete a contact with its channels and memberships."""
    kinship.remove(part, part.collection(CONTACTS), [contact])


def absorb(part: Part, primary: Document, sources: list[Document]) -> Document:
    """Give channels and segments of the sources to the primary; `dissolve` deletes them (I).

    The name is kept unless there is none; blocked and unsubscribed are what any of them was.
    """
    channels, segment_ids = list(primary["channels"]), dict.fromkeys(primary["segment_ids"])
    merged = {**primary, "updated_at": part.clock.iso()}
    for source in sources:
        merged["name"] = source["name"] if merged["name"] is None else merged["name"]
        channels += source["channels"]
        segment_ids |= dict.fromkeys(source["segment_ids"])
        for name, others in _GOES_WITH.items():
            if source[name] and not merged[name]:
                merged |= {name: True} | {other: source[other] for other in others if other in source}
    merged |= {"channels": channels, "segment_ids": list(segment_ids)}
    save(part, merged, primary)
    return merged


def dissolve(part: Part, merged: Document, sources: Sequence[Document]) -> None:
    """Delete some of those that were absorbed, whose duplicates are those of `merged` now."""
    kinship.leave_to(part, part.collection(CONTACTS), merged["kin"], sources)
