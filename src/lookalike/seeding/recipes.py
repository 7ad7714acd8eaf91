"""The recipe language of fixtures: a JSON value that says how to make many values.

A text is a template (`{first_name}.{last_name}@example.com`; `{{` for a brace), a number, true, false or null is
itself, a list is a list of recipes, and an object is one recipe, told by its key:

    {faker: first_name}                     a word of one of Faker's providers (`with: {...}` for its arguments)
    {choice: {free: 6, pro: 3}}             one of these texts, by weight; of a list of recipes, all alike
    {number: [1, 100]}                      a number from 1 to 100, both included; with `decimals: 2` not a whole one
    {date: [-90d, now]}, {day: [...]}       an instant, or a day, between two moments
    {chance: 0.4, then: ..., else: ...}     true or false; or one recipe or another (null)
    {pattern: "+1202555####"}               a text with a digit for each `#`
    {object: {city: {faker: city}}}         an object of recipes
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from string import Formatter
from typing import Annotated, Any

from pydantic import Field

from lookalike.clock import EARLIEST, LATEST, iso, parse_duration, parse_instant
from lookalike.ids import Chance, seeded
from lookalike.seeding import words
from lookalike.seeding.checks import FixtureModel, Place, Unfit, check, typed

Scope = Mapping[str, Any]
Maker = Callable[[Scope], Any]
"""Makes one value; it sees the values that were made before it for the same person."""


class _Faker(FixtureModel):
    faker: str
    arguments: dict[str, Any] = Field({}, alias="with")


class _Choice(FixtureModel):
    choice: Any


class _Number(FixtureModel):
    number: Annotated[list[int | float], Field(min_length=2, max_length=2)]
    decimals: int = Field(0, ge=0, le=9)


class _Date(FixtureModel):
    date: Annotated[list[str], Field(min_length=2, max_length=2)]


class _Day(FixtureModel):
    day: Annotated[list[str], Field(min_length=2, max_length=2)]


class _Chance(FixtureModel):
    chance: float = Field(ge=0, le=1)
    then: Any = True
    otherwise: Any = Field(False, alias="else")


class _Pattern(FixtureModel):
    pattern: str


class _Object(FixtureModel):
    object: dict[str, Any]


_MODELS: Mapping[str, type[FixtureModel]] = {
    "faker": _Faker,
    "choice": _Choice,
    "number": _Number,
    "date": _Date,
    "day": _Day,
    "chance": _Chance,
    "pattern": _Pattern,
    "object": _Object,
}


class Recipes:
    """Turns recipes into makers. Each place in a file has a chance of its own, so adding a field moves no other.

    `now` (epoch seconds) is the fixture's moment.
    """

    def __init__(self, seed: int, now: float) -> None:
        self.seed = seed
        self.now = now

    def maker(self, recipe: Any, place: Place, names: Sequence[str] = (), slug: bool = False) -> Maker:
        """What makes values by `recipe`. Templates may use `names`; with `slug` their values are made fit for an
        address (`O'Neil` -> `oneil`). Raises Unfit."""
        if isinstance(recipe, str):
            return _template(recipe, place, names, slug)
        if isinstance(recipe, list):
            makers = [self.maker(part, (*place, n), names, slug) for n, part in enumerate(recipe)]
            return lambda scope: [make(scope) for make in makers]
        if not isinstance(recipe, dict):
            return lambda _scope: recipe
        kinds = [key for key in recipe if key in _MODELS]
        if len(kinds) != 1:
            raise Unfit(place, f"this should be a recipe with one of the keys {', '.join(_MODELS)}")
        kind = kinds[0]
        model: Any = check(_MODELS[kind], recipe, place)
        make: Maker = getattr(self, f"_{kind}")(model, (*place, kind), names, slug)
        return make

    def moment(self, text: str, place: Place) -> float:
        """Epoch seconds of `now`, `-90d`, `+1h30m` or an ISO 8601 instant. Raises Unfit."""
        if text == "now":
            return self.now
        try:
            if text[:1] in ("-", "+"):
                at = self.now + parse_duration(text[1:]) * (-1 if text[0] == "-" else 1)
            else:
                at = parse_instant(text)
        except (ValueError, OverflowError):
            raise Unfit(place, f"{text!r} is not a moment; write now, -90d, +2h or 2026-01-15T09:00:00Z") from None
        if not EARLIEST <= at <= LATEST:
            raise Unfit(place, f"{text!r} is out of range: from 1970 to 9000")
        return at

    def members(self, recipes: Mapping[str, Any], place: Place, names: Sequence[str]) -> dict[str, Maker]:
        """Makers of an object's members, where each may use the ones before it. Raises Unfit."""
        makers: dict[str, Maker] = {}
        for name, recipe in recipes.items():
            makers[name] = self.maker(recipe, (*place, name), (*names, *makers))
        return makers

    def moments(self, recipe: Any, place: Place) -> Maker:
        """What makes epoch seconds, none of them later than the fixture's now. Raises Unfit."""
        if isinstance(recipe, dict) and "date" in recipe:
            make = self._between(check(_Date, recipe, place).date, (*place, "date"))
        else:
            texts = self.maker(recipe, place)

            def make(scope: Scope) -> float:
                return self.moment(typed(texts(scope), "string", place), place)

        def moment(scope: Scope) -> float:
            at: float = make(scope)
            if at > self.now:
                raise Unfit(place, f"{iso(at)} is later than the fixture's now")
            return at

        return moment

    def _faker(self, model: _Faker, place: Place, *_: Any) -> Maker:
        draw = None if model.arguments else words.draw(model.faker, seeded(self.seed, *place))
        if draw is None:
            draw = words.faker_draw(model.faker, model.arguments, seeded(self.seed, *place).getrandbits(64))
        if draw is None:
            raise Unfit(place, f"Faker has no provider {model.faker!r}")
        return lambda _scope: _plain(draw, place)

    def _choice(self, model: _Choice, place: Place, names: Sequence[str], slug: bool) -> Maker:
        options, chance = model.choice, seeded(self.seed, *place)
        if isinstance(options, list) and options:
            makers = [self.maker(option, (*place, n), names, slug) for n, option in enumerate(options)]
            return _one_of(makers, [1] * len(makers), chance)
        if not isinstance(options, dict) or not options:
            raise Unfit(place, "this should be a list of values, or an object of texts and their weights")
        for name, weight in options.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or weight <= 0:
                raise Unfit((*place, name), "a weight should be a number above 0")
        makers = [self.maker(option, (*place, option), names, slug) for option in options]
        return _one_of(makers, list(options.values()), chance)

    def _number(self, model: _Number, place: Place, *_: Any) -> Maker:
        low, high = model.number
        chance, decimals = seeded(self.seed, *place), model.decimals
        if low > high:
            raise Unfit(place, "the first number should not be above the second")
        if decimals:
            return lambda _scope: round(low + (high - low) * chance.random(), decimals)
        if isinstance(low, float) or isinstance(high, float):
            raise Unfit(place, "these should be whole numbers; add decimals for others")
        return lambda _scope: chance.randint(low, high)

    def _date(self, model: _Date, place: Place, *_: Any) -> Maker:
        make = self._between(model.date, place)
        return lambda scope: iso(make(scope))

    def _day(self, model: _Day, place: Place, *_: Any) -> Maker:
        make = self._between(model.day, place)
        return lambda scope: iso(make(scope))[:10]

    def _between(self, bounds: list[str], place: Place) -> Maker:
        low, high = (self.moment(text, (*place, n)) for n, text in enumerate(bounds))
        chance = seeded(self.seed, *place)
        if low > high:
            raise Unfit(place, "the first moment should not be after the second")
        return lambda _scope: round(low + (high - low) * chance.random(), 3)

    def _chance(self, model: _Chance, place: Place, names: Sequence[str], slug: bool) -> Maker:
        chance, bar = seeded(self.seed, *place), model.chance
        then = self.maker(model.then, (*place[:-1], "then"), names, slug)
        otherwise: Any = model.otherwise
        if "then" in model.model_fields_set and "otherwise" not in model.model_fields_set:
            otherwise = None
        instead = self.maker(otherwise, (*place[:-1], "else"), names, slug)
        return lambda scope: then(scope) if chance.random() < bar else instead(scope)

    def _pattern(self, model: _Pattern, place: Place, *_: Any) -> Maker:
        chance = seeded(self.seed, *place)
        digits = model.pattern.count("#")
        text = model.pattern.replace("%", "%%").replace("#", "%s")
        if not digits:
            return lambda _scope: model.pattern
        return lambda _scope: text % tuple(f"{chance.randrange(10**digits):0{digits}d}")

    def _object(self, model: _Object, place: Place, names: Sequence[str], slug: bool) -> Maker:
        makers = {key: self.maker(value, (*place, key), names, slug) for key, value in model.object.items()}
        return lambda scope: {key: make(scope) for key, make in makers.items()}


