"""Redis as a fixture: servers that a test session starts when the first test asks, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.redis import missing
from tests.lacking import lacking


def _folder(factory: pytest.TempPathFactory, name: str) -> Path:
    reason = missing()
    if reason is not None:
        lacking(reason)
    return factory.mktemp(name)


@pytest.fixture(scope="session")
def running_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    from tests.redis_servers import redis_server

    with redis_server(_folder(tmp_path_factory, "redis")) as port:
        yield port


@pytest.fixture(scope="session")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    from tests.redis_servers import redis_cluster

    with redis_cluster(_folder(tmp_path_factory, "cluster")) as ports:
        yield ports


def empty(url: str) -> None:
    """Take everything out of a Redis, or out of one node of a cluster."""
    from redis import Redis

    with Redis.from_url(url) as client:
        client.flushall()


def _url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def redis_url(running_redis: int) -> str:
    """An empty Redis."""
    empty(_url(running_redis))
    return _url(running_redis)


@pytest.fixture
def cluster_url(running_cluster: list[int]) -> str:
    """An empty Redis Cluster of three."""
    for port in running_cluster:
        empty(_url(port))
    return _url(running_cluster[0])
