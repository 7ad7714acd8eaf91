"""Bodies that many answers of Customer.io share."""

from __future__ import annotations

from typing import Any

from tests.support import Like

START = "2026-01-05T09:00:00.000Z"
NOW = 1_767_603_600
"""`START` in unix seconds."""

DELIVERY = Like("[A-Za-z0-9_-]{28}")
ULID = Like("[0-7][0-9A-HJKMNP-TV-Z]{25}")
CIO_ID = Like("[0-9a-f]{12}")


class Referenced(Like):
    """A text of the App API with the reference behind it."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text} \\(reference [0-9A-Za-z]+\\)")


def app_error(status: int, detail: Any, pointer: str | None = None) -> dict[str, Any]:
    """The App API's envelope with one error; a detail that is plain text comes with a reference."""
    shown = {"detail": Referenced(detail) if pointer is None else detail, "status": str(status)}
    return {"errors": [shown | ({"source": {"pointer": pointer}} if pointer else {})]}


def exactly(status: int, detail: str) -> dict[str, Any]:
    """The same without a reference."""
    return {"errors": [{"detail": detail, "status": str(status)}]}


def told(activity: dict[str, Any]) -> dict[str, Any]:
    """An activity's data, without what it says of every message: how far that is."""
    if "delivery_id" not in activity:
        return activity["data"]
    assert activity["data"]["delivery_id"] == activity["delivery_id"]
    return {
        name: value for name, value in activity["data"].items() if name not in ("delivered", "delivery_id", "opened")
    }


def meta_error(text: Any) -> dict[str, Any]:
    """What the sends and Track's merge answer."""
    return {"meta": {"error": text}}
