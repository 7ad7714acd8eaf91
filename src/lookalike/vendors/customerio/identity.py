"""The ids that Customer.io gives out."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache

from lookalike.credentials import DEFAULT_WORKSPACE, WORKSPACE_NAME
from lookalike.ids import Ids
from lookalike.part import Part
from lookalike.stores import Collection, Resource

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The digits of ULIDs."""

_ULID = re.compile(rf"[0-7][{CROCKFORD}]{{25}}", re.IGNORECASE)


def new_cio_id(people: Collection, part: Part) -> str:
    """A person's own id: 12 hexadecimal digits that nobody has; later ones sort higher."""
    return _timely(people, part, "")


def cio_ids_since(people: Collection, seconds: Iterable[int]) -> list[str]:
    """The ids of people whose profiles were made in these seconds, or as soon as may be after whoever is there: each
    is above all before it."""
    newest = people.page(limit=1, descending=True).ids
    last, made = int(newest[0], 16) if newest else -1, []
    for second in seconds:
        last = max((second & 0xFFFFFFFF) << 16, last + 1)
        made.append(f"{last:012x}")
    return made


def new_cio_object_id(objects: Collection, part: Part) -> str:
    """An object's own id, as in `ob6950a1b20001`; later ones sort higher."""
    return _timely(objects, part, "ob")


def _timely(collection: Collection, part: Part, prefix: str) -> str:
    """The second of its making and a count. What a fixture made was counted elsewhere, so it is looked for."""
    while True:
        part.ids.hex(2)
        id = f"{prefix}{int(part.clock.now()) & 0xFFFFFFFF:08x}{part.ids.count & 0xFFFF:04x}"
        if collection.get(id) is None:
            return id


def ulid(part: Part, at: float) -> str:
    """A ULID for that moment (epoch seconds); those of one moment sort in the order they were made."""
    chance = part.ids.text(8, CROCKFORD)
    return _digits(int(at * 1000), 10) + _digits(part.ids.count, 8) + chance


def is_ulid(text: str) -> bool:
    return _ULID.fullmatch(text) is not None


def _digits(number: int, count: int) -> str:
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(5 * (count - 1), -1, -5))


def delivery_id(part: Part) -> str:
    """The opaque id of a delivery. It tells its workspace, since links in messages carry no credential."""
    return _telling(part, 42)


def link_token(part: Part) -> str:
    """The token of a link to somebody's own page, longer than a delivery's id; it tells its workspace too."""
    return _telling(part, 96)


def _telling(part: Part, digits: int) -> str:
    name = part.workspace.name
    tag = "" if name == DEFAULT_WORKSPACE or not WORKSPACE_NAME.fullmatch(name) else f"~{name}"
    return urlsafe_b64encode(bytes.fromhex(part.ids.hex(digits)) + tag.encode()).decode().rstrip("=")


COUNTERS = Resource("counters")
"""By name of a resource, the last number that one of its documents was given."""


def next_number(part: Part, resource: Resource) -> int:
    """The next whole number of documents that count from 1; their order "number" sorts by `number`.

    A number is not given again when its document is gone: others may still name it.
    """
    counters = part.collection(COUNTERS)
    last = part.collection(resource).page("number", limit=1, descending=True).documents
    held = counters.get(resource.name)
    number = 1 + max(held["last"] if held else 0, int(last[0]["number"]) if last else 0)
    counters.put({"id": resource.name, "last": number})
    return number


@lru_cache(maxsize=1024)
def environment_id(workspace: str) -> int:
    """Customer.io's number of a workspace."""
    return Ids("customerio environment", workspace).number(10_000, 199_999)
