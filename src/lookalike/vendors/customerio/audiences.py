"""Who gets a triggered broadcast: whom the trigger says, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from lookalike.part import Part
from lookalike.pieces import Steps
from lookalike.problem import Problem
from lookalike.vendors.customerio import people, searching
from lookalike.vendors.customerio.data_files import File
from lookalike.vendors.customerio.problems import unprocessable
from lookalike.vendors.customerio.schemas.broadcasts import TriggerInput, UserData

WAYS = ("recipients", "emails", "ids", "per_user_data", "data_file_url")
_POINTER = "/data/attributes/"


@dataclass
class Audience:
    """People by cio_id, each with data of its own or none, and what could not be made sense of (texts: I)."""

    rows: list[tuple[str, dict[str, Any] | None]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def check(body: TriggerInput) -> str | None:
    """The one way that the trigger uses, or None. Raises the vendor's 422 for several, and for an empty filter."""
    used = [way for way in WAYS if getattr(body, way) is not None]
    if len(used) > 1:
        raise unprocessable(f"only one of {', '.join(WAYS)} can be used", _POINTER + used[1])
    if body.recipients == {}:
        raise unprocessable("empty recipients filter is not valid", _POINTER + "recipients")
    return used[0] if used else None


def read(part: Part, body: TriggerInput, file: File) -> Steps[Audience]:
    """Whom a trigger names. Raises the vendor's 400 or 422; single people that are not there are told as errors.

    `file` is what `data_file_url` points at.
    """
    way = check(body)
    if way == "recipients":
        return Audience([(id, None) for id in searching.found_ids(part, searching.read(body.recipients))])
    audience = Audience()
    for line, row in enumerate(_rows(body, file, audience), 1):
        _add(part, body, audience, row, line)
        yield
    return audience


def _rows(body: TriggerInput, file: File, audience: Audience) -> Iterator[UserData]:
    if body.emails is not None:
        yield from (UserData(email=email) for email in body.emails)
    elif body.ids is not None:
        yield from (UserData(id=id) for id in body.ids)
    elif body.per_user_data is not None:
        yield from body.per_user_data
    elif body.data_file_url is not None:
        yield from _lines(file, audience)


def _lines(file: File, audience: Audience) -> Iterator[UserData]:
    """One JSON object a line. What cannot be fetched or read is told among the errors, once the trigger was taken."""
    try:
        text = file()
    except Problem as problem:
        audience.errors.append(f"failed to download data file, {problem.message}")
        return
    for line, content in enumerate(filter(str.strip, text.splitlines()), 1):
        try:
            yield UserData.model_validate(orjson.loads(content))
        except (orjson.JSONDecodeError, ValidationError):
            audience.errors.append(f"line {line}: invalid JSON data")


def _add(part: Part, body: TriggerInput, audience: Audience, row: UserData, line: int) -> None:
    if (row.id is None) == (row.email is None):
        audience.errors.append(f"line {line}: exactly one of id and email is required")
        return
    id_type, value = ("email", row.email) if row.id is None else ("id", str(row.id))
    person = people.find(part, id_type, value or "")
    if person is not None:
        audience.rows.append((person["id"], row.data))
    elif not (body.email_ignore_missing if id_type == "email" else body.id_ignore_missing):
        audience.errors.append(f'line {line}: no person with {id_type} "{value}"')
