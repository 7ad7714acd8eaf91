"""Why the control API does not do as it was asked."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer other than success; the message is one sentence that says what to do, `details` stand beside it."""

    def __init__(self, status: int, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.status = status
        self.details = details
