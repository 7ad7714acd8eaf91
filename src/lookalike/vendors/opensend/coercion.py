"""JavaScript's and PostgreSQL's ways with values, where OpenSend lets them shine through."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isinf, isnan
from typing import Any

from lookalike.problem import Problem

_HEX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_DECIMAL = re.compile(r"[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)

_CONTACT_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_DATABASE_UUID = re.compile(r"[0-9a-f]{4}(-?[0-9a-f]{4}){7}", re.IGNORECASE)

_EXPONENT_FROM, _EXPONENT_BELOW = 1e21, 1e-6
"""Where JavaScript begins to write numbers with an exponent."""

_EXACT_TO, _INTEGERS_BELOW = 2**53, 2**63
"""Up to where a double holds every whole number, and from where JSON is written with floats alone."""

_PADDED_EXPONENT = re.compile("e([+-])0")

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def number(text: str) -> float:
    """`Number(text)`: NaN for what is none, 0 for blanks."""
    text = text.strip()
    if not text:
        return 0.0
    if _HEX.fullmatch(text):
        return float(int(text, 0))
    return float(text) if _DECIMAL.fullmatch(text) else float("nan")


def string(value: Any) -> str:
    """`String(value)` of a JSON value."""
    if isinstance(value, str):
        return value
    if type(value) is int and abs(value) <= _EXACT_TO:
        return str(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list):
        return ",".join("" if item is None else string(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return _number_text(value)


def plain_number(value: float) -> float:
    """A JSON number as JavaScript has it, a double; whole ones have no fraction (as far as an answer can hold them)."""
    if isinstance(value, int) and abs(value) <= _EXACT_TO:
        return value
    return _whole(value) if float(value).is_integer() and abs(value) < _INTEGERS_BELOW else float(value)


def _whole(value: float) -> int:
    """A whole number with the digits that JavaScript shows: as few as tell the double apart, then zeros."""
    return int(Decimal(repr(float(value))))


def _number_text(value: float) -> str:
    if isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < _EXPONENT_FROM:
        return str(_whole(value))
    if _EXPONENT_BELOW <= abs(value) < 1:
        return f"{Decimal(repr(value)):f}"
    return _PADDED_EXPONENT.sub(r"e\1", repr(value))


def is_blank(value: Any) -> bool:
    """Whether OpenSend calls a member missing: null, or a text of blanks. What is no text is never missing."""
    return value is None or (isinstance(value, str) and not value.strip())


def required(value: Any, text: str) -> str:
    """A text without the blanks around it.

    Raises Problem("malformed", text) for a missing one and Problem("internal") for what is no text.
    """
    if is_blank(value):
        raise Problem("malformed", text)
    return trimmed(value)


def trimmed(value: Any, most: int | None = None) -> str:
    """A text without the blanks around it.

    Raises Problem("internal") for what is no text or does not fit a column of `most` characters.
    """
    if not isinstance(value, str) or "\0" in value or (most is not None and len(value.strip()) > most):
        raise Problem("internal")
    return value.strip()


def limit(text: str | None, default: int, maximum: int) -> int:
    """A page's size: NaN, nothing and 0 give the default, the rest is kept between 1 and the maximum.

    Raises Problem("internal") for a fraction, which the real server hands to its database.
    """
    wanted = number(text) if text else 0.0
    if isnan(wanted) or wanted == 0:
        return default
    wanted = min(max(wanted, 1), maximum)
    if wanted != int(wanted):
        raise Problem("internal")
    return int(wanted)


def is_contact_id(text: str) -> bool:
    """Whether a path segment is looked up among ids too; every other one is an e-mail."""
    return _CONTACT_UUID.fullmatch(text) is not None


def database_id(text: str) -> str:
    """An id as the database's UUID type reads it. Raises Problem("internal"): the real server has no check before."""
    bare = text[1:-1] if text[:1] == "{" and text[-1:] == "}" else text
    if not _DATABASE_UUID.fullmatch(bare):
        raise Problem("internal")
    digits = bare.replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def database_boolean(value: Any) -> bool:
    """A value as the database's boolean type reads it. Raises Problem("internal")."""
    if isinstance(value, bool):
        return value
    text = string(value).strip().lower()
    if text and value is not None:
        if text != "o" and any(word.startswith(text) for word in _TRUE):
            return True
        if text != "o" and any(word.startswith(text) for word in _FALSE):
            return False
    raise Problem("internal")


def pattern(search: str) -> re.Pattern[str]:
    """`ILIKE '%search%'`: a substring in any case, `%` and `_` in it as wildcards unless a backslash stands before.

    Raises Problem("internal") for NUL, which the database refuses.
    """
    if "\0" in search:
        raise Problem("internal")
    *pieces, last = _between_wildcards(f"%{search}%")
    pieces = [piece for piece in pieces if piece]
    if len(pieces) == 1 and not last:
        return re.compile(pieces[0], re.IGNORECASE | re.DOTALL)
    # After a % the first place that fits will do: nothing is tried twice, however many of them there are.
    text = "".join(f"(?>.*?{piece})" for piece in pieces) + (rf".*{last}\Z" if last else "")
    return re.compile(rf"\A{text}", re.IGNORECASE | re.DOTALL)


def _between_wildcards(pattern: str) -> list[str]:
    """What stands between the `%` of an ILIKE pattern, as regular expressions."""
    pieces = [""]
    letters = iter(pattern)
    for letter in letters:
        if letter == "%":
            pieces.append("")
        elif letter == "_":
            pieces[-1] += "."
        else:
            pieces[-1] += re.escape(next(letters) if letter == "\\" else letter)
    return pieces
