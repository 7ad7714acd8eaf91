"""Trouble, named by kind: the core and the handlers raise it, the vendor decides its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

KINDS: Mapping[str, int] = {
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "invalid": 422,
    "malformed": 400,
    "too_large": 413,
    "rate_limited": 429,
    "internal": 500,
    "unavailable": 503,
    "no_route": 404,
    "no_method": 405,
    "unimplemented": 501,
}
"""Every kind with the status it has where a vendor does not say otherwise."""

INJECTABLE = tuple(kind for kind in KINDS if kind not in {"no_route", "no_method", "unimplemented"})
"""The kinds that a fault rule may name."""


class Problem(Exception):
    """A request that cannot be answered as asked.

    `kind` is one of `KINDS`. Everything else is optional: without it the vendor's own table fills in
    status, code and message. `errors` holds pydantic's error list for the kind "invalid" (`body` is then
    what was validated); `details` and `extra` are in the vendor's own terms and handed to its renderer.
    """

    def __init__(
        self,
        kind: str,
        message: str | None = None,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        details: Any = None,
        **extra: Any,
    ) -> None:
        super().__init__(message or kind)
        self.kind = kind
        self.message = message
        self.code = code
        self.status = status
        self.errors = errors
        self.details = details
        self.extra = extra
