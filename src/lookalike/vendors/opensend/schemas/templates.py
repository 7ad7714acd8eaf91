"""Templates."""

from typing import Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body


class VariableInput(Body):
    key: str
    type: Literal["string", "number"] = UNSET
    fallback_value: str | float | None = None
    required: bool = UNSET


class TemplateInput(Body):
    name: str
    html: str
    alias: str | None = None
    subject: Any = None
    from_: Any = Field(default=None, alias="from")
    reply_to: Any = None
    preview_text: Any = None
    text: Any = None
    variables: list[VariableInput] = UNSET


class TemplatePatch(Body):
    """Nothing but the variables is enforced: the rest goes to the database as it is."""

    name: Any = None
    html: Any = None
    alias: Any = None
    status: Any = None
    subject: Any = None
    from_: Any = Field(default=None, alias="from")
    reply_to: Any = None
    preview_text: Any = None
    text: Any = None
    variables: list[VariableInput] = UNSET


class TemplateChanged(ResponseModel):
    object: Literal["template"]
    id: str


class TemplateDeleted(TemplateChanged):
    deleted: Literal[True]


class TemplateItem(TemplateChanged):
    name: str
    alias: str | None
    status: str
    current_version_id: None
    published_at: str | None
    has_unpublished_versions: bool
    created_at: str


class TemplateList(ResponseModel):
    object: Literal["list"]
    data: list[TemplateItem]
    has_more: bool


class Variable(ResponseModel):
    id: str
    key: str
    name: str
    type: Literal["string", "number"]
    required: bool
    fallback_value: str | int | float | None
    created_at: str
    updated_at: str


class Template(TemplateChanged):
    """`updated_at` is the time of creation: OpenSend keeps no other."""

    name: str
    alias: str | None
    status: str
    subject: str | None
    from_: str | None = Field(alias="from")
    reply_to: str | None
    preview_text: str | None
    html: str | None
    text: str | None
    variables: list[Variable]
    created_at: str
    updated_at: str
