"""Faker's own words, without the cost of Faker: its lists are read from its modules and drawn from by seed.

Importing Faker takes as long as starting the whole server, and a call of it a hundred times as long as a draw from
its lists. So the common providers draw from the lists; every other provider name is served by Faker itself.
"""

from __future__ import annotations

import builtins
import importlib
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import Any

from lookalike.ids import Chance

Draw = Callable[[], Any]

LISTS: Mapping[str, tuple[str, str]] = {
    "first_name": ("person.en_US", "first_names"),
    "first_name_female": ("person.en_US", "first_names_female"),
    "first_name_male": ("person.en_US", "first_names_male"),
    "last_name": ("person.en_US", "last_names"),
    "company_suffix": ("company", "company_suffixes"),
    "city_prefix": ("address.en_US", "city_prefixes"),
    "city_suffix": ("address.en_US", "city_suffixes"),
    "street_suffix": ("address.en_US", "street_suffixes"),
    "state": ("address.en_US", "states"),
    "state_abbr": ("address.en_US", "states_abbr"),
    "country": ("address.en", "countries"),
    "job": ("job", "jobs"),
    "word": ("lorem.en_US", "word_list"),
    "color_name": ("color", "all_colors"),
}
"""Faker's provider -> the module and attribute that hold its words."""

FORMATS: Mapping[str, tuple[str, str]] = {
    "company": ("company", "formats"),
    "city": ("address.en_US", "city_formats"),
    "street_name": ("address.en_US", "street_name_formats"),
}
"""Faker's provider -> the module and attribute that hold its formats, such as `{{last_name}} {{company_suffix}}`."""


def draw(name: str, chance: Chance) -> Draw | None:
    """A function that draws one word after another by `chance`, or None if `name` is not among the quick ones."""
    if name in LISTS:
        return _drawing(_attribute(*LISTS[name]), chance)
    if name in FORMATS:
        return _formatting(_attribute(*FORMATS[name]), chance)
    return None


def listed(name: str) -> list[str]:
    """All the words of a provider among `LISTS`."""
    return list(_attribute(*LISTS[name]))


def faker_draw(name: str, arguments: Mapping[str, Any], seed: int) -> Draw | None:
    """A function that calls Faker's provider `name`, or None if Faker has none of that name."""
    from faker import Faker

    generator = Faker("en_US", use_weighting=False)
    known = {method for provider in generator.get_providers() for method in dir(provider) if method[0] != "_"}
    if name not in known:
        return None
    generator.seed_instance(seed)
    provide = getattr(generator, name)
    return lambda: provide(**arguments)


def _drawing(words: Iterable[str], chance: Chance) -> Draw:
    choices = list(words)
    weights = list(words.values()) if isinstance(words, Mapping) else []
    if not weights or isinstance(weights[0], str):
        return lambda: chance.choice(choices)
    sums = list(accumulate(weights))
    last = len(choices) - 1
    return lambda: choices[min(bisect(sums, chance.random() * sums[-1]), last)]


def _formatting(formats: Iterable[str], chance: Chance) -> Draw:
    pick = _drawing(formats, chance)
    parts = {name: draw(name, chance) for format in formats for name in re.findall(r"{{(\w+)}}", format)}

    def compose() -> str:
        return re.sub(r"{{(\w+)}}", lambda found: str((parts[found[1]] or str)()), pick())

    return compose


@cache
def _attribute(module: str, attribute: str) -> Any:
    return getattr(_provider(module), attribute)


@cache
def _provider(module: str) -> Any:
    """The `Provider` class of one of Faker's modules; its methods are not for use."""
    name = f"faker.providers.{module}"
    spec = find_spec("faker")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent.joinpath("providers", *module.split("."), "__init__.py")
        try:
            return _read_alone(name, path)
        except Exception:  # another Faker than we know: take the long way
            pass
    return importlib.import_module(name).Provider


def _read_alone(name: str, path: Path) -> Any:
    """Run one module of word lists by itself: what it imports from the rest of Faker is only a blank."""
    code = SourceFileLoader(name, str(path)).get_code(name)
    assert code is not None

    def import_(module: str, scope: Any = None, local: Any = None, wanted: Any = (), level: int = 0) -> Any:
        if level or module.partition(".")[0] == "faker":
            return _Blank()
        return __import__(module, scope, local, wanted, level)

    space = {"__name__": name, "__builtins__": {**vars(builtins), "__import__": import_}}
    exec(code, space)
    return space["Provider"]


class _Blank:
    """Stands for a module of Faker: everything in it is a class that can do nothing."""

    def __getattr__(self, name: str) -> type[_Blank]:
        return _Blank

    def __class_getitem__(cls, _item: Any) -> type[_Blank]:
        return cls
