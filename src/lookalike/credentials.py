"""What a credential says: which workspace it leads to, and whether it is good."""

from __future__ import annotations

import re
from collections.abc import Collection

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.vendor import Vendor

DEFAULT_WORKSPACE = "default"
WORKSPACE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WORKSPACE_RULE = "a workspace's name has 1 to 64 letters, digits, dots, dashes and underscores"
MAGIC = ("invalid", "restricted")
"""What a credential may hold to be refused as a bad one, or as one without permission."""


def workspace_name(call: Call) -> str:
    """The workspace that a call asks for, by header or by the tag of its key; it may be no name at all."""
    name = call.header("X-Lookalike-Workspace")
    if name is None and call.key is not None:
        name = call.key.rpartition("~")[2] if "~" in call.key else None
    return name or DEFAULT_WORKSPACE


class Credentials:
    """Which keys a server takes: only the `strict` ones, or any that is well-formed (None)."""

    def __init__(self, strict: Collection[str] | None) -> None:
        self._strict = strict

    def check(self, call: Call) -> None:
        """Let in who may do this. Raises the Problem of its key, or of what the key may not do."""
        refusal = call.notes.get("refusal")
        if refusal is not None:
            raise refusal
        key = call.key or ""
        if MAGIC[0] in key or (self._strict is not None and key not in self._strict):
            raise Problem("unauthorized", reason="unknown")
        call.restricted = MAGIC[1] in key
        call.vendor.permit(call)

    def sample(self, vendor: Vendor, workspace: str = DEFAULT_WORKSPACE) -> str | None:
        """A credential of a vendor that works in a workspace, or None where the strict keys hold none."""
        if self._strict is None:
            return vendor.sample_key if workspace == DEFAULT_WORKSPACE else f"{vendor.sample_key}~{workspace}"
        tagged = ((key, key.rpartition("~")[2] if "~" in key else "") for key in sorted(self._strict))
        fitting = (key for key, tag in tagged if (tag or DEFAULT_WORKSPACE) == workspace)
        return next((key for key in fitting if _is_well_formed(vendor, key)), None)


def _is_well_formed(vendor: Vendor, key: str) -> bool:
    path = f"{vendor.base_path}/"
    name, value = vendor.key_header(key, path)
    header = f"HTTP_{name.upper().replace('-', '_')}"
    try:
        return vendor.read_key(Call({"REQUEST_METHOD": "GET", header: value}, vendor, "", path)) == key
    except Problem:
        return False
