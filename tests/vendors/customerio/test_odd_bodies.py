"""Bodies that make almost sense, from the vendor's own examples: taken or refused, and never an accident."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.vendors.customerio.contract import EXAMPLES, Described

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**18, 2**63, -(2**63), 1e300, "", " ", "x" * 1001, "\0", "42", "cio_1", "a@b.co",
    "2026-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", [], [1], [[]], {}, {"a": None}, {"id": "42"},
    {"identifiers": {}}, [{"identifiers": {"id": 7}}], [{"identifiers": {"object_type_id": "1", "object_id": ["x"]}}],
)  # fmt: skip

ADDED = (
    "id", "email", "timestamp", "_timestamp", "_update", "anonymous_id", "userId", "anonymousId", "type", "action",
    "cio_relationships", "created_at", "unsubscribed", "cio_subscription_preferences", "device", "context", "traits",
    "cio_subscription_preferences.topics.x", "name", "attributes",
)  # fmt: skip

PARAMETERS = ("42", "user_1", "1", "4", "a%40b.co", "cio_675c53170001", "RPILAgUBcRhIBqSfeiIwdIYJKxTY")


def _changed(value: Any, chance: random.Random) -> Any:
    """The same with one thing of it gone, added or odd."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name, kind = chance.choice(list(value)), chance.random()
        if kind < 0.15:
            return {other: one for other, one in value.items() if other != name}
        if kind < 0.35:
            return {**value, chance.choice(ADDED): chance.choice(ODD)}
        return {**value, name: _changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]
    return chance.choice(ODD)


@pytest.mark.parametrize("seed", range(4))
def test_odd_bodies_are_no_accident(sandbox: Any, seed: int) -> None:
    client = Described("customerio", app=sandbox("customerio", fixture="demo").app)
    operations = {operation.id: operation for operation in client.sandbox.vendors["customerio"].operations}
    chance, answers = random.Random(seed), set()
    for _ in range(1000):
        example = chance.choice(EXAMPLES)
        operation, path = operations[example["operation"]], operations[example["operation"]].paths[0]
        while "{" in path:
            path = path[: path.index("{")] + chance.choice(PARAMETERS) + path[path.index("}") + 1 :]
        reply = client(
            operation.method,
            path,
            _changed(example["body"], chance),
            headers={"X-Strict-Mode": "1"} if chance.random() < 0.5 else {},
        )
        answers.add(reply.status)
    assert answers <= {200, 204, 207, 400}
    assert {200, 204, 400} <= answers
