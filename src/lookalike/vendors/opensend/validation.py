"""Request bodies checked as OpenSend checks them: several messages a field, in check order, in zod's words.

A body is declared once, as a pydantic model, which is also what the contract document shows; `read` walks the model's
fields and says what is wrong in the vendor's texts. A field with a default may be left out; only `| None` may be null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from lookalike.call import Call, parsed
from lookalike.models import RequestModel
from lookalike.problem import Problem
from lookalike.vendors.opensend.problems import invalid

Path = tuple[str | int, ...]
Found = list[tuple[Path, str, bool]]
"""Path, text, and whether the value is of no use for further checks."""

Check = Callable[[Any, Path, Found], Any]

UNDEFINED: Any = type("Undefined", (), {"__repr__": lambda _self: "undefined", "__bool__": lambda _self: False})()

_TYPE_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", NoneType: "null", list: "array"}


def type_name(value: Any) -> str:
    """A JSON value's type as JavaScript's validator calls it."""
    return "undefined" if value is UNDEFINED else _TYPE_NAMES.get(type(value), "object")


UNSET: Any = Field(default=None)
"""The default of a field that may be left out."""


class Body(RequestModel):
    """A request body, for the contract document and for `read`."""


# --- rules that stand in `Annotated` ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A condition on a value of the right type; `shown` is what the contract document says of it."""

    test: Callable[[Any], bool]
    message: str
    shown: tuple[tuple[str, Any], ...] = ()

    def apply(self, value: Any, path: Path, found: Found, aborted: bool) -> None:
        if not aborted and not self.test(value):
            found.append((path, self.message, False))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), **dict(self.shown)}


@dataclass(frozen=True)
class Length:
    """Length of a string or array; told even of a value of the wrong one of the two, as zod does."""

    least: int = 0
    most: int | None = None

    def apply(self, value: Any, path: Path, found: Found, _aborted: bool) -> None:
        if isinstance(value, str):
            kind, unit, size = "string", "characters", js_length(value)
        elif isinstance(value, list):
            kind, unit, size = "array", "items", len(value)
        else:
            return
        if size < self.least:
            found.append((path, f"Too small: expected {kind} to have >={self.least} {unit}", False))
        if self.most is not None and size > self.most:
            found.append((path, f"Too big: expected {kind} to have <={self.most} {unit}", False))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        shown = dict(handler(schema))
        least, most = ("minItems", "maxItems") if shown.get("type") == "array" else ("minLength", "maxLength")
        shown |= {least: self.least} if self.least else {}
        return shown | ({most: self.most} if self.most is not None else {})


