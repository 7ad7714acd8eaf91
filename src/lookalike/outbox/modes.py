"""What may go wrong with webhooks on purpose, told for one subscription, or all (`*`) of a vendor, in a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from lookalike.outbox.sender import Outgoing
from lookalike.stores import Resource

if TYPE_CHECKING:
    from lookalike.workspace import Workspace

MODES = Resource("webhook_modes", indexes=("vendor",))
"""`{"id": "<vendor>/<subscription>", "vendor", "subscription"}` and the members of `Modes`."""

EVERY = "*"
"""Stands for every subscription of a vendor that has no modes of its own."""


@dataclass(frozen=True, slots=True)
class Modes:
    """How a subscription's webhooks misbehave; as here they do not.

    `duplicate`: each is sent so many times more. `out_of_order`: of two, the second goes first. `delayed`: the first
    attempt comes so many seconds late. `bad_signature`: the signature does not fit. `stale_timestamp`: signed,
    properly, for so many seconds ago. `never`: they are kept and not sent.
    """

    duplicate: int = 0
    out_of_order: bool = False
    delayed: float = 0.0
    bad_signature: bool = False
    stale_timestamp: float = 0.0
    never: bool = False

    def named(self) -> list[str]:
        """The names of those in force."""
        return [field.name for field in fields(self) if getattr(self, field.name)]


NONE = Modes()


def modes_of(workspace: Workspace, vendor: str, subscription: str) -> Modes:
    """The modes in force for a subscription."""
    collection = workspace.own(MODES)
    found = collection.get(f"{vendor}/{subscription}") or collection.get(f"{vendor}/{EVERY}")
    return NONE if found is None else _read(found)


def set_modes(workspace: Workspace, vendor: str, subscription: str, modes: Modes) -> None:
    """Put modes in force. Call it in a unit."""
    collection = workspace.own(MODES)
    names = {"id": f"{vendor}/{subscription}", "vendor": vendor, "subscription": subscription}
    collection.put({**names, **asdict(modes)})


def drop_modes(workspace: Workspace, vendor: str, subscription: str) -> None:
    """Have a subscription's webhooks behave again. Call it in a unit."""
    workspace.own(MODES).delete(f"{vendor}/{subscription}")


def all_modes(workspace: Workspace) -> Iterator[tuple[str, str, Modes]]:
    """Vendor, subscription and modes of all that are in force."""
    for document in workspace.own(MODES).scan():
        yield document["vendor"], document["subscription"], _read(document)


def _read(document: dict[str, Any]) -> Modes:
    return Modes(**{field.name: document[field.name] for field in fields(Modes)})


def spoil(outgoing: Outgoing, header: str) -> Outgoing:
    """The same request with a signature of the same form that does not fit."""
    headers = tuple(
        (name, _spoiled(value) if name.lower() == header.lower() else value) for name, value in outgoing.headers
    )
    return Outgoing(outgoing.url, headers, outgoing.body)


def _spoiled(signature: str) -> str:
    # What comes before the last separator may say how it was made: `v1,`, `sha256=`. Base64 ends in signs of equality.
    body = signature.rstrip("=")
    start = max(body.rfind(","), body.rfind("=")) + 1
    spoiled = "".join("1" if digit == "0" else "0" for digit in body[start : start + 8])
    return body[:start] + spoiled + signature[start + len(spoiled) :]
