"""One workspace of a server, as a test sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from lookalike.remote import Control, ControlError, fixture_text
from lookalike.testing.expectations import Expect
from lookalike.testing.sinks import Sink
from lookalike.testing.timeline import timeline
from lookalike.testing.waiting import wait

if TYPE_CHECKING:
    from requests import Session

    from lookalike.testing.httpx_transport import InProcessTransport
    from lookalike.testing.inprocess import Door

SetVariable = Callable[[str, str], None]

_MOST = 10_000
"""Messages that are shown at once, and all that a workspace keeps unless told otherwise."""


@dataclass(frozen=True)
class Account:
    """One vendor as this test reaches it: its base URL, and a key for the test's own workspace."""

    name: str
    url: str
    key: str
    variables: Mapping[str, str]
    """What the vendor's own SDKs read, and `LOOKALIKE_<VENDOR>_URL` and `_KEY`."""
    _set: SetVariable

    def env(self) -> Mapping[str, str]:
        """Set `variables` for the rest of the test, and answer them."""
        for name, value in self.variables.items():
            self._set(name, value)
        return self.variables


class Fault:
    """A rule that is in force. As a context manager it ends with the block."""

    def __init__(self, control: Control, id: str) -> None:
        self._control = control
        self.id = id

    @property
    def hits(self) -> int:
        """How often it has fired."""
        rules = self._control.ask("GET", "/faults")["faults"]
        return sum(int(rule["hits"]) for rule in rules if rule["id"] == self.id)

    def remove(self) -> None:
        """Take the rule out of force; nothing where it is out already."""
        _drop(self._control, f"/faults/{self.id}")

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Snapshot:
    """A workspace as it was. As a context manager it leads back there at the end of the block."""

    def __init__(self, world: World, name: str) -> None:
        self._control = world.control
        self.name = name
        self._control.ask("PUT", f"/snapshots/{name}", {"workspace": world.name})

    def restore(self) -> None:
        """Go back to it: data, time, ids and what is due."""
        self._control.ask("POST", f"/snapshots/{self.name}/restore", {})

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()


