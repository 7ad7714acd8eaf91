"""Bytes and query strings to pydantic models, or Problem("malformed") and Problem("invalid")."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from lookalike.problem import Problem

if TYPE_CHECKING:
    from lookalike.call import Call

M = TypeVar("M", bound=BaseModel)


def read_body(call: Call, model: type[M]) -> M:
    """The body as `model`; the kind "invalid" carries pydantic's errors, `extra["input"]` what was validated."""
    return validate(model, call.json())


def read_query(call: Call, model: type[M]) -> M:
    """The query string as `model`: the first value of a key, or all of them where the field is a list."""
    query = call.query
    lists = _list_fields(model)
    return validate(model, {key: values if key in lists else values[0] for key, values in query.items()})


def validate(model: type[M], data: Any) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=True)
        raise Problem("invalid", errors=errors, input=data) from None


@cache
def _list_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        field.alias or name for name, field in model.model_fields.items() if get_origin(field.annotation) is list
    )
