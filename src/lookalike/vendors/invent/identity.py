"""Whose data it is, and the ids of what is in it: one workspace stands for one organization."""

from __future__ import annotations

from functools import lru_cache

from lookalike.call import Call
from lookalike.ids import Ids, seeded
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.vendors.invent.problems import missing

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT_OF_BYTE = bytes(ord(_DIGITS[byte % 62]) for byte in range(256))
_FIRST_OF_BYTE = bytes(ord(_DIGITS[byte % 8]) for byte in range(256))
_LENGTH = 22

CURRENT = "c"
"""What stands in a path for the organization that the key was made in."""


def new_id(part: Part, kind: str) -> str:
    """A fresh id: `ctc_` or the like and 22 digits, a UUID's 128 bits in base 62 (I)."""
    return f"{kind}_{_base62(part.ids.hex(2 * _LENGTH))}"


def new_ids(part: Part, kind: str, count: int) -> list[str]:
    """So many fresh ids, for a tenth of what they cost one by one: there is one draw, of what draws the rest."""
    text = _digits(seeded("invent ids", part.ids.hex(64)).randbytes(count * _LENGTH))
    return [f"{kind}_{text[start : start + _LENGTH]}" for start in range(0, len(text), _LENGTH)]


def twin(id: str, kind: str) -> str:
    """The id of another kind that is read off this one: its digits but the first in reverse. The twin's twin is `id`.

    A crowd's contacts and channels are twins, so that no index has to lead from one to the other.
    """
    return f"{kind}_{id[4:5]}{id[:4:-1]}"


def _base62(text: str) -> str:
    """So many bytes in hexadecimal as so many digits, of which the first is as low as a UUID's."""
    return _digits(bytes.fromhex(text))


def _digits(drawn: bytes) -> str:
    digits = bytearray(drawn.translate(_DIGIT_OF_BYTE))
    digits[::_LENGTH] = drawn[::_LENGTH].translate(_FIRST_OF_BYTE)
    return digits.decode()


@lru_cache(maxsize=1024)
def organization_id(workspace: str) -> str:
    """The id of the organization that a workspace stands for."""
    return f"org_{_base62(Ids('invent organization', workspace).hex(2 * _LENGTH))}"


@lru_cache(maxsize=1024)
def contacts_table_id(workspace: str) -> str:
    """The id of the built-in table that contact fields belong to."""
    return f"tbl_{_base62(Ids('invent contacts table', workspace).hex(2 * _LENGTH))}"


def read_key(call: Call) -> str:
    """`Authorization: Bearer <key>`; any key without blanks in it will do (I)."""
    scheme, _, key = (call.header("Authorization") or "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or " " in key:
        raise Problem("unauthorized")
    return key


def permit(call: Call) -> None:
    """Refuse an organization that is not the key's own; that it exists somewhere is not told (I)."""
    id = call.params.get("org_id", CURRENT)
    if id not in (CURRENT, organization_id(call.workspace.name)):
        raise missing("Organization")
