"""Whom a request to the control API is about: vendors and workspaces, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from lookalike.control.parsing import ControlQuery
from lookalike.control.refusal import Refusal
from lookalike.credentials import WORKSPACE_NAME, WORKSPACE_RULE
from lookalike.sandbox import Sandbox
from lookalike.vendor import Vendor
from lookalike.workspace import Workspace


class Scope(ControlQuery):
    """What lists of all vendors and workspaces may be narrowed down to; both members are globs."""

    vendor: str = "*"
    workspace: str = "*"

    def concerned(self, sandbox: Sandbox) -> list[Workspace]:
        """The workspaces of that name."""
        return concerned(sandbox, self.workspace)


def concerned(sandbox: Sandbox, glob: str) -> list[Workspace]:
    """The workspaces whose names fit."""
    return [found for found in list(sandbox.workspaces.values()) if fnmatchcase(found.name, glob)]


def up_to_date(workspaces: Sequence[Workspace]) -> Sequence[Workspace]:
    """The same, after all is done that has fallen due there. Raises Overdue."""
    for workspace in workspaces:
        with workspace.unit():
            workspace.due.run()
    return workspaces


def served(sandbox: Sandbox, name: str, status: int = 400) -> Vendor:
    """The vendor of that name. Raises Refusal."""
    vendor = sandbox.vendors.get(name)
    if vendor is None:
        raise Refusal(status, f"Vendor {name!r} is not served here: use {' or '.join(sandbox.vendors)}.")
    return vendor


def existing(sandbox: Sandbox, name: str) -> Workspace:
    """The workspace of that name, which has been used before. Raises Refusal."""
    workspace = sandbox.workspaces.get(name)
    if workspace is None:
        raise Refusal(404, f"There is no workspace {name!r}: GET /_lookalike/workspaces lists them.")
    return workspace


def check_workspace_name(name: str | None) -> str | None:
    """The name as it is; raises ValueError for one that no credential could carry."""
    if name is not None and not WORKSPACE_NAME.fullmatch(name):
        raise ValueError(WORKSPACE_RULE)
    return name
