"""Rules over a person's fields, events and groups, as JSON data: what segments and rule-based groups are made of.

    {"all": [tree, ...]}     every one holds; of none, too
    {"any": [tree, ...]}     at least one holds
    {"not": tree}            it does not hold
    {"field": "plan", "type": "string", "op": "equals", "value": "pro"}
    {"event": "purchase", "op": "at_least", "times": 3, "within": "30d"}      or at_most; ever, without `within`
    {"group": "5f0c"}        the person is in that group or on that list

`type` may be left out where the value tells it. Of the types string, number, boolean and date, values are read
generously: text is compared without regard to case, "7" is a number, a date is an ISO 8601 instant or a day
(`2026-03-01`: the whole day, UTC), `between` takes `[low, high]` and includes both ends. A field that is missing, or
that cannot be read as the type, is empty.

The type json takes values as they are: `equals`, `in` and a list's `contains` want the same JSON type and, of texts,
the same case (1 and 1.0 are one number); a text's `contains` does without case. `greater_than` and its like compare
numbers with numbers and ISO 8601 dates with dates, as instants, and nothing else. Only what is not there is empty.

Of an empty field only `is_empty` and what begins with `not_` hold; `"missing": true` or `false` says otherwise.

Dates relative to the clock (types date and json; there a number is a Unix second too) take a span of time, as seconds,
`"7d"` or `{"amount": 7, "unit": "days"}`:

    within_last        now - span <= value <= now
    within_next        now <= value <= now + span
    more_than_ago      value < now - span
    more_than_ahead    value > now + span

Get tells a value by its key: a field's name, `("event", name)` for the instants of what happened (epoch seconds), or
`("group", id)` for whether the person is in it.
"""

from __future__ import annotations

from lookalike.conditions.checking import DEEPEST, ConditionError, check
from lookalike.conditions.judging import Rule, explain, judge, matches
from lookalike.conditions.leaves import OPERATORS, Token, token, type_of
from lookalike.conditions.trees import NEVER, Get, Key, Tree, event_key, fields, group_key, keys
from lookalike.conditions.values import differing, same

__all__ = [
    "DEEPEST",
    "NEVER",
    "OPERATORS",
    "ConditionError",
    "Get",
    "Key",
    "Rule",
    "Token",
    "Tree",
    "check",
    "differing",
    "event_key",
    "explain",
    "fields",
    "group_key",
    "judge",
    "keys",
    "matches",
    "same",
    "token",
    "type_of",
]
