"""Fixtures: files that describe an audience, with Faker recipes and a seed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from lookalike.audience import Audience

SHIPPED = ("demo", "empty", "large")

_MOMENT = 1_768_467_600.0
"""2026-01-15T09:00:00Z, as in `empty`, which is not read for `none`: to load a parser would take longest of all."""


class FixtureError(ValueError):
    """A fixture that cannot be used; the message says file, line and what was expected."""


def load_fixture(name: str, seed: int) -> Audience:
    """The audience of a shipped fixture, a YAML or JSON file, YAML text (of two lines or more), or `none`.

    Raises FixtureError.
    """
    if name == "none":
        return Audience(_MOMENT, [], [], [], [], [], [], [])
    from lookalike.seeding.casting import cast
    from lookalike.seeding.checks import Unfit, check
    from lookalike.seeding.file import FixtureFile
    from lookalike.seeding.schema import FixtureSpec

    file = FixtureFile.given(name) if "\n" in name else FixtureFile.read(*_place(name))
    try:
        return cast(check(FixtureSpec, {} if file.data is None else file.data), seed)
    except Unfit as unfit:
        raise file.error(unfit) from None


def _place(name: str) -> tuple[Path, str]:
    if name in SHIPPED:
        packed = Path(str(files("lookalike"))) / "fixtures"
        folder = packed if packed.is_dir() else Path(__file__).parents[3] / "fixtures"
        return folder / f"{name}.yaml", name
    path = Path(name).expanduser()
    if not path.exists() and not path.suffix and path.name == name:
        raise FixtureError(f"fixture {name!r} is unknown: use {', '.join(SHIPPED)}, none, or a YAML or JSON file")
    return path, name
