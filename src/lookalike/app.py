"""The WSGI app: Flask, with a short way for the vendors' requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from lookalike import blocking
from lookalike.addressing import CONTROL, SLASH, FrontDoor, is_control, raw_path
from lookalike.answer import BODILESS, Answer, json_answer, status_line
from lookalike.call import Call
from lookalike.control import control
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings

StartResponse = Callable[..., Any]


class MatchedRule(Rule):
    """A rule that is matched and never built into a URL: its compiled builders are most of what a rule costs."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _unbuilt


def _unbuilt(_rule: Rule, **_values: Any) -> tuple[str, str]:
    raise NotImplementedError("lookalike builds no URLs from rules")


class App(Flask):
    """Flask for lookalike's own pages; requests to vendors skip its contexts, for which they have no use."""

    url_rule_class = MatchedRule

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__("lookalike", static_folder=None)
        self.sandbox = sandbox
        self._serve = sandbox.service.serve
        self._door = FrontDoor(sandbox.vendors.values())
        self.url_map.merge_slashes = False
        self.register_blueprint(control(sandbox), url_prefix=CONTROL)

    def wsgi_app(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = raw_path(environ)
        found = self._door.find(environ, path)
        if found is not None:
            vendor, prefix, vendor_path = found
            call = Call(environ, vendor, prefix, vendor_path)
            vendor.router.match(call)
            return self._send(self._serve(call), environ, start_response)
        if is_control(path):
            return super().wsgi_app(environ, start_response)
        return self._send(self._nobody(path), environ, start_response)

    def _nobody(self, path: str) -> Answer:
        first = path.removeprefix("/").partition("/")[0].replace(SLASH, "%2F")
        names = list(self.sandbox.vendors)
        sentence = f"No vendor is served under /{first}: start the path with one of the vendors' names."
        return json_answer(404, {"error": sentence, "vendors": names})

    def _send(self, answer: Answer, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if answer.pending is not None:
            pending = answer.pending
            if "lookalike.edge" in environ:
                # The edge calls this in a thread, and comes back with an answer that is ready.
                environ["lookalike.pending"] = lambda respond: self._send(pending(), environ, respond)
                return ()
            answer = pending()
        effect = answer.effect
        if effect is not None and "lookalike.edge" not in environ:
            return blocking.send(answer, effect, environ, start_response)
        environ["lookalike.effect"] = effect
        body = answer.body
        if answer.status >= 200 and answer.status not in BODILESS:
            answer.headers.append(("Content-Length", str(len(body))))
        start_response(status_line(answer.status), answer.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)


def create_app(settings: Settings | None = None, sandbox: Sandbox | None = None) -> App:
    """The app as a plain WSGI callable that any WSGI server can host; `app.sandbox` is what it serves."""
    if sandbox is None:
        sandbox = Sandbox(settings or Settings())
        sandbox.prepare()
    return App(sandbox)
