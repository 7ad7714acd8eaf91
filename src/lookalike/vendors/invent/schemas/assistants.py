"""Assistants and connections, as far as the vendor's cookbook goes."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel


class AssistantInput(RequestModel):
    name: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    enabled: bool = True
    config: dict[str, Any] = Field(default_factory=dict)
    avatar_id: str | None = None
    generate_secret_key: bool = False


class Assistant(ResponseModel):
    id: str
    name: str
    enabled: bool
    deleted: bool
    secret_key: str | None
    avatar_url: str | None
    config: dict[str, Any]
    integrations: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    boards: list[dict[str, Any]]
    created_at: str
    updated_at: str


class Connection(ResponseModel):
    """None is ever shown; what one looks like is not documented."""

    id: str
