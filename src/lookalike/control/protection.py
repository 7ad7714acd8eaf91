"""Who may use the control API: this machine, never a web page, and over a network only who knows the token."""

from __future__ import annotations

import hmac
import re

from flask import Request

from lookalike.control.refusal import Refusal
from lookalike.sandbox import Sandbox
from lookalike.settings import is_loopback

_HOST = re.compile(r"(\[[^\[\]]+\]|[^\[\]:]+)(?::\d{1,5})?")


def admit(request: Request, sandbox: Sandbox, *, public: bool) -> None:
    """Let a request pass, or raise Refusal: 403 for a foreign `Host`, peer or web page, 401 without the token."""
    if sandbox.settings.is_loopback:
        _check_host(request)
    _check_origin(request)
    if sandbox.control_token is not None and not public:
        _check_token(request, sandbox.control_token)


def admit_anybody(request: Request, sandbox: Sandbox) -> None:
    """Let a request to a sink pass: any that came for this machine, or over the network where that is served."""
    if sandbox.settings.is_loopback:
        _check_host(request)


def _check_host(request: Request) -> None:
    # A page of evil.test whose name was made to resolve to 127.0.0.1 still sends its own name.
    host = request.headers.get("Host", "")
    if not is_loopback(_host_name(host)):
        raise Refusal(403, f"Host {host!r} is not this machine: use http://127.0.0.1 or http://localhost.")
    # Under a WSGI server of the user's own the settings may say loopback while the socket is open to all.
    peer = request.remote_addr
    if peer and not is_loopback(peer):
        raise Refusal(403, f"{peer} is not this machine: start lookalike with --host and use its control token.")


def _host_name(host: str) -> str:
    """The name or address in a Host header; nothing where it is no proper one, two of them at once included."""
    match = _HOST.fullmatch(host)
    return match[1].strip("[]") if match else ""


def _check_origin(request: Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != request.host_url.rstrip("/").lower():
        raise Refusal(403, f"Origin {origin!r} is another site: the control API serves no web pages but its own.")
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise Refusal(403, f"Sec-Fetch-Site {site!r} is another site: the control API serves no web pages but its own.")


def _check_token(request: Request, token: str) -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        sentence = (
            "The control token is missing or wrong: send Authorization: Bearer <the token printed at start>, "
            "or set LOOKALIKE_CONTROL_TOKEN to it."
        )
        raise Refusal(401, sentence)
