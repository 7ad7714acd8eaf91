"""The journal that servers share: its order is that in which entries came to be, however close to each other."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.clock import Clock
from lookalike.stores.shared.journal import SharedJournal
from lookalike.stores.shared.link import NAMES
from tests.support import Client


class Lists:
    """As much of Redis as a journal asks for."""

    def __init__(self) -> None:
        self.rows: dict[str, list[bytes]] = {}

    def append(self, keys: tuple[str, ...], arguments: tuple[bytes, int]) -> None:
        self.rows.setdefault(keys[0], []).append(arguments[0])

    def __call__(self, command: str, key: str, *_: Any) -> list[bytes]:
        if command == "SMEMBERS":
            assert key == NAMES
            return [b"default"]
        assert command == "LRANGE"
        return self.rows.get(key, [])


@pytest.fixture
def journals() -> list[SharedJournal]:
    """Two servers' journals, whose clocks stand still at one microsecond."""
    lists = Lists()
    made = [SharedJournal(10, lists) for _ in range(2)]  # type: ignore[arg-type]  # it asks for no more
    for journal in made:
        journal._clock = Clock(frozen=5.0)
    return made


def test_two_entries_within_a_microsecond_stay_in_order_and_have_ids_of_their_own(
    journals: list[SharedJournal],
) -> None:
    first, _ = journals
    client = Client("autosend")
    client.sandbox.service._journal = first
    for number in range(3):
        client.get(f"/v1/contacts/{number}")
    assert [entry.number for entry in first] == [5_000_000, 5_000_001, 5_000_002]
    assert [entry.path for entry in first.newest_first()] == [f"/v1/contacts/{number}" for number in (2, 1, 0)]


def test_a_clock_that_goes_back_does_not_change_the_order(journals: list[SharedJournal]) -> None:
    first, _ = journals
    numbers = [first._next_number()]
    first._clock = Clock(frozen=4.0)
    numbers.append(first._next_number())
    first._clock = Clock(frozen=6.0)
    numbers.append(first._next_number())
    assert numbers == [5_000_000, 5_000_001, 6_000_000]


def test_those_of_several_servers_are_told_by_their_time(journals: list[SharedJournal]) -> None:
    client, (first, second) = Client("autosend"), journals
    for journal, moment, path in ((first, 5.0, "a"), (second, 7.0, "c"), (first, 6.0, "b")):
        journal._clock = Clock(frozen=moment)
        client.sandbox.service._journal = journal
        client.get(f"/v1/contacts/{path}")
    assert [entry.path[-1] for entry in first] == ["a", "b", "c"]
    assert [entry.path[-1] for entry in second.newest_first("def*")] == ["c", "b", "a"]
