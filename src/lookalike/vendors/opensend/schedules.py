"""When an email shall leave: the two forms of `scheduled_at` that OpenSend reads."""

from __future__ import annotations

import re

from lookalike.clock import parse_instant

MESSAGE = (
    "scheduled_at must be a future ISO 8601 date-time or 'in <positive integer> "
    "<minute|min|minutes|hour|hours|day|days>' within 30 days."
)

_LONGEST = 30 * 86_400
_RELATIVE = re.compile(r"in\s+([1-9][0-9]*)\s+(min|minute|hour|day|minutes|hours|days)", re.IGNORECASE | re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}


def parse_schedule(text: str, now: float) -> float | None:
    """Epoch seconds of `2026-12-24T18:00:00Z` or `in 5 minutes`; None unless it lies within the next 30 days."""
    at = _read(text.strip(), now)
    return at if at is not None and now < at <= now + _LONGEST else None


def _read(text: str, now: float) -> float | None:
    relative = _RELATIVE.fullmatch(text)
    if relative is not None:
        digits, unit = relative.groups()
        # More digits than any allowed delay has are out of range, however long the number is.
        return now + int(digits) * _SECONDS[unit[0].lower()] if len(digits) < 10 else None
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        return None
