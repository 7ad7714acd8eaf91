"""Runs the app: in the foreground, or in a thread on a free port."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from lookalike.app import create_app
from lookalike.edge import EdgeProtocol
from lookalike.sandbox import Sandbox, Witness
from lookalike.settings import Settings

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
_LAST_ROUNDS = 0.01
_GC_THRESHOLDS = (50_000, 20, 1_000)


class ServerError(Exception):
    """A server that cannot start; the message is one sentence for the user."""


class Server:
    """One sandbox on its sockets. `start` serves in a thread, `run` in the foreground until SIGINT or SIGTERM."""

    def __init__(self, settings: Settings, witness: Witness | None = None) -> None:
        self.settings = settings
        self.sandbox = Sandbox(settings, witness)
        self.app = create_app(sandbox=self.sandbox)
        self.ports: dict[int, str] = {}
        self._sockets = self._listen()
        self.port: int = self._sockets[0].getsockname()[1]
        self.sandbox.urls = self.urls()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where lookalike itself is: `http://127.0.0.1:7357`."""
        return f"http://{self._shown_host}:{self.port}"

    @property
    def _shown_host(self) -> str:
        host = "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host
        return f"[{host}]" if ":" in host else host

    def urls(self) -> dict[str, str]:
        """The base URL of each vendor, as its SDK wants it."""
        own = {name: port for port, name in self.ports.items()}
        return {
            name: (f"http://{self._shown_host}:{own[name]}" if name in own else f"{self.url}/{name}") + vendor.base_path
            for name, vendor in self.sandbox.vendors.items()
        }

    def _listen(self) -> list[socket.socket]:
        sockets = [_bind(self.settings.host, self.settings.port, "--port")]
        try:
            for offset, name in enumerate(self.sandbox.vendors if self.settings.ports is not None else ()):
                port = (self.settings.ports or 0) + offset
                sockets.append(_bind(self.settings.host, port, "--ports"))
                self.ports[port] = name
        except ServerError:
            _close_all(sockets)
            raise
        return sockets

    def _prepare(self) -> None:
        try:
            self.sandbox.prepare()
        except BaseException:
            _close_all(self._sockets)
            raise

    def run(self, when_ready: Callable[[Server], None]) -> None:
        """Serve until a signal says stop; `when_ready` is called once listening and seeded."""
        self._prepare()
        self._tune_gc()
        _runner()(self._serve(lambda: when_ready(self), signals=True))

    def start(self) -> Server:
        """Serve in a thread; returns when ready."""
        self._prepare()
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: _runner()(self._serve(ready.set, signals=False)), name="lookalike", daemon=True
        )
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Stop serving and close the store; answers that are on their way out are cut off."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _serve(self, ready: Callable[[], Any], *, signals: bool) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if signals:
            for number in (signal.SIGINT, signal.SIGTERM):
                _on_signal(self._loop, number, self._stop.set)
        config = Config(_never, interface="asgi3", ws="none", lifespan="off", log_config=None, access_log=False)
        config.timeout_keep_alive = KEEP_ALIVE_SECONDS
        config.load()
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        state = ServerState()
        ticker = asyncio.ensure_future(_keep_date(state))

        def protocol() -> EdgeProtocol:
            return EdgeProtocol(self.app, self.ports, config=config, server_state=state, app_state={}, _loop=self._loop)

        servers = [await self._loop.create_server(protocol, sock=s, backlog=BACKLOG) for s in self._sockets]
        try:
            ready()
            await self._stop.wait()
        finally:
            await self._close(servers, state, ticker)

    async def _close(self, servers: list[asyncio.Server], state: ServerState, ticker: asyncio.Future[None]) -> None:
        for server in servers:
            server.close()
        # A connection taken at the last moment is known a few rounds later; left open, it would hold up the loop's end.
        await asyncio.sleep(_LAST_ROUNDS)
        for connection in list(state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for task in [*state.tasks, ticker]:
            task.cancel()
        await asyncio.gather(*state.tasks, ticker, return_exceptions=True)
        self.sandbox.close()

    @staticmethod
    def _tune_gc() -> None:
        # What was loaded so far stays; walking it again and again shows as the slowest percent of requests.
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        gc.enable()


async def _never(_scope: Any, _receive: Any, _send: Any) -> None:
    """Uvicorn's configuration wants an ASGI app; the edge calls the WSGI app instead."""


async def _keep_date(state: ServerState) -> None:
    while True:
        state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        await asyncio.sleep(1)


def _bind(host: str, port: int, flag: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Two may bind, only one can listen: the port is ours from here on, and who connects early waits.
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ServerError(f"cannot listen on {host} port {port}: {reason}; choose another with {flag}") from None
    listener.setblocking(False)
    return listener


def _close_all(sockets: list[socket.socket]) -> None:
    for listener in sockets:
        listener.close()


def _on_signal(loop: asyncio.AbstractEventLoop, number: int, callback: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, callback)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(callback))


def _runner() -> Callable[..., None]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    run: Callable[..., None] = uvloop.run
    return run
