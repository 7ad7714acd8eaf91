"""API keys."""

from typing import Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import Body

Permission = Literal["full_access", "sending_access"]


class ApiKeyInput(Body):
    """Only `name` is enforced: an unknown permission counts as none, a `domain_id` that is no string as missing."""

    name: str
    permission: Any = None
    domain_id: Any = None


class ApiKeyPatch(Body):
    name: Any = None
    permission: Any = None
    domain_id: Any = None


class ApiKeyMade(ResponseModel):
    id: str
    token: str


class ApiKeyItem(ResponseModel):
    id: str
    name: str
    created_at: str
    last_used_at: str | None
    permission: Permission
    domain: str | None


class ApiKey(ApiKeyItem):
    object: Literal["api_key"]


class ApiKeyList(ResponseModel):
    object: Literal["list"]
    data: list[ApiKeyItem]
    has_more: bool
