"""Ids follow from seed, place and count, and from nothing else."""

from __future__ import annotations

import re
from uuid import RFC_4122, UUID

import pytest

from lookalike.ids import BASE64URL, UPPER_ALPHANUMERIC, Ids, Share, fresh_token, seeded

DRAWS = {
    "uuid4": lambda ids: ids.uuid4(),
    "uuids": lambda ids: tuple(ids.uuids(3)),
    "hex": lambda ids: ids.hex(24),
    "text": lambda ids: ids.text(20),
    "number": lambda ids: ids.number(0, 10**12),
    "choice": lambda ids: ids.choice(range(10**12)),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_the_same_parts_give_the_same_ids(kind: str):
    draw = DRAWS[kind]
    first, second = Ids(1, "w", "v"), Ids(1, "w", "v")
    assert [draw(first) for _ in range(20)] == [draw(second) for _ in range(20)]


@pytest.mark.parametrize("kind", DRAWS)
@pytest.mark.parametrize("parts", [(2, "w", "v"), (1, "x", "v"), (1, "w", "u")])
def test_other_parts_give_other_ids(kind: str, parts: tuple[object, ...]):
    draw = DRAWS[kind]
    first, second = Ids(1, "w", "v"), Ids(*parts)
    assert not {draw(first) for _ in range(20)} & {draw(second) for _ in range(20)}


@pytest.mark.parametrize("kind", DRAWS)
def test_a_count_takes_up_where_it_stopped(kind: str):
    draw = DRAWS[kind]
    whole = Ids(1)
    expected = [draw(whole) for _ in range(10)]
    first = Ids(1)
    begun = [draw(first) for _ in range(4)]
    second = Ids(1, count=first.count)
    assert begun + [draw(second) for _ in range(6)] == expected
    assert second.count == 10


def test_no_id_repeats():
    ids = Ids(0)
    assert len({ids.uuid4() for _ in range(5000)} | {ids.hex(24) for _ in range(5000)}) == 10_000
    many = [*ids.uuids(4999), *ids.uuids(1), *ids.uuids(0), *(ids.uuid4() for _ in range(5000))]
    assert len(set(many)) == 10_000


def test_shapes():
    ids = Ids(0)
    for _ in range(100):
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", ids.uuid4())
        for one in ids.uuids(5):
            assert UUID(one).version == 4
            assert UUID(one).variant == RFC_4122
        assert re.fullmatch(r"[0-9a-f]{24}", ids.hex(24))
        assert re.fullmatch(r"[0-9A-Z]{16}", ids.text(16))
        assert re.fullmatch(r"[\w-]{43}", ids.text(43, BASE64URL))
    assert len(ids.hex(7)) == 7
    assert len(ids.hex(128)) == 128
    assert len(ids.text(64)) == 64


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9, 500])
def test_uuids_at_once_are_spelled_as_the_standard_says(count: int):
    drawn = Ids(0)
    draws = b"".join(drawn._draw(64) for _ in range((count + 3) // 4))
    expected = [str(UUID(bytes=draws[16 * one : 16 * one + 16], version=4)) for one in range(count)]
    ids = Ids(0)
    assert ids.uuids(count) == expected
    assert ids.count == drawn.count


def test_numbers_reach_both_ends():
    ids = Ids(0)
    assert {ids.number(-1, 1) for _ in range(100)} == {-1, 0, 1}
    assert ids.number(5, 5) == 5
    assert {ids.choice("abc") for _ in range(100)} == set("abc")


def test_every_character_of_an_alphabet_comes_up():
    ids = Ids(0)
    for alphabet in (UPPER_ALPHANUMERIC, BASE64URL):
        assert {character for _ in range(100) for character in ids.text(64, alphabet)} == set(alphabet)


def test_seeded_draws():
    assert [seeded(1, "a").random() for _ in range(2)] == [seeded(1, "a").random()] * 2
    assert seeded(1, "a").random() != seeded(1, "b").random()
    assert seeded(1, "a").random() != seeded(2, "a").random()


def test_a_fresh_token_is_like_no_other():
    tokens = {fresh_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)


@pytest.mark.parametrize("bits", [1, 3, 4, 5, 11, 16])
def test_uuids_of_a_share_are_neighbours_and_all_shares_are_everything(bits: int):
    ids = Ids("neighbours")
    for number in {0, 1, (1 << bits) // 3, (1 << bits) - 1}:
        found = [UUID(text) for text in ids.uuids(300, Share(number, bits))]
        assert {one.int >> 128 - bits for one in found} == {number}
        assert len({one.int >> 112 - bits & 0xFFFF for one in found}) > 290, "below that they are as random as ever"
        assert {(one.version, one.variant) for one in found} == {(4, RFC_4122)}
