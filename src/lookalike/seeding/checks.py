"""What is checked in a fixture, and how it is said that something does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from lookalike.clock import parse_instant

M = TypeVar("M", bound=BaseModel)

Place = tuple[str | int, ...]
"""Where in the file: keys and positions from the top."""

_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,), "date": (str,)}
_KINDS = {"dictionary": "an object", "list": "a list", "string": "a text"}


class Unfit(Exception):
    """Something in a fixture is not as it should be; `message` says what was expected there."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


class FixtureModel(BaseModel):
    """Part of a fixture file: unknown keys are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


def check(model: type[M], data: Any, place: Place = ()) -> M:
    """`data` as `model`. Raises Unfit with what pydantic found first."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    where = tuple(first["loc"])
    if first["type"] == "missing":
        raise Unfit(place + where[:-1], f"{where[-1]!r} is missing")
    if first["type"] == "extra_forbidden":
        known = ", ".join(_keys(model, where[:-1]))
        raise Unfit(place + where, f"{where[-1]!r} is unknown; use one of {known}")
    wanted = re.sub("^(Input|List|String) should", "this should", first["msg"])
    wanted = re.sub(r"a valid (dictionary|list|string).*", lambda kind: _KINDS[kind[1]], wanted)
    raise Unfit(place + where, wanted.replace(" after validation", ""))


def _keys(model: type[BaseModel], where: Place) -> list[str]:
    for step in where:
        field = next((f for name, f in model.model_fields.items() if step in (name, f.alias)), None)
        if field is not None:
            model = _model_in(field.annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def typed(value: Any, type_: str, place: Place) -> Any:
    """`value` if it is a string, number, boolean or date, whichever `type_` says. Raises Unfit."""
    fits = isinstance(value, _TYPES[type_]) and (type_ != "number" or not isinstance(value, bool))
    if fits and type_ == "date":
        try:
            parse_instant(value)
        except ValueError:
            fits = False
    if not fits:
        raise Unfit(place, f"this should give a {type_}, not {value!r}")
    return value


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a name that nothing has."""
    use = ", ".join(sorted(known))
    return f"there is no {kind} {name!r}; {f'use one of {use}' if use else 'none is declared'}"
