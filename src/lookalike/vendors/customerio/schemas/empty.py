"""The answer that says nothing."""

from lookalike.models import ResponseModel


class Empty(ResponseModel):
    """`{}`."""
