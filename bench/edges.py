"""The same WSGI app behind three embedded servers, in turn: our edge (uvicorn's protocol, answered inline), uvicorn
with its own ASGI cycle, and granian's embedded server. All call the app on the loop, without a thread pool.
Granian is left out where it is not installed (`.venv/bin/pip install granian`).
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any

import uvloop

from bench import load
from bench.processes import ROOT, free_port, stop, wait_for
from lookalike.app import App, create_app
from lookalike.server import Server
from lookalike.settings import Settings

NAMES = {
    "ours": "our edge on uvicorn's protocol",
    "uvicorn": "uvicorn, its ASGI cycle",
    "granian": "granian embedded (RSGI)",
}
ROUNDS = 7
SECONDS = 1.0
KEY = {"Authorization": "Bearer AS_bench"}


def _create(number: int) -> bytes:
    body = b'{"email":"person%d@example.com","firstName":"Ann","lastName":"Lee"}' % number
    return load.request("POST", "/autosend/v1/contacts", KEY, body)


def _environ(method: str, path: str, query: str, headers: Any, body: bytes) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "lookalike.edge": True,
    }
    for name, value in headers:
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _respond(app: App, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    head: list[Any] = []
    chunks = app(environ, lambda status, headers, _error=None: head.extend((status, headers)))
    body = b"".join(chunks)
    return int(head[0][:3]), head[1], body


def _serve_uvicorn(app: App, port: int) -> None:
    import uvicorn

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive()).get("body", b"")
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        environ = _environ(scope["method"], scope["path"], scope["query_string"].decode(), headers, body)
        status, answer_headers, payload = _respond(app, environ)
        raw = [(name.encode(), value.encode()) for name, value in answer_headers]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": payload})

    config = uvicorn.Config(asgi, port=port, http="httptools", loop="uvloop", access_log=False, log_config=None)
    uvicorn.Server(config).run()


def _serve_granian(app: App, port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server as Granian

    async def rsgi(scope: Any, protocol: Any) -> None:
        body = await protocol()
        environ = _environ(scope.method, scope.path, scope.query_string, scope.headers.items(), body)
        status, headers, payload = _respond(app, environ)
        protocol.response_bytes(status, [(name.lower(), value) for name, value in headers], payload)

    server = Granian(rsgi, address="127.0.0.1", port=port, interface=Interfaces.RSGI)
    uvloop.run(server.serve())


def _serve(kind: str, port: int) -> None:
    settings = Settings.model_validate({"fixture": "none", "port": port})
    if kind == "ours":
        Server(settings).run(lambda _server: None)
    elif kind == "uvicorn":
        _serve_uvicorn(create_app(settings), port)
    else:
        _serve_granian(create_app(settings), port)


@contextmanager
def _process(kind: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "bench.edges", kind, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
    try:
        wait_for(port, "/_lookalike/health")
        yield port
    finally:
        stop(process)


def report() -> list[str]:
    """Markdown lines."""
    rates: dict[tuple[str, int], list[float]] = {}
    first = 0
    kinds = [kind for kind in NAMES if kind != "granian" or find_spec("granian") is not None]
    with ExitStack() as stack:
        ports = {kind: stack.enter_context(_process(kind)) for kind in kinds}
        for round_number in range(ROUNDS + 1):
            for connections in (1, 16):
                for kind, port in ports.items():
                    result = load.run(port, _create, connections=connections, seconds=SECONDS, first=first)
                    first += 1_000_000
                    assert result.failures == 0
                    if round_number:  # the first round warms them up
                        rates.setdefault((kind, connections), []).append(result.rate)
    lines = ["| | create, 1 connection | 16 connections |", "|---|---|---|"]
    for kind in kinds:
        one, sixteen = (f"{statistics.median(rates[kind, n]):,.0f}" for n in (1, 16))
        lines.append(f"| {NAMES[kind]} | {one} | {sixteen} |")
    return lines


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
