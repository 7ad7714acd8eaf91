"""Real redis-servers on loopback: one alone, and a cluster of three."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from scripts import redis as installed

SLOTS = 16384
_PATIENCE = 20.0


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def redis_server(folder: Path, *options: str, port: int | None = None) -> Iterator[int]:
    """A server that keeps nothing on disk; its port."""
    command, environment = installed.command()
    port = port or _free_ports(1)[0]
    bare = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with (folder / f"redis-{port}.log").open("ab") as log:
        process = subprocess.Popen([*command, *bare, *options], env=environment, stdout=log, stderr=log)
    try:
        with Redis(port=port) as client:
            _until(client.ping)
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def redis_cluster(folder: Path) -> Iterator[list[int]]:
    """Three servers that share the slots; their ports."""
    with ExitStack() as stack:
        ports = [stack.enter_context(_node(folder)) for _ in range(3)]
        clients = [stack.enter_context(Redis(port=port)) for port in ports]
        for number, client in enumerate(clients):
            first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for port in ports[1:]:
            bus = _bus_of(clients[ports.index(port)])
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
        for client in clients:
            _until(lambda client=client: _is_whole(client))
        yield ports


@contextmanager
def _node(folder: Path) -> Iterator[int]:
    port, bus = _free_ports(2)
    own = folder / f"node-{port}"
    own.mkdir()
    options = ("--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-node-timeout", "5000")
    with redis_server(own, *options, port=port) as running:
        yield running


def _bus_of(client: Redis) -> int:
    return int(client.config_get("cluster-port")["cluster-port"])


def _is_whole(client: Redis) -> bool:
    told = client.execute_command("CLUSTER", "INFO")
    state = told if isinstance(told, dict) else dict(line.split(":") for line in told.decode().split())
    return state["cluster_state"] == "ok" and int(state["cluster_known_nodes"]) == 3


def _until(holds: object) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if holds():  # type: ignore[operator]
                return
        except RedisError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("redis-server does not come up")
        time.sleep(0.02)  # another process starts: there is nothing to wait on but its port
