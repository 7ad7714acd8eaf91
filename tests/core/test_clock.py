"""Time that can be frozen, advanced and resumed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from lookalike.clock import EARLIEST, LATEST, Clock, iso, monotonic, parse_duration, parse_instant

NOON = 1767268800.0  # 2026-01-01T12:00:00Z


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("90", 90),
            ("1.5", 1.5),
            ("0", 0),
            ("250ms", 0.25),
            ("30s", 30),
            ("5m", 300),
            ("2h", 7200),
            ("8d", 691200),
            ("1w", 604800),
            ("1h30m", 5400),
            ("1.5h", 5400),
            (" 1D 2H ", 93600),
        ],
    )
    def test_read(self, text: str, seconds: float):
        assert parse_duration(text) == seconds

    @pytest.mark.parametrize("text", ["", " ", "d", "-1d", "1y", "1d2", "1d,2h", "1,5h", "one", "1e3s", "٣d x"])
    def test_refused(self, text: str):
        with pytest.raises(ValueError, match=r"is not a duration: write for example 8d, 1h30m or 250ms$"):
            parse_duration(text)


class TestAfter:
    def test_just_now_is_a_millisecond_ago(self, monkeypatch):
        monkeypatch.setattr("time.time", lambda: NOON)
        clock = Clock()
        first = clock.iso_after("2026-01-01T12:00:00.000Z")
        assert first == "2026-01-01T12:00:00.001Z"
        assert clock.iso_after(first) == "2026-01-01T12:00:00.002Z"
        assert clock.iso_after("2026-01-01T12:00:01.000Z") == "2026-01-01T12:00:00.000Z"
        assert clock.iso_after("2026-01-01T11:59:59.999Z") == "2026-01-01T12:00:00.000Z"

    def test_a_clock_that_stands_still_says_what_it_shows(self):
        assert Clock(frozen=NOON).iso_after("2026-01-01T12:00:00.000Z") == "2026-01-01T12:00:00.000Z"


class TestInstants:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-01-01T12:00:00Z",
            "2026-01-01T12:00:00.000Z",
            "2026-01-01T12:00:00",
            "2026-01-01 12:00",
            "2026-01-01T14:00:00+02:00",
            "20260101T120000Z",
        ],
    )
    def test_read(self, text: str):
        assert parse_instant(text) == NOON

    def test_a_day_is_its_midnight(self):
        assert parse_instant("2026-01-01") == NOON - 12 * 3600

    @pytest.mark.parametrize("text", ["", "now", "2026", "2026-13-01", "2026-02-30", "12:00", "1767268800"])
    def test_refused(self, text: str):
        with pytest.raises(ValueError, match=r"is not an instant: write for example 2026-01-01T00:00:00Z$"):
            parse_instant(text)

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (NOON, "2026-01-01T12:00:00.000Z"),
            (NOON + 0.0004, "2026-01-01T12:00:00.000Z"),
            (NOON + 0.0006, "2026-01-01T12:00:00.001Z"),
            (NOON + 0.9996, "2026-01-01T12:00:01.000Z"),
            (NOON - 0.001, "2026-01-01T11:59:59.999Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (-0.5, "1969-12-31T23:59:59.500Z"),
            (LATEST, "9000-01-01T00:00:00.000Z"),
        ],
    )
    def test_written(self, seconds: float, text: str):
        assert iso(seconds) == text


class TestClock:
    @pytest.fixture(autouse=True)
    def real(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """Real time, as this test wants it."""
        moment = [NOON]
        monkeypatch.setattr(time, "time", lambda: moment[0])
        return moment

    def test_runs_with_real_time(self, real: list[float]):
        clock = Clock()
        assert (clock.now(), clock.iso()) == (NOON, "2026-01-01T12:00:00.000Z")
        real[0] += 5
        assert clock.now() == NOON + 5
        assert clock.datetime() == datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)

    def test_advanced_it_runs_on(self, real: list[float]):
        clock = Clock()
        clock.advance(60)
        clock.advance(-10)
        real[0] += 5
        assert clock.now() == NOON + 55

    def test_frozen_it_stands(self, real: list[float]):
        clock = Clock()
        clock.advance(60)
        clock.freeze()
        real[0] += 5
        assert clock.now() == NOON + 60
        clock.advance(1)
        assert clock.now() == NOON + 61
        clock.freeze(0)
        assert clock.now() == 0

    def test_resumed_it_is_real_again(self, real: list[float]):
        clock = Clock()
        clock.advance(60)
        clock.freeze()
        clock.resume()
        real[0] += 5
        assert clock.now() == NOON + 5

    def test_a_copy_runs_on_its_own(self, real: list[float]):
        clock = Clock()
        clock.advance(60)
        copy = clock.copy()
        clock.freeze(1)
        real[0] += 5
        assert (clock.now(), copy.now()) == (1, NOON + 65)
        copy.follow(clock)
        assert copy.now() == 1
        copy.advance(1)
        assert clock.now() == 1

    def test_its_state_brings_it_back(self, real: list[float]):
        clock, other = Clock(), Clock()
        clock.advance(60)
        assert clock.state() == {"now": "2026-01-01T12:01:00.000Z", "frozen": False, "shift": 60.0, "at": None}
        other.set(clock.state()["shift"], clock.state()["at"])
        real[0] += 5
        assert other.now() == NOON + 65
        clock.freeze(NOON)
        assert clock.state() == {"now": "2026-01-01T12:00:00.000Z", "frozen": True, "shift": 60.0, "at": NOON}
        other.set(clock.state()["shift"], clock.state()["at"])
        assert other.now() == NOON

    @pytest.mark.parametrize(
        "change",
        [
            lambda clock: clock.freeze(EARLIEST - 1),
            lambda clock: clock.freeze(LATEST + 1),
            lambda clock: clock.advance(LATEST),
            lambda clock: clock.advance(-LATEST),
            lambda clock: clock.advance(float("nan")),
        ],
    )
    def test_out_of_bounds_nothing_changes(self, change):
        clock = Clock()
        with pytest.raises(ValueError, match="1970"):
            change(clock)
        assert clock.now() == NOON


def test_monotonic_goes_on():
    first = monotonic()
    assert monotonic() >= first
