"""One meeting of a call with a rule: what the fault may draw from and count with."""

from __future__ import annotations

from functools import cached_property

from lookalike.clock import Clock
from lookalike.ids import Chance, seeded
from lookalike.limits import WINDOWS, Limit, Standing, Windows
from lookalike.workspace import Workspace


class Firing:
    """The `position`th meeting of a rule. Its chance depends on nothing else, so that a red run repeats."""

    def __init__(self, home: Workspace, rule: str, position: int) -> None:
        self._home = home
        self._rule = rule
        self._position = position

    @cached_property
    def chance(self) -> Chance:
        """What this meeting alone draws from."""
        return seeded(self._home.seed, "fault", self._rule, self._position)

    def count(self, limit: Limit, clock: Clock) -> Standing:
        """Count a call in the rule's own window of that name, at the time when its turn has come."""
        with self._home.unit():
            own = Limit(f"{self._rule} {limit.bucket}", limit.maximum, limit.window)
            return Windows(self._home.own(WINDOWS)).count(own, clock.now())
