"""`redis://HOST:PORT/DB`: one sandbox for several servers, which keep what they know of it in step through Redis.

Each server has the documents of a workspace in memory, as every store has, and takes in what others have written
before it acts (`Store.sync`). What a unit wrote goes to Redis by one script that changes everything or nothing, and
only if nobody has written since: else the unit is undone and, where it can be, done again. Units that cannot be done
again take the workspace's lock in Redis first. Every key of a workspace carries the same hash tag, so that Redis
Cluster keeps them together.
"""

from __future__ import annotations

from lookalike.stores.shared.store import SharedStore

__all__ = ["SharedStore"]
