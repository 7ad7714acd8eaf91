"""What a vendor declares about itself, and how vendors are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from importlib.metadata import EntryPoints, entry_points
from typing import TYPE_CHECKING, Any

from lookalike import coverage
from lookalike.answer import Answer
from lookalike.problem import Problem
from lookalike.router import Router
from lookalike.routes import Operation, Routes
from lookalike.stores import Resource

if TYPE_CHECKING:
    from lookalike.arrivals import Arrival
    from lookalike.audience import Audience
    from lookalike.call import Call
    from lookalike.limits import Limit
    from lookalike.living import Living
    from lookalike.messages import Draft, Happening, Message
    from lookalike.outbox import Sender
    from lookalike.part import Part
    from lookalike.runs import Plan


def _nothing(*_: Any) -> None:
    return None


@dataclass(frozen=True)
class Vendor:
    """One vendor, as the core sees it. Everything that is in a vendor's own terms hangs here; the core names none.

    - `key_header(key, path)`: name and value of the header by which a request for `path` (as on the vendor's own host)
      carries `key`; vendors with several interfaces may want it in several forms.
    - `read_key(call)`: the credential's text, or raises Problem("unauthorized") when it is missing or malformed.
    - `render(call, problem)`: the vendor's own status, body and headers for a kind of trouble.
    - `gate(call)`: called first for every request, routed or not; may raise, or answer at once (a preflight, say).
    - `permit(call)`: called once the credential is known to be good, with `call.part` at hand; raises for one that may
      not do this (or that the vendor itself has withdrawn).
    - `unrouted(call, allowed)`: raises the Problem for a path that no operation has (`allowed` empty) or that other
      methods have.
    - `dress(call, answer)`: adds the headers that every answer of the vendor carries.
    - `limits(call)`: the documented rate limits that apply to a call; used with `--rate-limits vendor`.
    - `seed(part, audience)`: tells a neutral audience in the vendor's terms.
    - `happen(part, message, happening)`: what follows for the vendor from something that happened to a message that it
      sent (status, suppression, webhooks, metrics). Raises CannotHappen where that makes no sense; the core notes the
      event on the message. None for a vendor that has no notion of it.
    - `compose(part, draft)`: keeps a message that a test makes up and returns its id; for vendors whose public API
      sends none.
    - `receive(part, arrival)`: takes in a mail that a test has arrive, and shows it as the vendor does, or raises
      CannotArrive; for vendors that receive mail.
    - `plan(part, plan)`: makes a workflow that a test defines, and shows it as the vendor does, or raises CannotPlan;
      for vendors whose public API makes none.
    - `tasks`: what may be scheduled for later on the workspace's clock: name -> function(part, payload).
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    base_path: str
    sample_key: str
    key_header: Callable[[str, str], tuple[str, str]]
    modules: tuple[Routes, ...]
    resources: tuple[Resource, ...]
    read_key: Callable[[Call], str]
    render: Callable[[Call, Problem], Answer]
    unrouted: Callable[[Call, tuple[str, ...]], None]
    error_model: Any
    gate: Callable[[Call], Answer | None] = _nothing
    permit: Callable[[Call], None] = _nothing
    dress: Callable[[Call, Answer], None] = _nothing
    limits: Callable[[Call], tuple[Limit, ...]] = field(default=lambda _call: ())
    seed: Callable[[Part, Audience], None] = _nothing
    happen: Callable[[Part, Message, Happening], None] | None = None
    compose: Callable[[Part, Draft], str] | None = None
    receive: Callable[[Part, Arrival], dict[str, Any]] | None = None
    plan: Callable[[Part, Plan], dict[str, Any]] | None = None
    tasks: Mapping[str, Callable[[Part, dict[str, Any]], None]] = field(default_factory=dict)
    living: Living | None = None
    """Where its rule-based groups and their members are; None where it has none."""
    membership: Callable[[Part, str, str], tuple[str | None, str | None, bool]] | None = None
    """Who is in which of its groups, where it has no `living`: given a contact and a group as people call them, the
    ids of both (None for what is not there), and whether one is in the other."""
    webhooks: Sender | None = None
    """How its webhooks are made and what follows from them; they are left by `part.deliver(...)`."""
    content_type: str = "application/json"
    body_limit: int = 5 * 1024 * 1024
    snippet: str = ""
    """One line to paste, with `{url}` and `{key}`, that points the vendor's own SDK at us."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The variables that the vendor's own SDKs read, with `{url}` and `{key}`."""
    package: str = ""
    """The Python package that holds `coverage.yaml`."""

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every implemented operation, in the order of declaration."""
        return tuple(operation for module in self.modules for operation in module)

    @cached_property
    def router(self) -> Router:
        """What leads to them; its parts are made when a request asks for them, once for all servers of a process."""
        return Router(self.operations)

    @cached_property
    def coverage(self) -> coverage.Coverage:
        """Every documented operation with its state; read on first use only, since YAML is slow."""
        return coverage.load(self.package)


def known() -> dict[str, Callable[[], Vendor]]:
    """How to import each vendor, by name: the packages in `lookalike.vendors`, and the entry points of that group."""
    package = importlib.import_module("lookalike.vendors")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    ours = {name: partial(_shipped, name) for name in names}
    return {**ours, **{entry.name: entry.load for entry in _others()}}


@cache
def _others() -> EntryPoints:
    """What is installed beside us; to look takes milliseconds, and a process may start many servers."""
    return entry_points(group="lookalike.vendors")


def _shipped(name: str) -> Vendor:
    vendor: Vendor = importlib.import_module(f"lookalike.vendors.{name}").VENDOR
    return vendor


def discover() -> dict[str, Vendor]:
    """All vendors by name."""
    return {name: load() for name, load in known().items()}
