"""Redis as a fixture: servers that a test session starts when the first test asks, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def _emptied(*ports: int) -> None:
    from redis import Redis

    for port in ports:
        with Redis(port=port) as client:
            client.flushall()


@pytest.fixture
def redis_url(running_redis: int) -> str:
    """An empty Redis."""
    _emptied(running_redis)
    return f"redis://127.0.0.1:{running_redis}/0"


@pytest.fixture
def cluster_url(running_cluster: Any) -> str:
    """An empty Redis Cluster of three."""
    _emptied(*running_cluster)
    return f"redis://127.0.0.1:{running_cluster[0]}/0"
