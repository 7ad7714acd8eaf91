"""Attribute names in use."""

from typing import Literal

from lookalike.models import ResponseModel


class Attribute(ResponseModel):
    name: str
    type: Literal["string", "number", "boolean", "date", "array", "mixed"]
    contactsCount: int


class AttributeList(ResponseModel):
    data: list[Attribute]
