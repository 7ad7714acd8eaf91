"""Faker's words, read without Faker, are Faker's words."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path

import pytest

from lookalike.ids import seeded
from lookalike.seeding import words


@pytest.mark.parametrize("name", [*words.LISTS, *words.FORMATS])
def test_what_is_read_is_what_faker_has(name: str):
    module, attribute = {**words.LISTS, **words.FORMATS}[name]
    spec = importlib.util.find_spec("faker")
    path = Path(spec.origin).parent.joinpath("providers", *module.split("."), "__init__.py")
    alone = words._read_alone(f"faker.providers.{module}", path)
    provider = importlib.import_module(f"faker.providers.{module}").Provider
    assert alone is not provider
    assert getattr(alone, attribute) == getattr(provider, attribute)


@pytest.mark.parametrize("name", words.LISTS)
def test_a_draw_is_one_of_the_words(name: str):
    draw = words.draw(name, seeded(1))
    known = set(words._attribute(*words.LISTS[name]))
    assert all(draw() in known for _ in range(200))


def test_weights_count():
    draw = words.draw("last_name", seeded(1))
    found = Counter(draw() for _ in range(5000))
    weights = words._attribute("person.en_US", "last_names")
    assert found["Smith"] == pytest.approx(5000 * weights["Smith"] / sum(weights.values()), rel=0.5)


def test_formats_are_filled():
    draw = words.draw("company", seeded(1))
    found = [draw() for _ in range(100)]
    assert not any("{" in one for one in found)
    assert {"and" in one for one in found} == {True, False}
    assert len(set(found)) > 90


def test_another_faker_is_read_the_long_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "_read_alone", lambda *_: 1 / 0)
    from faker.providers.job import Provider

    assert words._provider.__wrapped__("job") is Provider


def test_an_unknown_provider():
    assert words.draw("ssn", seeded(1)) is None
    assert words.faker_draw("nonsense", {}, 1) is None