class World:
    """A workspace of the test's own. Each vendor is a member under its name, as `lookalike.<vendor>.url` and `.key`.

    Whatever the server refuses is a ControlError with one sentence.
    """

    def __init__(
        self,
        control: Control,
        name: str,
        *,
        fixture: str | Path | None = None,
        seed: int | None = None,
        set_variable: SetVariable,
        door: Door | None = None,
    ) -> None:
        self.control = control
        """The server's control API, for what has no method here."""
        self.name = name
        """The workspace's name, which is behind the `~` in its keys."""
        self._set_variable = set_variable
        self._door = door
        self._tag = blake2b(name.encode(), digest_size=5).hexdigest()
        self._left: dict[str, None] = {}
        wanted = {"name": name, "fixture": fixture_text(fixture), "seed": seed}
        made = control.ask("POST", "/workspaces", {key: value for key, value in wanted.items() if value is not None})
        self.accounts = {
            vendor: self._account(vendor, found["url"], found["key"], found["environment"])
            for vendor, found in made["vendors"].items()
        }
        """Every vendor by name."""

    def _account(self, vendor: str, said: str, key: str, variables: Mapping[str, str]) -> Account:
        """A vendor as it is reached from here; a server in a container does not know by what name that is."""
        parts, here = urlsplit(said), urlsplit(self.control.url)
        if parts.path.startswith(f"/{vendor}"):
            url = self.control.url + parts.path
        else:  # on a port of its own
            url = f"{here.scheme}://{here.hostname}:{parts.port}{parts.path}"
        found = {name: value.replace(said, url) for name, value in variables.items()}
        return Account(vendor, url, key, found, self._set_variable)

    def __getattr__(self, name: str) -> Account:
        try:
            return self.__dict__["accounts"][name]  # type: ignore[no-any-return]  # a plain dict of them
        except KeyError:
            known = ", ".join(self.__dict__.get("accounts", {}))
            raise AttributeError(f"{name!r} is neither a member nor a vendor served here: there are {known}") from None

    def __repr__(self) -> str:
        return f"<World {self.name!r} at {self.control.url}>"

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop the workspace and all that belongs to it: faults, its part of the journal, sinks, snapshots."""
        for path in (f"/workspaces/{self.name}", *self._left):
            _drop(self.control, path)
        self._left.clear()

    def _named(self, kind: str, name: str) -> str:
        """A name for what belongs to the server, which tests may share; it is dropped with the workspace."""
        whole = f"{name}.{self._tag}"
        self._left[f"/{kind}/{whole}"] = None
        return whole

    def env(self) -> Mapping[str, str]:
        """Set the variables of all vendors' SDKs for the rest of the test, and answer them."""
        return {name: value for account in self.accounts.values() for name, value in account.env().items()}

    # --- faults -----------------------------------------------------------------------------------------------

    def fault(
        self,
        fault: str | Mapping[str, Any] | None = None,
        *,
        script: str | None = None,
        times: int | None = None,
        skip: int | None = None,
        probability: float | None = None,
        **when: Any,
    ) -> Fault:
        """Put a fault in force, in its short form (`"latency=200"`) or its whole (`{"type": "latency", "ms": 200}`).

        `when`: vendor, operation, method, path (globs) and body, the members of a JSON body. `script` stands instead of
        `fault`, `times` and `skip`: `"429x2, ok, 503"`.
        """
        rule = {"fault": fault, "script": script, "times": times, "skip": skip, "probability": probability}
        given = {name: value for name, value in rule.items() if value is not None}
        made = self.control.ask("POST", "/faults", {**given, "when": {**when, "workspace": self.name}})
        return Fault(self.control, made["faults"][0]["id"])

    def fail(self, vendor: str, operation: str, kind: str = "internal", *, times: int | None = None) -> Fault:
        """Have an operation fail as the vendor says it: `fail("<vendor>", "create_contact", "rate_limited", times=2)`.

        Without `times` it fails from now on.
        """
        return self.fault(kind, vendor=vendor, operation=operation, times=times)

    # --- what went on -----------------------------------------------------------------------------------------

    def requests(self, vendor: str | None = None, operation: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """The requests of this test, in their order.

        `filters`: method, path, status (200, "4xx"), text, unimplemented, since, limit, as `GET /_lookalike/requests`
        takes them; of many the last ones.
        """
        query = {"vendor": vendor, "operation": operation, "limit": 100_000, **filters, "workspace": self.name}
        found: list[dict[str, Any]] = self.control.ask("GET", "/requests", query=query)["requests"]
        return found[::-1]

    def messages(self, vendor: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """The messages that vendors "sent" in this test, in their order; `filters`: recipient, subject, limit."""
        query = {"vendor": vendor, "limit": _MOST, **filters, "workspace": self.name}
        found: list[dict[str, Any]] = self.control.ask("GET", "/messages", query=query)["messages"]
        return found[::-1]

    def happen(self, message: str | Mapping[str, Any], type: str, **details: Any) -> dict[str, Any]:
        """Have something happen to a message (or its id), with every consequence the vendor gives it; the message then.

        `type`: delivered, opened, clicked, bounced, complained or unsubscribed.
        """
        id = message if isinstance(message, str) else message["id"]
        body = {"type": type, **details, "workspace": self.name}
        told: dict[str, Any] = self.control.ask("POST", f"/messages/{quote(str(id), safe='')}/events", body)
        return told

    def deliveries(self, vendor: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """The webhooks that vendors sent in this test, in their order, each with its attempts.

        `filters`: subscription, event (globs), status (pending, held, delivered, failed), limit.
        """
        query = {"vendor": vendor, **filters, "workspace": self.name}
        found: list[dict[str, Any]] = self.control.ask("GET", "/webhooks/deliveries", query=query)["deliveries"]
        return found[::-1]

    def runs(self, vendor: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """What vendors did by themselves in this test (workflows, broadcasts), in its order.

        `filters`: kind, name (globs), contact, limit.
        """
        query = {"vendor": vendor, "limit": _MOST, **filters, "workspace": self.name}
        found: list[dict[str, Any]] = self.control.ask("GET", "/runs", query=query)["runs"]
        return found[::-1]

    def wait(self, kind: str, *, count: int = 1, timeout: str | float = 5.0, **expected: Any) -> list[dict[str, Any]]:
        """Wait (in real time) until something is so, and answer it, in its order: `wait("message", subject="Hi*")`.

        `kind` is request, message, delivery or member (vendor, segment, contact, in_); `expected` are the filters of
        its list. What happened before counts. Raises AssertionError with what came closest when it is not so in time.
        """
        __tracebackhide__ = True
        wanted = {name.rstrip("_"): value for name, value in expected.items()}
        return wait(self.control, kind, {**wanted, "workspace": self.name}, count, timeout)

    def sink(self, name: str = "sink") -> Sink:
        """A receiver of webhooks that keeps what it gets."""
        if self._door is not None:
            raise TypeError("this sandbox has no socket, so no webhook can come: make it without socket=False")
        return Sink(self.control, self._named("sinks", name))

    def timeline(self) -> str:
        """What went on in this test, for people."""
        return timeline(self)

    @cached_property
    def expect(self) -> Expect:
        """Assertions that explain themselves."""
        return Expect(self)

    # --- time -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> str:
        """What the workspace's clock shows: `2026-01-01T00:00:00.000Z`."""
        now: str = self.control.ask("GET", "/clock", query={"workspace": self.name})["clock"]["now"]
        return now

    def advance(self, duration: str | float) -> int:
        """Move on by `"8d"`, `"1h30m"` or seconds; says how much fell due on the way, all of which is done then."""
        return self._move(advance=duration)

    def freeze(self, instant: str | None = None) -> int:
        """Have time stand still at `"2026-01-01T00:00:00Z"`, or right now."""
        return self._move(freeze=instant or True)

    def resume(self) -> int:
        """Go back to real time."""
        return self._move(resume=True)

    def _move(self, **change: Any) -> int:
        return int(self.control.ask("POST", "/clock", {**change, "workspace": self.name})["done"])

    # --- what there is ----------------------------------------------------------------------------------------

    def fixture(self, fixture: str | Path, seed: int | None = None) -> None:
        """Fill the workspace anew: by a shipped fixture's name, a file, or YAML text; its clock is reset too."""
        wanted = {"fixture": fixture_text(fixture), "workspace": self.name}
        self.control.ask("POST", "/reset", wanted if seed is None else {**wanted, "seed": seed})

    def reset(self) -> None:
        """Back to what the workspace held at first."""
        self.control.ask("POST", "/reset", {"workspace": self.name})

    def snapshot(self) -> Snapshot:
        """Keep the workspace as it is now, to come back to within this test."""
        return Snapshot(self, self._named("snapshots", f"test-{len(self._left)}"))

    # --- without a socket -------------------------------------------------------------------------------------

    def mount(self, session: Session) -> Session:
        """Lead a session's requests for this sandbox, and for the vendors' real host names, here without a socket."""
        from lookalike.testing.requests_adapter import mount

        return mount(session, self._opened("mount"))

    def transport(self) -> InProcessTransport:
        """A transport for `httpx.Client` and `httpx.AsyncClient`, for the same addresses; any other is refused."""
        from lookalike.testing.httpx_transport import InProcessTransport

        return InProcessTransport(self._opened("transport"))

    def _opened(self, method: str) -> Door:
        if self._door is None:
            raise TypeError(
                f"this sandbox has a socket: {method} is for Sandbox(socket=False), here use the vendors' url"
            )
        return self._door


def _drop(control: Control, path: str) -> None:
    """Have something gone."""
    try:
        control.ask("DELETE", path)
    except ControlError as error:
        if error.status != 404:
            raise
