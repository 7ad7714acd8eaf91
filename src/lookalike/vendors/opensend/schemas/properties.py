"""Contact properties: definitions of custom fields."""

from typing import Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body


class PropertyInput(Body):
    key: str
    name: str
    type: Literal["string", "number", "boolean", "date"]
    fallback_value: Any = None


class PropertyPatch(Body):
    name: str = UNSET
    type: Literal["string", "number", "boolean", "date"] = UNSET
    fallback_value: Any = None


class Property(ResponseModel):
    id: str
    key: str
    name: str
    type: str
    fallback_value: str | None
    created_at: str
    updated_at: str


class PropertyMade(Property):
    object: Literal["contact_property"]


class PropertyList(ResponseModel):
    data: list[Property]
    total: int
    page: int | float
    limit: int
