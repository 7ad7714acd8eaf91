"""A workspace's state in a store, where nothing else is written."""

from __future__ import annotations

from typing import Any

from lookalike.stores import Store


def keep_state(store: Store, workspace: str, state: dict[str, Any]) -> None:
    """As the end of a unit keeps it; a store where nothing lasts keeps none."""
    if store.keeps:
        store.begin(workspace).commit(state)