def _one_of(makers: Sequence[Maker], weights: Sequence[float], chance: Chance) -> Maker:
    sums = list(accumulate(weights))
    last = len(makers) - 1

    def make(scope: Scope) -> Any:
        return makers[min(bisect(sums, chance.random() * sums[-1]), last)](scope)

    return make


def _template(text: str, place: Place, names: Sequence[str], slug: bool) -> Maker:
    if "{" not in text and "}" not in text:
        return lambda _scope: text
    try:
        pieces = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]
    except ValueError:
        raise Unfit(place, "a brace in a text should be doubled, or be around a name as in {first_name}") from None
    for _, name in pieces:
        if name is not None and name not in names:
            known = ", ".join(names) or "no names here"
            raise Unfit(place, f"{{{name}}} is unknown; use one of {known} (or double the braces)")
    show = slugged if slug else _shown
    return lambda scope: "".join(
        literal if name is None else literal + show(scope.get(name)) for literal, name in pieces
    )


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def slugged(value: Any) -> str:
    """A value as part of an address: lower-case letters, digits, dots and dashes."""
    return re.sub(r"[^a-z0-9.-]", "", _shown(value).lower())


def _plain(draw: words.Draw, place: Place) -> Any:
    """What Faker gave, as JSON: dates as text, decimals as numbers."""
    try:
        value = draw()
    except Exception as error:
        raise Unfit(place, f"Faker refused: {error}") from None
    return value if type(value) is str else _as_json(value, place)


def _as_json(value: Any, place: Place) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set):
        return [_as_json(part, place) for part in value]
    if isinstance(value, dict):
        return {str(key): _as_json(part, place) for key, part in value.items()}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Unfit(place, f"Faker gave a {type(value).__name__}, which JSON cannot say") from None
