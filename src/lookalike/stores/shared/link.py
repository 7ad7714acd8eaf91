"""The connection to Redis: its scripts as methods, its troubles as `Unreachable`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import AuthenticationError, RedisClusterException, RedisError
from redis.retry import Retry

from lookalike.clock import monotonic
from lookalike.stores import StoreError, Unwritable
from lookalike.stores.shared import scripts

TIMEOUT = 2.0
"""Seconds within which Redis has to answer. A server does nothing else meanwhile."""

QUIET = 0.5
"""Seconds for which Redis is not tried again once it could not be reached, so that callers are refused at once."""

NAMES = "lookalike:workspaces"
"""The set of all workspaces' names."""


class Unreachable(Unwritable):
    """Redis does not answer, or not as it should."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, "unavailable")


class Link:
    """One Redis, or a Redis Cluster of which `url` names a node. Threads may share it."""

    def __init__(self, url: str) -> None:
        self._shown = _without_password(url)
        self._quiet_until = 0.0
        self.trouble: str | None = None
        """Why Redis could not be reached when it was tried last; None while all is well."""
        try:
            _check(url)
            self._redis: Any = Redis.from_url(url, **_OPTIONS)
            if self._redis.info("cluster").get("cluster_enabled"):
                self._redis.close()
                self._redis = RedisCluster.from_url(url, **_OPTIONS)
            version = _version(self._redis)
        except (*_TROUBLES, ValueError) as error:
            raise StoreError(f"store {self._shown} cannot be used: {_reason(error)}") from None
        except TypeError as error:  # of what connections are made with
            raise StoreError(f"store {self._shown} has an option that is none: {_reason(error)}") from None
        if version < (6, 2):
            raise StoreError(f"store {self._shown} is Redis {version[0]}.{version[1]}: use 6.2 or newer")
        self.take = self._script(scripts.TAKE)
        self.read = self._script(scripts.READ)
        self.write = self._script(scripts.WRITE)
        self.append = self._script(scripts.APPEND)
        self.claim = self._script(scripts.CLAIM)
        self.stay = self._script(scripts.STAY)
        self.release = self._script(scripts.RELEASE)

    def _script(self, text: str) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        script = self._redis.register_script(text)

        def run(keys: Sequence[str], arguments: Sequence[Any]) -> Any:
            with self._reaching():
                return script(keys, arguments)

        return run

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of some keys, of whatever workspaces. Raises Unreachable."""
        if not keys:
            return []
        if not isinstance(self._redis, RedisCluster):
            return self("MGET", *keys)  # type: ignore[no-any-return]  # as Redis has it
        with self._reaching():
            pipeline = self._redis.pipeline(transaction=False)  # type: ignore[no-untyped-call]  # redis has no type here
            for key in keys:
                pipeline.get(key)
            found: list[bytes | None] = pipeline.execute()
            return found

    def __call__(self, *command: Any) -> Any:
        """One command. Raises Unreachable."""
        with self._reaching():
            return self._redis.execute_command(*command)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        if self.trouble is not None and monotonic() < self._quiet_until:
            raise Unreachable(self.trouble)
        try:
            yield
        except _TROUBLES as error:
            self._quiet_until = monotonic() + QUIET
            self.trouble = f"The store {self._shown} cannot be reached: {_reason(error)}."
            raise Unreachable(self.trouble) from None
        self.trouble = None

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()


_TROUBLES = (RedisError, RedisClusterException, OSError)
"""What a client raises; that of a cluster none of whose nodes can be reached is no RedisError."""

_OPTIONS: dict[str, Any] = {
    "socket_timeout": TIMEOUT,
    "socket_connect_timeout": TIMEOUT,
    # A connection that Redis closed is opened once more; what was written twice is refused by its version.
    "retry": Retry(NoBackoff(), 1),
}


def _version(redis: Any) -> tuple[int, ...]:
    told = redis.info("server")
    shown = told.get("redis_version") or next(iter(told.values()))["redis_version"]
    return tuple(int(part) for part in shown.split(".")[:2])


def _check(url: str) -> None:
    """Raises ValueError for a database that would be taken for 0."""
    parts = urlsplit(url)
    database = parts.path.removeprefix("/")
    if parts.scheme != "unix" and database and not database.isdecimal():
        raise ValueError(f"database {database!r} is no number, as 0 is")


def _reason(error: Exception) -> str:
    if isinstance(error, AuthenticationError) and "HELLO" in str(error):
        return "it wants a password: redis://:PASSWORD@HOST:PORT/DB"
    return (str(error) or type(error).__name__).rstrip(".")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
