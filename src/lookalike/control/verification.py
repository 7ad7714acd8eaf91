"""Expectations of the journal: whether an entry meets one, and if not, where the two differ."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from pydantic import field_validator

from lookalike.faults import When, body_matches
from lookalike.journal import Entry

NEAR = 3
"""How many near misses are shown."""

Difference = dict[str, Any]


def check_status(status: int | str | None) -> int | str | None:
    """The status as it is; raises ValueError for what is none."""
    if status is not None and not re.fullmatch(r"[1-9x][0-9x]{2}", str(status)):
        raise ValueError("a status is 200 or, for all of a kind, 4xx")
    return status


class Expected(When):
    """The members of a fault's `when`, and the answer's `status`: 200, "4xx" or "42x"."""

    status: int | str | None = None

    _check = field_validator("status")(check_status)

    def is_met_by(self, entry: Entry) -> bool:
        """Whether an entry has everything that is expected of it."""
        return next(self.differences(entry), None) is None

    def differences(self, entry: Entry) -> Iterator[Difference]:
        """Every member that is not as expected: `{"member", "expected", "actual"}`."""
        members = (
            ("vendor", self.vendor, entry.vendor),
            ("workspace", self.workspace, entry.workspace),
            ("operation", self.operation, entry.operation),
            ("method", self.method.upper(), entry.method),
            ("path", self.path, entry.path),
        )
        for member, glob, actual in members:
            if glob != "*" and not fnmatchcase(actual or "", glob):
                yield _difference(member, glob, actual)
        if self.status is not None and not fnmatchcase(str(entry.status), str(self.status).replace("x", "?")):
            yield _difference("status", self.status, entry.status)
        if self.body is not None:
            yield from _body_differences("body", self.body, entry.json_body())


def _body_differences(place: str, expected: Any, actual: Any) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            if key in actual:
                yield from _body_differences(f"{place}.{key}", value, actual[key])
            else:
                yield _difference(f"{place}.{key}", value, None)
    elif not body_matches(expected, actual):
        yield _difference(place, expected, actual)


def _difference(member: str, expected: Any, actual: Any) -> Difference:
    return {"member": member, "expected": expected, "actual": actual}


def near_misses(expected: Expected, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The entries with the fewest differences, of equals those that come first."""
    judged = ((entry, list(expected.differences(entry))) for entry in entries)
    nearest = heapq.nsmallest(NEAR, judged, key=lambda pair: len(pair[1]))
    return [
        {
            "id": entry.id,
            "method": entry.method,
            "path": entry.path,
            "operation": entry.operation,
            "status": entry.status,
            "differences": differences,
        }
        for entry, differences in nearest
    ]
