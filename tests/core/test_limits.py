"""Windows that begin with the first call of their bucket."""

from __future__ import annotations

import pytest

from lookalike.limits import WINDOWS, Limit, Windows
from lookalike.stores.memory_collection import MemoryCollection
from tests.support import Client

LIMIT = Limit("key", 3, 10.0)


def _windows() -> Windows:
    return Windows(MemoryCollection(WINDOWS, "default"))


def standing(windows: Windows, now: float, limit: Limit = LIMIT) -> tuple[int, int, bool, float, int]:
    one = windows.count(limit, now)
    return one.used, one.remaining, one.exceeded, one.reset, one.retry_after


def test_counting_down_to_the_limit_and_beyond():
    windows = _windows()
    assert [standing(windows, 100.0 + n) for n in range(5)] == [
        (1, 2, False, 110.0, 10),
        (2, 1, False, 110.0, 9),
        (3, 0, False, 110.0, 8),
        (4, 0, True, 110.0, 7),
        (5, 0, True, 110.0, 6),
    ]


def test_a_window_ends_and_the_next_begins_with_a_call():
    windows = _windows()
    for _ in range(5):
        windows.count(LIMIT, 100.0)
    assert standing(windows, 109.999) == (6, 0, True, 110.0, 1)
    assert standing(windows, 110.0) == (1, 2, False, 120.0, 10)
    assert standing(windows, 135.0) == (1, 2, False, 145.0, 10)


def test_buckets_are_apart():
    windows = _windows()
    for _ in range(4):
        windows.count(LIMIT, 0.0)
    assert standing(windows, 0.0, Limit("other", 1, 60.0)) == (1, 0, False, 60.0, 60)
    assert standing(windows, 0.0) == (5, 0, True, 10.0, 10)


def test_a_clock_that_was_set_back_does_not_lock_out():
    windows = _windows()
    for _ in range(5):
        windows.count(LIMIT, 1000.0)
    assert standing(windows, 0.0) == (1, 2, False, 10.0, 10)


def test_a_server_whose_clock_is_a_little_late_counts_on():
    windows = _windows()
    windows.count(LIMIT, 1000.0)
    assert standing(windows, 999.0) == (2, 1, False, 1010.0, 11)


@pytest.mark.parametrize("window", [1.0, 86400.0])
def test_windows_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, window: float):
    monkeypatch.setattr(Windows, "MOST", 10)
    windows = _windows()
    for n in range(100):
        windows.count(Limit(f"b{n}", 1, window), float(n))
        assert windows._windows.count() <= 10
    assert windows.count(Limit("b99", 1, window), 99.5).exceeded


def test_the_bucket_that_began_first_is_forgotten_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Windows, "MOST", 2)
    windows = _windows()
    used = [windows.count(Limit(name, 1, 10.0), at).used for at, name in enumerate("aba", start=0)]
    assert used == [1, 1, 2]
    assert windows.count(Limit("a", 1, 10.0), 10.0).used == 1, "a began anew and is the youngest now"
    windows.count(Limit("c", 1, 10.0), 10.0)
    assert windows.count(Limit("a", 1, 10.0), 10.5).used == 2
    assert windows.count(Limit("b", 1, 10.0), 10.5).used == 1


@pytest.fixture
def limited() -> Client:
    """A sandbox that enforces its vendor's limits (two a second), its time at a stand."""
    client = Client("autosend", settings={"rate_limits": "vendor"})
    client.clock(freeze="2026-01-01T00:00:00Z")
    return client


def _statuses(client: Client, count: int) -> list[int]:
    return [client.get("/v1/events").status for _ in range(count)]


def test_what_the_gate_answers_is_not_counted(limited):
    assert [limited("OPTIONS", "/v1/events").status for _ in range(3)] == [204] * 3
    assert _statuses(limited, 3) == [200, 200, 429]


def test_refused_callers_are_counted_too_and_told_of_the_limit_first(limited):
    refused = limited.as_key("AS_invalid")
    assert _statuses(refused, 3) == [401, 401, 429]
    assert _statuses(limited, 1) == [200]


def test_workspaces_count_apart_on_clocks_of_their_own(limited):
    other = limited.as_key("AS_lookalike~ci7")
    limited.clock(freeze="2026-01-01T00:00:00Z", workspace="ci7")
    assert _statuses(limited, 3) == _statuses(other, 3) == [200, 200, 429]
    limited.clock(advance="1s", workspace="ci7")
    assert (_statuses(limited, 1), _statuses(other, 1)) == ([429], [200])


def test_a_reset_and_a_dropped_workspace_count_from_the_start(limited):
    assert _statuses(limited, 3) == [200, 200, 429]
    assert limited.control("POST", "/reset", {"workspace": "default"}).status == 200
    assert _statuses(limited, 3) == [200, 200, 429]
    assert limited.control("DELETE", "/workspaces/default").status == 200
    assert _statuses(limited, 3) == [200, 200, 429]
