"""Why the control API does not do as it was asked."""

from __future__ import annotations


class Refusal(Exception):
    """An answer other than success; the message is one sentence that says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
