"""What vendors do by themselves: every run of a workflow, an automation, a campaign or a broadcast, and why it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lookalike.stores import Order, Resource

if TYPE_CHECKING:
    from lookalike.workspace import Workspace

Run = dict[str, Any]
"""id, vendor, kind (`workflow`, say), name, trigger (an object with a `type`), contact (an address or id, None where
it is for many), messages (ids of what it sent) and created_at."""

KEPT = 10_000
"""How many runs a workspace keeps."""


class CannotPlan(Exception):
    """A workflow that a test defines makes no sense; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What a workflow sends to whomever it runs for."""

    subject: str
    html: str | None = None
    text: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow that a test defines, for vendors whose public API cannot.

    `trigger` is in the vendor's own terms, as its API shows it.
    """

    name: str
    trigger: Mapping[str, Any]
    mail: Mail | None = None


RUNS = Resource(
    "runs", indexes=("vendor",), orders=(Order("newest", ("created_at", "number")), Order("kept", ("number",)))
)
"""`number` counts in the order in which they ran; it is not shown."""


def keep_run(workspace: Workspace, vendor: str, run: Run) -> str:
    """Put a run among the others, as of now; of too many those go that ran first. Its id."""
    runs = workspace.own(RUNS)
    last = runs.page("kept", limit=1, descending=True).documents
    number = last[0]["number"] + 1 if last else 1
    kept = {"id": f"run_{workspace.digits(f'run {number}')}", "vendor": vendor, **run}
    runs.put({**kept, "created_at": workspace.clock.iso(), "number": number})
    if runs.count() > KEPT:
        for oldest in runs.page("kept", limit=runs.count() - KEPT).ids:
            runs.delete(oldest)
    return str(kept["id"])
