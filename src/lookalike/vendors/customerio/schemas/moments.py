"""When a device was last used."""

from typing import Annotated, Any

from pydantic import BeforeValidator


def in_digits(value: Any) -> Any:
    """What is written in digits is a number: the vendor's Go client writes `last_used` so (S)."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12 else value


LastUsed = Annotated[int | None, BeforeValidator(in_digits)]
