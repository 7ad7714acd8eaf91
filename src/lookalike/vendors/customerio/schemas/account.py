"""Region of an account."""

from typing import Literal

from lookalike.models import ResponseModel


class Region(ResponseModel):
    url: Literal["https://track.customer.io", "https://track-eu.customer.io"]
    region: Literal["us", "eu"]
    environment_id: int
