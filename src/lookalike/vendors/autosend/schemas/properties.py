"""Contact properties, and custom fields as they were called."""

from typing import Any

from pydantic import AliasChoices, Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import QueryModel, Required, ValueType


class PropertiesQuery(QueryModel):
    includeReservedFields: bool = True


class PropertyInput(RequestModel):
    """Takes the older names `fieldName` and `fieldType` too."""

    name: Required = Field(validation_alias=AliasChoices("name", "fieldName"))
    type: ValueType = Field(validation_alias=AliasChoices("type", "fieldType"))
    description: str | None = None
    defaultValue: Any = None


class CustomFieldInput(RequestModel):
    fieldName: Required
    fieldType: ValueType
    description: str | None = None
    defaultValue: Any = None


class CustomField(ResponseModel):
    """The built-in ones have no id and no times."""

    id: str | None = None
    fieldName: str
    fieldType: ValueType
    createdAt: str | None = None
    updatedAt: str | None = None


class Property(CustomField):
    name: str
    type: ValueType


class Properties(ResponseModel):
    contactProperties: list[Property]


class CustomFieldList(ResponseModel):
    customFields: list[CustomField]
