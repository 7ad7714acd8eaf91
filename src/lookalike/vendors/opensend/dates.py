"""The ends of a period in a query: a date stands for its first or last moment, a timestamp for itself."""

from __future__ import annotations

import re

from lookalike.clock import iso, parse_instant

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def first_moment(text: str | None) -> str | None:
    """The beginning, as stored times are written; None for what is no time, which OpenSend ignores."""
    return _moment(text, "T00:00:00.000Z")


def last_moment(text: str | None) -> str | None:
    """The end, in the same way."""
    return _moment(text, "T23:59:59.999Z")


def _moment(text: str | None, time_of_day: str) -> str | None:
    if not text:
        return None
    try:
        return iso(parse_instant(text + time_of_day if _DATE.fullmatch(text) else text))
    except (ValueError, OverflowError):
        return None
