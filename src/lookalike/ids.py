"""Chance. Ids, secrets and draws are a function of seed, workspace and a counter, so a seed repeats a whole run."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
Chance = random.Random

UPPER_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Share:
    """One of 2 ** `bits` equal shares of a range, by its number from 0 on."""

    number: int
    bits: int


ALL = Share(0, 0)


def fresh_token() -> str:
    """A secret that no seed repeats: for the control token, which guards this machine."""
    return secrets.token_urlsafe(24)


def seeded(*parts: object) -> random.Random:
    """A generator of its own for these parts: the same parts give the same sequence."""
    return random.Random("/".join(map(str, parts)))


class Ids:
    """The source of every id and secret of one workspace.

    It is a counter behind a keyed hash: nothing but `count` has to be kept to go on after a restart
    without repeating an id.
    """

    __slots__ = ("_key", "count")

    def __init__(self, *parts: object, count: int = 0) -> None:
        self._key = blake2b("/".join(map(str, parts)).encode(), digest_size=32).digest()
        self.count = count

    def _draw(self, size: int) -> bytes:
        self.count += 1
        return blake2b(b"%d" % self.count, key=self._key, digest_size=size).digest()

    def uuid4(self) -> str:
        """A lower-case version 4 UUID."""
        return _uuid4(self._draw(16).hex())

    def uuids(self, count: int, share: Share = ALL) -> list[str]:
        """So many UUIDs, for less than one by one: a draw makes four. They are neighbours: of one share of all."""
        draws = b"".join([self._draw(64) for _ in range((count + 3) // 4)])
        return _uuids4(draws[: 16 * count], share)

    def hex(self, digits: int) -> str:
        """So many lower-case hexadecimal digits (128 at most)."""
        return self._draw((digits + 1) // 2).hex()[:digits]

    def text(self, length: int, alphabet: str = UPPER_ALPHANUMERIC) -> str:
        """So many characters of `alphabet` (64 at most)."""
        return "".join(alphabet[byte % len(alphabet)] for byte in self._draw(length))

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int.from_bytes(self._draw(8), "big") % (high - low + 1)

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return options[self.number(0, len(options) - 1)]


_VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def _uuid4(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANTS[text[16]]}{text[17:20]}-{text[20:]}"


_HEX = b"0123456789abcdef"
_UUID4 = b"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"
_PLACES = [place for place, sign in enumerate(_UUID4) if sign != ord("-")]
_VARIANT = bytes.maketrans(_HEX, b"89ab" * 4)


def _uuids4(drawn: bytes, share: Share) -> list[str]:
    """The UUIDs of 16 bytes each: the first digit of all of them is filled in, then the second, and so on."""
    digits, each = drawn.hex().encode(), len(_UUID4)
    laid = bytearray(_UUID4 * (len(drawn) // 16))
    for number, place in enumerate(_PLACES):
        if number * 4 < share.bits:
            laid[place::each] = digits[number::32].translate(_narrowed(number, share))
        elif _UUID4[place] == ord("x"):
            laid[place::each] = digits[number::32]
        elif _UUID4[place] == ord("y"):
            laid[place::each] = digits[number::32].translate(_VARIANT)
    text = laid.decode()
    return [text[start : start + each] for start in range(0, len(text), each)]


def _narrowed(place: int, share: Share) -> bytes:
    """What becomes of a digit that the share says something of: its upper bits are told, the others stay drawn."""
    told = min(share.bits - 4 * place, 4)
    upper = (share.number >> share.bits - 4 * place - told) % (1 << told) << 4 - told
    return bytes.maketrans(_HEX, bytes(_HEX[upper | digit >> told] for digit in range(16)))
