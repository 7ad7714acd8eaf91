"""How requests name people."""

from __future__ import annotations

import re
from typing import Any

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import people
from lookalike.vendors.customerio.identification import identify

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_CIO_ID = re.compile(r"[A-Za-z0-9]+")

Named = tuple[str, str]
"""(id type, value), as in ("email", "x@y.z")."""


def in_path(identifier: str) -> Named:
    """Told by its shape: `cio_...`, an address, or anything else, which is an `id` (D)."""
    if identifier.startswith("cio_"):
        return "cio_id", identifier.removeprefix("cio_")
    return ("email" if _EMAIL.fullmatch(identifier) else "id"), identifier


def is_foreign(named: Named) -> bool:
    """Whether it is a cio_id that cannot be one, by the form that is documented."""
    return named[0] == "cio_id" and _CIO_ID.fullmatch(named[1]) is None


def in_body(identifiers: Any, types: tuple[str, ...] = people.ID_TYPES) -> Named | None:
    """The one identifier of an object such as `{"id": "42"}`, or None where there is not exactly one."""
    if not isinstance(identifiers, dict):
        return None
    given = [(name, value) for name, value in identifiers.items() if name in types and value not in (None, "")]
    if len(given) != 1 or isinstance(given[0][1], bool) or not isinstance(given[0][1], str | int):
        return None
    return given[0][0], str(given[0][1])


def somebody(part: Part, named: Named) -> Document | None:
    """The person of that name, made where there is none; None for suppressed ones and unknown cio_ids."""
    return people.find(part, *named) or identify(part, *named, {})
