"""Whose data it is, and the ids of what is in it: one workspace stands for one organization."""

from __future__ import annotations

from functools import lru_cache

from lookalike.call import Call
from lookalike.ids import Ids
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.vendors.invent.problems import missing

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT_OF_BYTE = bytes(ord(_DIGITS[byte % 62]) for byte in range(256))
_LENGTH = 22

CURRENT = "c"
"""What stands in a path for the organization that the key was made in."""


def new_id(part: Part, kind: str) -> str:
    """A fresh id: `ctc_` or the like and 22 digits, a UUID's 128 bits in base 62 (I)."""
    return f"{kind}_{_base62(part.ids.hex(2 * _LENGTH))}"


def _base62(text: str) -> str:
    """So many bytes in hexadecimal as so many digits, of which the first is as low as a UUID's."""
    drawn = bytes.fromhex(text)
    return _DIGITS[drawn[0] % 8] + drawn[1:].translate(_DIGIT_OF_BYTE).decode()


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
