"""The journal: what was asked and answered, filtered, forgotten, and checked against an expectation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field, field_validator, model_validator

from lookalike.control.parsing import ControlBody, ControlQuery
from lookalike.control.rules import check_when
from lookalike.control.verification import Expected, check_status, near_misses
from lookalike.journal import Entry
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox

routes = Routes("requests")

_ID = re.compile(r"req_(\d+)")


class RequestsFilter(ControlQuery):
    """Which entries; all members must hold. Names and paths are globs, `status` is 200 or 4xx, `since` an id."""

    vendor: str = "*"
    workspace: str = "*"
    operation: str = "*"
    method: str = "*"
    path: str = "*"
    status: int | str | None = None
    text: str | None = None
    unimplemented: bool | None = None
    since: str | None = None

    @field_validator("since")
    @classmethod
    def _is_id(cls, since: str | None) -> str | None:
        if since is not None and not _ID.fullmatch(since):
            raise ValueError("an entry's id looks like req_12")
        return since

    _check = field_validator("status")(check_status)

    def expected(self) -> Expected:
        """The members that an expectation has too."""
        shared = Expected.model_fields.keys() & RequestsFilter.model_fields.keys()
        return Expected.model_validate({name: getattr(self, name) for name in shared})

    def select(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The entries that pass."""
        expected = self.expected()
        after = int(self.since[4:]) if self.since else 0
        for entry in entries:
            if entry.number <= after or (self.unimplemented is not None and entry.unimplemented != self.unimplemented):
                continue
            if expected.is_met_by(entry) and (self.text is None or entry.contains(self.text)):
                yield entry


class RequestsQuery(RequestsFilter):
    limit: int = Field(default=100, ge=1, le=100_000)


@routes.get("/requests", query=RequestsQuery)
def list_requests(sandbox: Sandbox, query: RequestsQuery) -> dict[str, Any]:
    """The entries that pass the filters, newest first; `count` is how many pass, whatever the limit."""
    entries = list(query.select(sandbox.journal.newest_first(query.workspace)))
    return {"requests": [entry.as_json() for entry in entries[: query.limit]], "count": len(entries)}


@routes.delete("/requests", query=RequestsFilter)
def delete_requests(sandbox: Sandbox, query: RequestsFilter) -> dict[str, Any]:
    """Forget the entries that pass the filters; without filters all."""
    gone = {entry.number for entry in query.select(sandbox.journal.newest_first(query.workspace))}
    return {"deleted": sandbox.journal.remove(lambda entry: entry.number in gone)}


class Bounds(ControlBody):
    min: int = Field(default=0, ge=0)
    max: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.max is not None and self.max < self.min:
            raise ValueError("min must not be above max")
        return self


class VerifyBody(ControlBody):
    when: Expected = Expected()
    count: int | Bounds = Bounds(min=1)

    @field_validator("count")
    @classmethod
    def _positive(cls, count: int | Bounds) -> int | Bounds:
        if isinstance(count, int) and count < 0:
            raise ValueError("a count is 0 or more")
        return count

    @property
    def bounds(self) -> Bounds:
        return self.count if isinstance(self.count, Bounds) else Bounds(min=self.count, max=self.count)


@routes.post("/requests/verify", body=VerifyBody)
def verify_requests(sandbox: Sandbox, body: VerifyBody) -> dict[str, Any]:
    """Whether as many requests as expected match; if fewer did, which came closest and where they differ."""
    check_when(sandbox, body.when, unimplemented=True)
    met: list[Entry] = []
    missed: list[Entry] = []
    for entry in sandbox.journal.newest_first(body.when.workspace):
        (met if body.when.is_met_by(entry) else missed).append(entry)
    bounds = body.bounds
    return {
        "ok": bounds.min <= len(met) and (bounds.max is None or len(met) <= bounds.max),
        "count": len(met),
        "expected": {"min": bounds.min, "max": bounds.max},
        "requests": [entry.id for entry in met],
        "near_misses": near_misses(body.when, missed) if len(met) < bounds.min else [],
    }
