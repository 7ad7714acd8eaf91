"""The ends of a period in a query."""

from __future__ import annotations

import pytest

from lookalike.vendors.opensend.dates import first_moment, last_moment


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-03-02", "2026-03-02T00:00:00.000Z", "2026-03-02T23:59:59.999Z"),
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000Z", "2026-03-02T10:00:00.000Z"),
        ("2026-03-02T10:00:00.5+01:00", "2026-03-02T09:00:00.500Z", "2026-03-02T09:00:00.500Z"),
        ("yesterday", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_moments(text, first, last):
    assert (first_moment(text), last_moment(text)) == (first, last)
