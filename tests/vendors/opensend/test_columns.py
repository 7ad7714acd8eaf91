"""Widths: the database counts characters, its front JavaScript's halves of some of them."""

from __future__ import annotations

import pytest

FACE = "\N{GRINNING FACE}"


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


@pytest.mark.parametrize(("count", "status"), [(255, 200), (256, 500)])
def test_a_column_takes_so_many_characters(opensend, count, status):
    opensend.post("/contacts", {"email": "ann@example.com"})
    reply = opensend.patch("/contacts/ann@example.com", {"first_name": FACE * count})
    assert reply.status == status
    assert opensend.get("/contacts/ann@example.com").json["first_name"] == (FACE * count if status == 200 else None)


@pytest.mark.parametrize(("count", "status"), [(25, 201), (26, 422)])
def test_the_name_of_a_key_is_measured_by_javascript(opensend, count, status):
    reply = opensend.post("/api-keys", {"name": FACE * count})
    assert reply.status == status
    if status == 422:
        assert reply.json == {"error": "name must be 50 characters or less"}


@pytest.mark.parametrize(("count", "status"), [(249, 201), (250, 422)])
def test_so_is_an_imported_address(opensend, count, status):
    csv = f"email\n{FACE * count}a@example.com"
    assert opensend.post("/api/suppressions/import", {"csv": csv}).status == status
