"""The App API's filter language.

    {"and": [F, ...]}    {"or": [F, ...]}    {"not": F}
    {"segment": {"id": 4}}
    {"attribute": {"field": "plan", "operator": "eq", "value": "basic"}}
    {"attribute": {"field": "plan", "operator": "exists"}}
    {"object_attribute": {"field": "plan", "operator": "eq", "value": "basic", "type_id": "1"}}

Every condition is a set that the store keeps, and a filter combines them: a search reads nobody but whom it finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from lookalike.stores.collection import Value
from lookalike.vendors.customerio.attributes import text

Place = tuple[str, Value]
"""A set: its name, and which of that name."""
Filter = Callable[[Callable[[Place], int]], int]
"""Combines sets, each given as the bits of a whole number, to the set of all that are asked for."""
Reader = Callable[[Any], Place]
"""Makes a condition of what stands beside its key. Raises FilterError."""

EVERYTHING: Place = ("everything", "")


class FilterError(ValueError):
    """A filter that makes no sense; the message is one sentence."""


def parse(filter: Any, readers: Mapping[str, Reader]) -> Filter:
    """A filter as a function; `readers` are the conditions it may hold, by key. Raises FilterError.

    That a node has exactly one key is documented; that an empty `and` or `or` is refused is inferred from what the
    vendor says of the recipients of a broadcast.
    """
    if not isinstance(filter, dict) or len(filter) != 1:
        raise FilterError(f"a filter must be an object with exactly one of {', '.join(('and', 'or', 'not', *readers))}")
    ((key, value),) = filter.items()
    if key in ("and", "or"):
        return _group(and_ if key == "and" else or_, _members(key, value, readers))
    if key == "not":
        return _opposite(parse(value, readers))
    if key not in readers:
        raise FilterError(f"{key} is not a known filter")
    return _single(readers[key](value))


def _members(key: str, members: Any, readers: Mapping[str, Reader]) -> list[Filter]:
    if not isinstance(members, list) or not members:
        raise FilterError(f"{key} must be a list of at least one filter")
    return [parse(member, readers) for member in members]


def _group(combine: Callable[[int, int], int], members: Sequence[Filter]) -> Filter:
    return lambda of: reduce(combine, (member(of) for member in members))


def _opposite(member: Filter) -> Filter:
    return lambda of: ~member(of)


def _single(place: Place) -> Filter:
    return lambda of: -1 if place == EVERYTHING else of(place)


def compare(name: str, value: Any) -> tuple[str, str | None]:
    """`{"field", "operator": "eq" or "exists", "value"}`, under the key `name`: a field, and its value or None.

    What is compared is text, an email without regard to case; nothing has an empty value (I).
    """
    if not isinstance(value, dict):
        raise FilterError(f"{name} must be an object")
    field, operator = value.get("field"), value.get("operator")
    if not isinstance(field, str) or not field:
        raise FilterError(f"{name}.field is required")
    if operator == "exists":
        return field, None
    if operator != "eq":
        raise FilterError(f"{name}.operator must be one of eq, exists")
    wanted = value.get("value")
    if wanted is None or isinstance(wanted, list | dict):
        raise FilterError(f"{name}.value is required")
    return field, comparable(field, wanted) or ""


def comparable(field: str, value: Any) -> str | None:
    """A value as it is compared; None where there is none."""
    if value is None or value == "":
        return None
    shown = text(value)
    return shown.lower() if field == "email" else shown


def shelf(field: str, value: str | None) -> Value:
    """The set of those who have a field (its name), or that value of it (a number: most values are of few).

    A number of 60 bits takes two thirds of the room of one of 64.
    """
    return field if value is None else hash((field, value)) >> 4


def shelves(attributes: Mapping[str, Any], unique: Collection[str] = ()) -> list[Value]:
    """Every such set that something with these attributes is in, but those of the values of `unique` fields."""
    found: list[Value] = []
    for field, value in attributes.items():
        compared: str | None
        if type(value) is str and field != "email":
            compared = value
        else:
            compared = str(value) if type(value) is int else comparable(field, value)
        if compared:
            found.append(field)
            if field not in unique:
                found.append(hash((field, compared)) >> 4)
    return found


def spread(
    found: Sequence[Mapping[str, Any]], numbers: range, unique: Collection[str] = ()
) -> dict[Value, Sequence[int]]:
    """The same of many, field by field: by set, the numbers of those in it. Those alike are told apart but once."""
    sets: dict[Value, Sequence[int]] = {}
    for field in set[str]().union(*found):
        values = [attributes.get(field) for attributes in found]
        held: Sequence[int] = numbers
        if not all(values):  # which is quickly asked, and holds of most
            having = [place for place, value in enumerate(values) if value is not None and value != ""]
            held, values = [numbers[place] for place in having], [values[place] for place in having]
        if held:
            sets[field] = held
            if field not in unique:
                for value, few in _by_value(field, values, held).items():
                    sets[hash((field, value)) >> 4] = few  # the `shelf`, of which there are three for each person
    return sets


def _by_value(field: str, values: Sequence[Any], numbers: Sequence[int]) -> dict[str, list[int]]:
    """The numbers of those who have a field, by what is compared of it."""
    kinds = set(map(type, values))
    if kinds != {int} and (kinds != {str} or field == "email"):
        values = [comparable(field, value) for value in values]
    grouped: defaultdict[Any, list[int]] = defaultdict(list)
    for number, value in zip(numbers, values, strict=True):
        grouped[value].append(number)
    return {str(value): held for value, held in grouped.items()} if kinds == {int} else grouped