def js_length(text: str) -> int:
    """The length in UTF-16 units, which is what JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


_EMAIL = re.compile(r"(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}")
_UUID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
    r"|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff"
)


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """A UUID of any version with the usual variant, or all zeros, or all f."""
    return _UUID.fullmatch(text) is not None


IS_EMAIL = Rule(is_email, "Invalid email address", (("format", "email"),))
IS_UUID = Rule(is_uuid, "Invalid UUID", (("format", "uuid"),))

Email = Annotated[str, IS_EMAIL, Length(3, 512)]
Uuid = Annotated[str, IS_UUID]

# --- from a model's fields to checks ----------------------------------------------------------------------------


def _plain(expected: str, *types: type) -> Check:
    def check(value: Any, path: Path, found: Found) -> Any:
        if type(value) not in types:
            found.append((path, f"Invalid input: expected {expected}, received {type_name(value)}", True))
        return value

    return check


_PLAIN: dict[Any, Check] = {
    str: _plain("string", str),
    bool: _plain("boolean", bool),
    float: _plain("number", int, float),
    Any: lambda value, _path, _found: value,
}


def _whole(value: Any, path: Path, found: Found) -> Any:
    _PLAIN[float](value, path, found)
    if isinstance(value, float) and not value.is_integer():
        found.append((path, "Invalid input: expected int, received number", True))
    return value


_PLAIN[int] = _whole


def _ruled(inner: Check, rules: tuple[Any, ...]) -> Check:
    applied = [rule.apply for rule in rules]

    def check(value: Any, path: Path, found: Found) -> Any:
        before = len(found)
        value = inner(value, path, found)
        aborted = len(found) > before and any(issue[2] for issue in found[before:])
        for apply in applied:
            apply(value, path, found, aborted)
        return value

    return check


def _array(item: Check) -> Check:
    def check(value: Any, path: Path, found: Found) -> Any:
        if not isinstance(value, list):
            found.append((path, f"Invalid input: expected array, received {type_name(value)}", True))
            return value
        return [item(member, (*path, index), found) for index, member in enumerate(value)]

    return check


def _record(item: Check) -> Check:
    def check(value: Any, path: Path, found: Found) -> Any:
        if not isinstance(value, dict):
            found.append((path, f"Invalid input: expected record, received {type_name(value)}", True))
            return value
        return {key: item(member, (*path, key), found) for key, member in value.items()}

    return check


def _one_of(values: tuple[Any, ...]) -> Check:
    shown = "|".join(orjson.dumps(value).decode() for value in values)
    text = f"Invalid option: expected one of {shown}" if len(values) > 1 else f"Invalid input: expected {shown}"

    def check(value: Any, path: Path, found: Found) -> Any:
        if not isinstance(value, str) or value not in values:
            found.append((path, text, True))
        return value

    return check


def _union(options: list[Check]) -> Check:
    """The first option that fits; else the issues of the only one that is nearly right; else `Invalid input`."""

    def check(value: Any, path: Path, found: Found) -> Any:
        near: list[Found] = []
        for option in options:
            issues: Found = []
            result = option(value, path, issues)
            if not issues:
                return result
            if not any(issue[2] for issue in issues):
                near.append(issues)
        if len(near) == 1:
            found += near[0]
        else:
            found.append((path, "Invalid input", True))
        return value

    return check


def _nullable(inner: Check) -> Check:
    return lambda value, path, found: None if value is None else inner(value, path, found)


def _object(model: type[BaseModel]) -> Check:
    fields = [
        (field.alias or name, _compiled(field.annotation, tuple(field.metadata)), field.is_required())
        for name, field in model.model_fields.items()
    ]

    def check(value: Any, path: Path, found: Found) -> Any:
        if not isinstance(value, dict):
            found.append((path, f"Invalid input: expected object, received {type_name(value)}", True))
            return value
        result = {}
        for name, inner, required in fields:
            member = value.get(name, UNDEFINED)
            if required or member is not UNDEFINED:
                result[name] = inner(member, (*path, name), found)
        return result

    return check


def _compiled(annotation: Any, rules: tuple[Any, ...] = ()) -> Check:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _compiled(arguments[0], (*arguments[1:], *rules))
    check = _of_type(annotation, origin, arguments)
    rules = tuple(rule for rule in rules if not isinstance(rule, FieldInfo))
    return _ruled(check, rules) if rules else check


def _of_type(annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Check:
    if origin in (Union, UnionType):
        options = [_compiled(argument) for argument in arguments if argument is not NoneType]
        inner = options[0] if len(options) == 1 else _union(options)
        return _nullable(inner) if NoneType in arguments else inner
    if origin is list:
        return _array(_compiled(arguments[0]))
    if origin is dict:
        return _record(_compiled(arguments[1]))
    if origin is Literal:
        return _one_of(arguments)
    return _PLAIN.get(annotation) or _object(annotation)


@cache
def _checked(model: Any) -> Check:
    return _compiled(model)


# --- what handlers use ------------------------------------------------------------------------------------------


def read_json(call: Call) -> Any:
    """The body as JSON. Bytes that are no UTF-8, and halves of surrogate pairs, count as replacement characters.

    JavaScript keeps such halves until the database's driver replaces them. Raises Problem("malformed").
    """
    try:
        return call.json()
    except Problem:
        text = call.body.decode("utf-8-sig", "replace")
        repaired = _HALF_PAIR.sub(lambda match: match[1] or r"\ufffd", text).encode()
        if repaired == call.body:
            raise
        return parsed(repaired)


_HALF_PAIR = re.compile(
    r"(\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}", re.DOTALL
)
"""What is to be left alone, other escapes and whole pairs; or a half."""


def read_object(call: Call) -> dict[str, Any]:
    """The body where OpenSend only looks at members: what is no object has none."""
    data = read_json(call)
    return data if isinstance(data, dict) else {}


def check(model: Any, data: Any, path: Path = ()) -> Any:
    """`data` with what the model knows of it: a plain dictionary of the members that were given.

    `model` is a `Body` or any annotation made of them. Raises Problem("invalid") with every issue at once.
    """
    found: Found = []
    result = _checked(model)(data, path, found)
    if found:
        raise invalid(*((where, text) for where, text, _ in found))
    return result


def read(call: Call, model: Any) -> Any:
    """The body checked by `model`. Raises Problem("malformed") and Problem("invalid")."""
    return check(model, read_json(call))
