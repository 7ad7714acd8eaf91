"""Groups whose members follow from a rule: segments, dynamic lists.

A vendor declares in `Vendor.living` where it keeps such groups and their members. A group document holds `tree` (a
condition tree, see `lookalike.conditions`), put there by `define`; groups without one are the vendor's own affair.
Which groups a member is in is kept in the member, so that members and counts cost nothing to ask for:

    assign     before a member is put: judges what depends on the change, for that member alone; `assign_new` does
               so for any number of new ones
    rebuild    after a group was made or its rule changed: judges everybody, in pieces where there are many
    forget     after a group was deleted: takes it away from its members

What changes with time alone is judged when the clock gets there (`Rechecks`). A member document gains, as soon as there
is a rule, the object `living`:

    recheck_at    epoch seconds of the next instant at which a group may change without a write, or None
    made          epoch seconds of the member's creation, None if that was before any rule
    past          the last passages, a text each: epoch seconds|ids entered|ids left|keys that changed
    pending       passages that were judged but do not show yet, because membership lags

Groups may depend on each other, but not in a circle.
"""

from __future__ import annotations

from lookalike.living.declaration import RECHECKS, RULED, Living, recheck_of
from lookalike.living.history import Event, passages, pending
from lookalike.living.judging import Standing, assign, assign_new
from lookalike.living.rebuilding import doubt, doubt_all, forget, rebuild, rebuild_now, resume
from lookalike.living.rechecks import Rechecks, catch_up
from lookalike.living.rulebook import GroupRule, Rulebook, define, rulebook

__all__ = [
    "RECHECKS",
    "RULED",
    "Event",
    "GroupRule",
    "Living",
    "Rechecks",
    "Rulebook",
    "Standing",
    "assign",
    "assign_new",
    "catch_up",
    "define",
    "doubt",
    "doubt_all",
    "forget",
    "passages",
    "pending",
    "rebuild",
    "rebuild_now",
    "recheck_of",
    "resume",
    "rulebook",
]
