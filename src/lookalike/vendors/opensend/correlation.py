"""The two headers by which a send can be followed through the real server's logs."""

from __future__ import annotations

import re

from lookalike.answer import Headers
from lookalike.call import Call

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def headers(call: Call) -> Headers:
    """`x-correlation-id` and `traceparent`: the caller's own correlation and trace ids, or a new id for both."""
    came = _TRACEPARENT.fullmatch((call.header("traceparent") or "").strip().lower())
    trace = came[1] if came is not None else call.ids.hex(32)
    return [
        ("x-correlation-id", call.header("x-correlation-id") or trace),
        ("traceparent", f"00-{trace}-{call.ids.hex(16)}-01"),
    ]
