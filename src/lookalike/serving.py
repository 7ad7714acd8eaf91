"""The order in which a request is handled: this is the one place that decides it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from lookalike import parsing
from lookalike.answer import Answer, Lengthy, json_answer
from lookalike.call import Call
from lookalike.clock import monotonic
from lookalike.credentials import DEFAULT_WORKSPACE, WORKSPACE_NAME, WORKSPACE_RULE, workspace_name
from lookalike.due import Overdue
from lookalike.ids import Ids
from lookalike.limits import WINDOWS, Windows
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Operation
from lookalike.stores import Conflict, Unwritable

if TYPE_CHECKING:
    from lookalike.sandbox import Sandbox

log = logging.getLogger("lookalike")

Witness = Callable[[Call, Answer, BaseException | None], None]

PATIENCE = 5
"""How often a request is handled again since another server has written first, before the others have to stand back."""


class Service:
    """Who serves the vendors' requests, with what the sandbox owns.

    `witness` is told of every answered call, and of the unexpected exception behind a 500 if there was one.
    """

    def __init__(self, sandbox: Sandbox, witness: Witness | None) -> None:
        self._sandbox = sandbox
        self._store, self._credentials = sandbox.store, sandbox.credentials
        self._faults, self._journal, self._changes = sandbox.faults, sandbox.journal, sandbox.changes
        self._limited = sandbox.settings.rate_limits == "vendor"
        self._witness = witness

    def serve(self, call: Call) -> Answer:
        """Answer one call: identify, faults around ( gate, limits, authenticate, parse, handle ), dress, journal."""
        started = monotonic()
        trouble: BaseException | None = None
        try:
            answer = self._identify(call)
            if answer is None:
                concerned = self._faults.concern(call)
                answer = self._faults.around(call, self._answer) if concerned else self._answer(call)
        except Problem as problem:
            answer = call.vendor.render(call, problem)
        except Exception as error:
            trouble = error
            answer = self._failed(call)
        if answer.pending is not None:
            return Answer(0, pending=partial(self._finish_later, call, answer.pending, started))
        return self._finish(call, answer, started, trouble)

    def _finish_later(self, call: Call, pending: Callable[[], Answer], started: float) -> Answer:
        try:
            return self._finish(call, pending(), started, None)
        except Exception as error:
            return self._finish(call, self._failed(call), started, error)

    @staticmethod
    def _failed(call: Call) -> Answer:
        log.exception("%s %s failed", call.method, call.path)
        return call.vendor.render(call, Problem("internal"))

    def _finish(self, call: Call, answer: Answer, started: float, trouble: BaseException | None) -> Answer:
        call.vendor.dress(call, answer)
        if call.effect is not None:
            answer.effect = call.effect
        self._journal.record(call, answer, monotonic() - started)
        self._changes.notify()
        if self._witness is not None:
            self._witness(call, answer, trouble)
        return answer

    def _identify(self, call: Call) -> Answer | None:
        """Find the workspace; a key that the vendor would refuse is refused later, by `Credentials.check`.

        A name that no workspace can have is refused here: its caller must not meet others in the default one.
        """
        try:
            call.key = call.vendor.read_key(call)
        except Problem as problem:
            call.notes["refusal"] = problem
        name = workspace_name(call)
        known = name in self._sandbox.workspaces or WORKSPACE_NAME.fullmatch(name) is not None
        call.workspace = self._sandbox.workspace(name if known else DEFAULT_WORKSPACE)
        call.part = self._find_part(call)
        if known:
            return None
        refusal = json_answer(400, {"error": f"Workspace {name!r} cannot be: {WORKSPACE_RULE}."})
        refusal.headers.append(("X-Lookalike-Status", "bad_workspace"))
        return refusal

    def _find_part(self, call: Call) -> Part:
        workspace, vendor = call.workspace, call.vendor
        try:
            if self._store.shared:
                self._sandbox.catch_up(workspace)
            return workspace.part(vendor.name) or self._fresh_part(call)
        except Unwritable:
            # The vendor's error may carry ids, of a request say; whose they are does not matter.
            call.part = Part(workspace, vendor, Ids(workspace.seed, workspace.name, vendor.name))
            raise

    def _fresh_part(self, call: Call) -> Part:
        with call.workspace.unit():
            return self._sandbox.part(call.workspace, call.vendor)

    def _answer(self, call: Call) -> Answer:
        try:
            return self._act(call)
        except Problem as problem:
            return call.vendor.render(call, problem)

    def _act(self, call: Call) -> Answer:
        vendor, operation = call.vendor, call.operation
        early = vendor.gate(call)
        if early is not None:
            return early
        if self._limited:
            self._limit(call)
        result = self._handle(call)
        if isinstance(result, Answer) or operation is None:
            return result  # type: ignore[no-any-return]  # what has no route is answered
        if isinstance(result, Lengthy):
            if call.faults:  # they look at finished answers
                return self._work(call, operation, result)
            return Answer(0, pending=partial(self._work, call, operation, result))
        return json_answer(operation.status, result, vendor.content_type)

    def _handle(self, call: Call) -> Any:
        """What the handler returns; once more where another server that shares the store has come between."""
        result: Any = None
        for attempt in count():
            try:
                with call.workspace.unit(alone=attempt >= PATIENCE):
                    result = self._handled(call)
                break
            except Conflict:
                call.workspace.refresh()
            except Overdue as overdue:
                return Lengthy(partial(self._handle_then, call, overdue))
            except Unwritable:
                # What is only noted by the way (a key's last use) is no reason to refuse a read.
                if result is None or self._store.shared or call.method not in ("GET", "HEAD"):
                    raise
                break
        return result

    def _handle_then(self, call: Call, overdue: Overdue) -> Any:
        overdue.due.finish()
        return self._handle(call)

    def _handled(self, call: Call) -> Any:
        # Once more, under the lock that the handler runs in: a reset may have come between.
        call.part = self._sandbox.part(call.workspace, call.vendor)
        operation = call.operation
        if operation is None:
            return self._unrouted(call)
        if not operation.public:
            self._credentials.check(call)
        arguments: dict[str, Any] = dict(call.params)
        if operation.query is not None:
            arguments["query"] = parsing.read_query(call, operation.query)
        if operation.body is not None:
            arguments["body"] = parsing.read_body(call, operation.body)
        call.workspace.due.run()
        return operation.handler(call, **arguments)

    def _work(self, call: Call, operation: Operation, work: Lengthy) -> Answer:
        """The answer of lengthy work, once it is done."""
        try:
            result = work.run()
            while isinstance(result, Lengthy):
                result = result.run()
        except Problem as problem:
            return call.vendor.render(call, problem)
        if isinstance(result, Answer):
            return result
        return json_answer(operation.status, result, call.vendor.content_type)

    def _limit(self, call: Call) -> None:
        for limit in call.vendor.limits(call):
            with call.workspace.unit():
                standing = Windows(call.workspace.own(WINDOWS)).count(limit, call.clock.now())
            call.notes["standing"] = standing
            if standing.exceeded:
                raise Problem("rate_limited", retry_after=standing.retry_after)

    def _unrouted(self, call: Call) -> Answer:
        """501 for what the vendor documents and we lack; else the vendor's own 404 or 405."""
        entry = call.vendor.coverage.planned(call.method, call.path)
        if entry is None:
            call.vendor.unrouted(call, call.allowed)
            raise Problem("no_route")
        self._credentials.check(call)
        message = f"lookalike does not implement {entry.id} ({entry.method} {entry.paths[0]}) yet"
        answer = call.vendor.render(call, Problem("unimplemented", message, code="unimplemented"))
        answer.headers.append(("X-Lookalike-Status", "unimplemented"))
        call.notes["unimplemented"] = entry.id
        return answer
