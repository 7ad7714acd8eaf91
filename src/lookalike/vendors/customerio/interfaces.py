"""Which of Customer.io's interfaces a request is for. They share one prefix here, since no two paths collide."""

from __future__ import annotations

import re

from lookalike.call import Call

TRACK, ENTITY, APP, SEND, PIPELINES = "track", "entity", "app", "send", "pipelines"
"""Track v1, Track v2, App, the transactional sends of the App API (whose errors look different), and Pipelines."""

_PIPELINES = re.compile(r"/v1/(identify|track|page|screen|group|alias|batch)")
_STARTS = (("/api/v2/", ENTITY), ("/v1/send/", SEND), ("/v1/", APP))


def interface(call: Call) -> str:
    """One of the five; a path that belongs to none counts as Track."""
    if _PIPELINES.fullmatch(call.path):
        return PIPELINES
    for start, name in _STARTS:
        if call.path.startswith(start):
            return name
    return TRACK


def is_basic(path: str) -> bool:
    """Whether the interface behind a path wants Basic credentials rather than a Bearer token."""
    return not path.startswith("/v1/") or _PIPELINES.fullmatch(path) is not None


def is_strict(call: Call) -> bool:
    """Whether a Pipelines call asks for errors to be told, instead of 200 whatever happens."""
    return call.header("X-Strict-Mode") == "1"
