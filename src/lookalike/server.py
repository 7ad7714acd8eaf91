"""Runs the app: in the foreground, or in a thread on a free port."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uvicorn import Config
from uvicorn.server import ServerState

from lookalike.app import create_app
from lookalike.edge import EdgeProtocol
from lookalike.environment import Address
from lookalike.sandbox import Sandbox
from lookalike.serving import Witness
from lookalike.settings import Settings
from lookalike.vigil import Vigil, has_cores

if TYPE_CHECKING:
    from ssl import SSLContext

    from lookalike.proxy import Proxy

PROXY_HOST = "127.0.0.1"
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
TLS_SHUTDOWN_SECONDS = 5
"""How long a client may take to say goodbye in TLS before its connection is cut."""

THREADS = 64
"""How many requests may be answered in threads at a time; half of them can be waiting ones."""

_LAST_ROUNDS = 0.01
_GC_THRESHOLDS = (50_000, 20, 1_000)
_SWITCH_SECONDS = 0.001


class ServerError(Exception):
    """A server that cannot start; the message is one sentence for the user."""


class Server:
    """One sandbox on its sockets. `start` serves in a thread, `run` in the foreground until SIGINT or SIGTERM."""

    def __init__(self, settings: Settings, witness: Witness | None = None) -> None:
        self.settings = settings
        self.sandbox = Sandbox(settings, witness)
        self.app = create_app(sandbox=self.sandbox)
        self.ports: dict[int, str] = {}
        self.ca: Path | None = None
        """The certificate of the authority that clients of the TLS port have to trust."""
        self._tls_socket: socket.socket | None = None
        self._proxy_socket: socket.socket | None = None
        try:
            self._context = self._trusted()
            self._sockets = self._listen()
        except ServerError:
            self.sandbox.store.close()  # so that the next one may have it
            raise
        self.port = _port(self._sockets[0])
        self.tls_port = _port(self._tls_socket) if self._tls_socket is not None else None
        self.proxy_port = _port(self._proxy_socket) if self._proxy_socket is not None else None
        self.proxy = self._make_proxy()
        self.sandbox.urls = self.urls()
        self.sandbox.address = self.address()
        self._state = ServerState()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where lookalike itself is: `http://127.0.0.1:7357`."""
        return f"http://{self._shown_host}:{self.port}"

    @property
    def tls_url(self) -> str | None:
        """The same with TLS: `https://127.0.0.1:7443`; None without a TLS port."""
        return f"https://{self._shown_host}:{self.tls_port}" if self.tls_port is not None else None

    @property
    def proxy_url(self) -> str | None:
        """Where the proxy is, if there is one."""
        return f"http://{PROXY_HOST}:{self.proxy_port}" if self.proxy_port is not None else None

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

    def address(self) -> Address:
        """Where all of it is."""
        return Address(self.url, self.tls_url, str(self.ca) if self.ca else None, self.proxy_url)

    def _trusted(self) -> SSLContext | None:
        """What the TLS port shows; the proxy brings the vendors' https here, and so needs the port as well."""
        if self.settings.tls_port is None and self.settings.proxy_port is None:
            return None
        from lookalike.certificates import LOCAL_NAMES, Authority, CertificateError

        vendors = self.sandbox.vendors.values()
        names = [*LOCAL_NAMES, self._shown_host.strip("[]")]
        # OpenSSL takes no wildcard right below the root: *.localhost alone would not do.
        names += [host for vendor in vendors for host in (f"{vendor.name}.localhost", *vendor.hosts)]
        try:
            authority = Authority(self.settings.ca_folder)
        except CertificateError as error:
            raise ServerError(str(error)) from None
        self.ca = authority.certificate
        return authority.server_context(dict.fromkeys(names))

    def _listen(self) -> list[socket.socket]:
        sockets: list[socket.socket] = []

        def listen(host: str, port: int, flag: str) -> socket.socket:
            sockets.append(_bind(host, port, flag))
            return sockets[-1]

        host, settings = self.settings.host, self.settings
        try:
            listen(host, settings.port, "--port")
            for offset, name in enumerate(self.sandbox.vendors if settings.ports is not None else ()):
                port = (settings.ports or 0) + offset
                listen(host, port, "--ports")
                self.ports[port] = name
            if self._context is not None:
                self._tls_socket = listen(host, settings.tls_port or 0, "--tls-port")
            if settings.proxy_port is not None:
                self._proxy_socket = listen(PROXY_HOST, settings.proxy_port, "--proxy-port")
        except ServerError:
            _close_all(sockets)
            raise
        return sockets

    def _make_proxy(self) -> Proxy | None:
        if self.tls_port is None or self.proxy_port is None:
            return None
        from lookalike.proxy import Proxy
        from lookalike.upstream import find_upstream

        host = self._shown_host.strip("[]")
        hosts = [host for vendor in self.sandbox.vendors.values() for host in vendor.hosts]
        plain, tls = (host, self.port), (host, self.tls_port)
        return Proxy(hosts, plain, tls, block_others=self.settings.block_others, find_upstream=find_upstream)

    def _prepare(self) -> None:
        try:
            self.sandbox.prepare()
        except BaseException:
            _close_all(self._sockets)
            self.sandbox.store.close()
            raise

    def run(self, when_ready: Callable[[Server], None]) -> None:
        """Serve until a signal says stop; `when_ready` is called once listening and seeded."""
        self._prepare()
        self._tune()
        _runner()(self._serve(lambda: when_ready(self), foreground=True))

    def start(self) -> Server:
        """Serve in a thread; returns when ready."""
        self._prepare()
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: _runner()(self._serve(ready.set, foreground=False)), name="lookalike", daemon=True
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

    async def _serve(self, ready: Callable[[], Any], *, foreground: bool) -> None:
        self._loop, stop = asyncio.get_running_loop(), asyncio.Event()
        self._stop = stop
        # Lengthy work: as many may wait for something as `POST wait` lets, and others go on.
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, "lookalike-work"))
        vigil = Vigil(self._loop.call_soon) if foreground and self._may_stay_awake() else None
        if foreground:
            for number in (signal.SIGINT, signal.SIGTERM):
                _on_signal(self._loop, number, self._stop.set)
        config = Config(_never, interface="asgi3", ws="none", lifespan="off", log_config=None, access_log=False)
        config.timeout_keep_alive = KEEP_ALIVE_SECONDS
        config.load()
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        state = self._state
        ticker = asyncio.ensure_future(_keep_date(state))

        def protocol() -> EdgeProtocol:
            uvicorn = {"config": config, "server_state": state, "app_state": {}, "_loop": self._loop}
            return EdgeProtocol(self.app, self.ports, stop.is_set, vigil, **uvicorn)

        servers = [
            await self._loop.create_server(protocol, sock=listener, backlog=BACKLOG, **self._secured(listener))
            for listener in self._sockets
            if listener is not self._proxy_socket
        ]
        if self.proxy is not None and self._proxy_socket is not None:
            await self.proxy.start(self._proxy_socket)
        try:
            ready()
            await self._stop.wait()
        finally:
            await self._close(servers, state, ticker)

    def _may_stay_awake(self) -> bool:
        """Not at the cost of clients that have no other core, or of other servers on the same store.

        In a thread it is not asked: others there may be the clients.
        """
        return has_cores() and not self.sandbox.store.shared

    def connections(self) -> list[Any]:
        """The edge's connections that are open now."""
        return list(self._state.connections)

    def _secured(self, listener: socket.socket) -> dict[str, Any]:
        if listener is not self._tls_socket:
            return {}
        return {"ssl": self._context, "ssl_shutdown_timeout": TLS_SHUTDOWN_SECONDS}

    async def _close(self, servers: list[asyncio.Server], state: ServerState, ticker: asyncio.Future[None]) -> None:
        for server in servers:
            server.close()
        if self.proxy is not None:
            await self.proxy.close()
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
    def _tune() -> None:
        # What was loaded so far stays; walking it again and again shows as the slowest percent of requests.
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        gc.enable()
        # While lengthy work goes on in a thread, a request waits so long whenever it comes to run.
        sys.setswitchinterval(_SWITCH_SECONDS)


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
        if isinstance(error, socket.gaierror) or error.args[0] == errno.EADDRNOTAVAIL:
            flag = "--host"
        raise ServerError(f"cannot listen on {host} port {port}: {reason}; choose another with {flag}") from None
    listener.setblocking(False)
    return listener


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


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
