"""A crowd: any number of people who are much alike, made as fast as they can be taken in.

They have what the fixture `large` gives its people, from Faker's own word lists, without the recipes that say it
there. The person of a number is the same for a seed, whoever asks and however many at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from lookalike.audience import Audience, Group, Person, Property, Topic
from lookalike.ids import Chance, Share, seeded
from lookalike.seeding import words
from lookalike.seeding.recipes import slugged

DAY = 86400.0
OLDEST_DAYS = 900
"""How long ago, at the most, somebody joined."""

BLOCK = 1000
"""People who are drawn together: the unit in which a crowd is repeatable, and in which it is taken in."""

# As often as something comes up here, so likely it is.
_PLANS = ("free",) * 6 + ("pro",) * 3 + ("team",)
_SEATS = tuple(range(1, 61))
_GROUPS: Sequence[tuple[str, ...]] = (
    *((),) * 3,
    *(("Customers",),) * 3,
    ("Newsletter readers",),
    ("Customers", "Newsletter readers"),
)
_CONSENTS: Sequence[dict[str, bool]] = ({},) * 45 + ({"Weekly digest": True},) * 4 + ({"Weekly digest": False},)
_UNSUBSCRIBED = (True,) + (False,) * 19
_CITIES = 400

PROPERTIES = (
    Property("plan", "string", "Plan", "free"),
    Property("city", "string", "City", None),
    Property("seats", "number", "Seats", None),
)
GROUPS = (
    Group("Customers", "Everyone with a contract", None),
    Group("Newsletter readers", "Subscribed on the website", None),
)
TOPICS = (
    Topic("Product updates", "New features and changes", opt_in=True, public=True),
    Topic("Weekly digest", "A summary every Monday", opt_in=False, public=True),
)


def crowd(first: int, count: int, seed: int, now: float) -> Iterator[Audience]:
    """So many people from the one numbered `first` on (1 is the first of all), a block at a time.

    Every block names the groups, topics and properties that its people use.
    """
    start, stop = first - 1, first - 1 + count
    for block in range(start // BLOCK, (stop + BLOCK - 1) // BLOCK):
        share = _share(block)
        people = _block(block, share, seed, now)
        low, high = max(start - block * BLOCK, 0), min(stop - block * BLOCK, BLOCK)
        yield Audience(now, people[low:high], PROPERTIES, GROUPS, TOPICS, share=share)


def _share(block: int) -> Share:
    """Where a block is among all that there is: in the whole of it, in one of two halves, in one of four quarters...

    The first block spreads over everything, the next two over a half each, then four over a quarter, halves and
    quarters being taken from all over: so crowds of any size are spread evenly, and a block of a large one lands in
    few places of an order.
    """
    bits = (block + 1).bit_length() - 1
    return Share(int(f"{block + 1:b}"[:0:-1] or "0", 2), bits)


def _block(block: int, share: Share, seed: int, now: float) -> list[Person]:
    chance = seeded(seed, "crowd", block)
    cities = _cities()
    drawn = zip(
        range(block * BLOCK + 1, (block + 1) * BLOCK + 1),
        chance.choices(_names("first_name"), k=BLOCK),
        chance.choices(_names("last_name"), k=BLOCK),
        chance.choices(_PLANS, k=BLOCK),
        chance.choices(_SEATS, k=BLOCK),
        chance.choices(_GROUPS, k=BLOCK),
        chance.choices(_CONSENTS, k=BLOCK),
        chance.choices(_UNSUBSCRIBED, k=BLOCK),
        _joined(share, chance, now),
        strict=True,
    )
    return [
        Person(
            number,
            f"{first_slug}.{last_slug}.{number}@example.com",
            first,
            last,
            None,
            f"user_{number}",
            {"plan": plan, "city": cities[number % _CITIES], "seats": seats},
            groups,
            consents,
            unsubscribed,
            joined,
        )
        for number, (first, first_slug), (last, last_slug), plan, seats, groups, consents, unsubscribed, joined in drawn
    ]


def _joined(share: Share, chance: Chance, now: float) -> list[float]:
    """When the people of a block joined, in order."""
    span = (OLDEST_DAYS - 1) * DAY / (1 << share.bits)
    begin = now - OLDEST_DAYS * DAY + share.number * span
    random = chance.random
    return sorted([int((begin + random() * span) * 1000) / 1000 for _ in range(BLOCK)])


@cache
def _names(provider: str) -> list[tuple[str, str]]:
    """Faker's words, each with what an address makes of it."""
    return [(word, slugged(word)) for word in words.listed(provider)]


@cache
def _cities() -> list[str]:
    draw = words.draw("city", seeded("crowd", "city"))
    assert draw is not None
    return [draw() for _ in range(_CITIES)]
