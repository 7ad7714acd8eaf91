"""Bodies and query strings of the control API: what does not fit is refused with one sentence."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import orjson
from flask import Request
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from lookalike.control.refusal import Refusal

BODY_LIMIT = 1024 * 1024
"""Bytes of a body that the control API reads, where its model has no `LIMIT` of its own."""

_BRANCH = re.compile(r"int|str|float|bool|[A-Z]\w*|[\w-]+\[.*\]")
"""What pydantic puts into a member's place to tell the branches of a union apart."""

M = TypeVar("M", bound=BaseModel)


class ControlBody(BaseModel):
    """A body; JSON types are taken at their word and unknown members refused."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class ControlQuery(BaseModel):
    """A query string; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


def read_query(request: Request, model: type[BaseModel] | None) -> dict[str, Any]:
    """`{"query": ...}` where a route takes one. Raises Refusal."""
    arguments = request.args.to_dict()
    if model is None:
        if arguments:
            raise Refusal(400, f"Query parameter {next(iter(arguments))!r} is unknown: this route takes none.")
        return {}
    return {"query": fit(model, arguments)}


def read_body(request: Request, model: type[BaseModel]) -> Any:
    """The JSON body as `model`; no body is an empty object. Raises Refusal."""
    limit: int = getattr(model, "LIMIT", BODY_LIMIT)
    request.max_content_length = limit
    try:
        raw = request.get_data()
    except RequestEntityTooLarge:
        raise Refusal(413, f"The body is too large: send at most {limit} bytes.") from None
    # A plain HTML form can be posted from any page, but not with this content type.
    if raw and not request.is_json:
        raise Refusal(415, "The body has no JSON content type: send Content-Type: application/json.")
    try:
        data = orjson.loads(raw or b"{}")
        orjson.dumps([[[[[[data]]]]]])  # orjson reads deeper JSON than it writes, and what is taken is shown again
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"The body is not JSON ({error}): correct it.") from None
    except orjson.JSONEncodeError:
        raise Refusal(400, "The body is nested too deeply: send at most 240 levels.") from None
    return fit(model, data)


def fit(model: type[M], data: Any) -> M:
    """`data` as `model`. Raises Refusal(400)."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Refusal(400, complaint(model, error)) from None


def complaint(model: type[BaseModel], error: ValidationError) -> str:
    """The first of pydantic's errors as a sentence: `unknown member 'worksapce': use workspace or vendor.`"""
    if issubclass(model, RootModel):
        return "The body must be a JSON object, or a list of them: send {...} or [{...}]."
    errors = error.errors(include_url=False)
    # Of a member that may be one thing or another: what is wrong with the one that it is.
    first = min(errors, key=lambda one: (one["type"] == "literal_error", one["type"].endswith("_type")))
    place = ".".join(str(part) for part in first["loc"] if not _BRANCH.fullmatch(str(part)))
    if first["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        advice = f"use {', '.join(known)}" if known and len(first["loc"]) == 1 else "leave it out"
        return f"Member {place!r} is unknown: {advice}."
    if first["type"] == "missing":
        return f"Member {place!r} is missing: add it."
    if first["type"].startswith("union_tag_"):
        return _without_tag(place, first["ctx"])
    if first["type"].startswith("model_"):
        return f"{_named(place)} must be a JSON object: send {{...}}."
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{_named(place)} cannot be used: {message[:1].lower()}{message[1:]}."


def _without_tag(place: str, found: dict[str, str]) -> str:
    """The sentence about an object that a member of its own, in `found["discriminator"]`, should say the kind of."""
    tag = f"{place}.{found['discriminator'].strip(chr(39))}"
    if "expected_tags" not in found:
        return f"Member {tag!r} is missing: add it."
    return f"Member {tag!r} {found['tag']!r} is unknown: use one of {found['expected_tags'].replace(chr(39), '')}."


def _named(place: str) -> str:
    return f"Member {place!r}" if place else "The body"
