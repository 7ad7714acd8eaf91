"""The bases that vendors' schemas build on.

Modules that hold nothing but models leave `from __future__ import annotations` out: pydantic would have to compile
every annotation from its text, which is a third of the time that a vendor's import takes.
"""

from __future__ import annotations

from functools import cache
from types import new_class
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema


class RequestModel(BaseModel):
    """A request body or query: strict about JSON types, silent about unknown keys (vendors that refuse them say so)."""

    model_config = ConfigDict(strict=True, extra="ignore", defer_build=True)


class ResponseModel:
    """An answer's body, declared as a pydantic model is: what is not declared must not be there.

    The contract document and the tests look at answers' models, a server that runs never does. They are most of the
    models that there are, so that a class becomes one when pydantic first asks what it is.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(pydantic_model(source))


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


@cache
def pydantic_model(declared: Any) -> Any:
    """What a ResponseModel, or a generic one with its arguments, is to pydantic."""
    if declared is ResponseModel:
        return _Answer
    if get_origin(declared) is not None:
        return pydantic_model(get_origin(declared))[get_args(declared)]
    bases = tuple(_base(base) for base in vars(declared).get("__orig_bases__", declared.__bases__))
    body = {name: value for name, value in vars(declared).items() if name not in ("__dict__", "__weakref__")}
    return new_class(declared.__name__, bases, exec_body=lambda namespace: namespace.update(body))


def _base(declared: Any) -> Any:
    """A base class of a ResponseModel: another one, or `Generic`."""
    origin = get_origin(declared) or declared
    return pydantic_model(declared) if issubclass(origin, ResponseModel) else origin
