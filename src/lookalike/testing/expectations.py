"""Assertions about what went on in a test; one that does not hold says what came closest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lookalike.testing.memberships import Contact
from lookalike.testing.timeline import request_lines

if TYPE_CHECKING:
    from lookalike.testing.world import World


class Expect:
    """What a test may expect of its workspace. Each of these raises AssertionError unless it holds."""

    def __init__(self, world: World) -> None:
        self._world = world

    def request(
        self,
        vendor: str | None = None,
        operation: str | None = None,
        *,
        count: int | None = None,
        min: int | None = None,
        max: int | None = None,
        **when: Any,
    ) -> None:
        """That such requests were made: exactly `count`, or from `min` to `max`; at least one unless told otherwise.

        `when`: method, path (globs), status (200, "4xx") and body, the members of a JSON body.
        """
        __tracebackhide__ = True
        wanted = {"vendor": vendor, "operation": operation, **when}
        expected = {name: value for name, value in wanted.items() if value is not None}
        given = {"min": min, "max": max}
        bounds = {name: value for name, value in given.items() if value is not None} or {"min": 1}
        body = {"when": {**expected, "workspace": self._world.name}, "count": bounds if count is None else count}
        found = self._world.control.ask("POST", "/requests/verify", body)
        if not found["ok"]:
            raise AssertionError("\n".join(self._complaint(expected, found)))

    def _complaint(self, expected: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
        wanted = _bounds(found["expected"])
        yield f"expected {wanted} {_such('request', expected)}, found {found['count'] or 'none'}"
        if found["near_misses"]:
            yield "these came closest:"
            for miss in found["near_misses"]:
                yield f"  {miss['method']} {miss['path']} {miss['status']} {miss['operation'] or 'no such operation'}"
                for one in miss["differences"]:
                    yield f"      {one['member']}: expected {one['expected']!r}, was {one['actual']!r}"
        elif found["count"]:
            met = set(found["requests"])
            yield "these were made:"
            for line in request_lines([entry for entry in self._world.requests() if entry["id"] in met]):
                yield f"  {line}"
        else:
            yield from self._nothing()

    def _nothing(self) -> Iterator[str]:
        """Nothing at all came here: most likely it went elsewhere."""
        yield f"no request at all came to the workspace {self._world.name!r}"
        astray = self._world.control.ask("GET", "/requests", query={"workspace": "default", "limit": 1})["count"]
        if astray:
            advice = f"the code under test has to use this test's key, which ends in ~{self._world.name}"
            yield f"but {astray} came to 'default': {advice}"

    def message(self, recipient: str | None = None, *, count: int | None = None, **filters: Any) -> None:
        """That a vendor "sent" such messages: exactly `count`, or at least one; `filters`: vendor, subject (globs)."""
        __tracebackhide__ = True
        found = self._world.messages(recipient=recipient, **filters)
        if (len(found) >= 1) if count is None else (len(found) == count):
            return
        expected = {"recipient": recipient, **filters}
        wanted = "at least 1" if count is None else f"exactly {count}"
        such = _such("message", {name: value for name, value in expected.items() if value is not None})
        lines = [f"expected {wanted} {such}, found {len(found) or 'none'}"]
        lines += ["these were sent:"] if (every := self._world.messages()) else ["no message was sent at all"]
        lines += [f"  {one['vendor']} to {', '.join(one['to'])}: {one.get('subject')}" for one in every]
        raise AssertionError("\n".join(lines))

    def contact(self, contact: str, vendor: str | None = None) -> Contact:
        """Somebody by address or id: `expect.contact("ann@example.com").in_segment("VIP")`."""
        return Contact(self._world, contact, vendor)

    def no_unhandled(self) -> None:
        """That every request had an operation: none that the vendor does not document, none that lookalike lacks."""
        __tracebackhide__ = True
        unhandled = [entry for entry in self._world.requests() if _is_unhandled(entry)]
        if unhandled:
            noun = "request was" if len(unhandled) == 1 else "requests were"
            lines = [f"  {line}" for line in request_lines(unhandled)]
            raise AssertionError("\n".join([f"{len(unhandled)} {noun} not handled:", *lines]))


def _is_unhandled(entry: dict[str, Any]) -> bool:
    # A preflight has no operation either, but is answered.
    return bool(entry["unimplemented"]) or (entry["operation"] is None and not 200 <= entry["status"] < 300)


def _bounds(expected: dict[str, Any]) -> str:
    least, most = expected["min"], expected["max"]
    if least == most:
        return f"exactly {least}"
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least == 0 else f"{least} to {most}"


def _such(noun: str, expected: dict[str, Any]) -> str:
    if not expected:
        return f"{noun}(s)"
    return f"{noun}(s) with {', '.join(f'{name} {value!r}' for name, value in expected.items())}"
