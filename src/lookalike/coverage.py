"""Which of a vendor's documented operations there are, read from the `coverage.yaml` beside the vendor's code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

STATES = ("full", "partial", "planned")
SOURCES = ("S", "D", "I")


@dataclass(frozen=True, slots=True)
class Entry:
    """One documented operation. `why` says what is missing where `state` is not `full`; `source` is S, D or I.

    Where little is documented, `why` also says which of the facts are inferred.
    """

    id: str
    method: str
    paths: tuple[str, ...]
    state: str
    doc: str
    source: str
    why: str = ""

    def matches(self, method: str, path: str) -> bool:
        return method == self.method and any(_pattern(known).fullmatch(path) for known in self.paths)


def _pattern(path: str) -> re.Pattern[str]:
    literal = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(re.escape(piece) for piece in literal))


@dataclass(frozen=True, slots=True)
class Coverage:
    """All documented operations of one vendor."""

    entries: tuple[Entry, ...]

    def planned(self, method: str, path: str) -> Entry | None:
        """The operation that the vendor documents for this request and that is not implemented, if any."""
        for entry in self.entries:
            if entry.state == "planned" and entry.matches(method, path):
                return entry
        return None

    def why(self, id: str) -> str:
        """What there is to say about an operation of that id."""
        return next((entry.why for entry in self.entries if entry.id == id), "")

    def counts(self) -> dict[str, int]:
        return {"documented": len(self.entries)} | {
            state: sum(entry.state == state for entry in self.entries) for state in STATES
        }

    def summary(self) -> dict[str, Any]:
        """The counts, and of the implemented operations how many rest on which source, with their share of all."""
        known = [entry.source for entry in self.entries if entry.state != "planned"]
        sources = {
            source: {"operations": known.count(source), "share": round(known.count(source) / max(1, len(known)), 3)}
            for source in SOURCES
        }
        return {**self.counts(), "implemented": len(known), "sources": sources}


def load(package: str) -> Coverage:
    """Read `coverage.yaml` of a vendor's package."""
    import yaml

    text = files(package).joinpath("coverage.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rows: list[dict[str, Any]] = yaml.load(text, Loader=loader)["operations"]
    return Coverage(
        tuple(
            Entry(
                id=row["id"],
                method=row["method"],
                paths=tuple(row["paths"]),
                state=row["state"],
                doc=row.get("doc", ""),
                source=row.get("source", "D"),
                why=row.get("why", ""),
            )
            for row in rows
        )
    )
