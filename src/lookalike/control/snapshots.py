"""Snapshots: keep workspaces as they are, go back to that, hand it on as a file.

With a store that writes everything down that takes a while where there is much, so it is done in a thread.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import orjson
from pydantic import Field, field_validator, model_validator

from lookalike.answer import Answer, Lengthy, json_answer
from lookalike.control.parsing import ControlBody
from lookalike.control.refusal import Refusal
from lookalike.control.targets import check_workspace_name
from lookalike.credentials import WORKSPACE_NAME
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.snapshots import SnapshotError
from lookalike.stores.collection import Document

routes = Routes("snapshots")

NAME_RULE = "1 to 64 letters, digits, dots, dashes and underscores"


def _check_name(name: str) -> None:
    if not WORKSPACE_NAME.fullmatch(name):
        raise Refusal(400, f"Snapshot {name!r} cannot be: use {NAME_RULE}.")


def _told(kept: Document) -> dict[str, Any]:
    names = [one["name"] for one in kept["workspaces"]]
    return {"name": kept["id"], "made_at": kept["made_at"], "workspaces": names}


def _missing(sandbox: Sandbox, name: str) -> Refusal:
    names = ", ".join(kept["id"] for kept in sandbox.snapshots.all())
    advice = f"there are {names}" if names else "PUT it first"
    return Refusal(404, f"There is no snapshot {name!r}: {advice}.")


@routes.get("/snapshots")
def list_snapshots(sandbox: Sandbox) -> dict[str, Any]:
    """Every snapshot, by name: when it was taken and of which workspaces."""
    return {"snapshots": [_told(kept) for kept in sandbox.snapshots.all()]}


class SnapshotBody(ControlBody):
    """Either nothing or a `workspace`, to be kept as it is now; or what a download gave, to be taken in.

    Instead of the latter `file` may name a file with it on the server's machine, of any size.
    """

    LIMIT: ClassVar[int] = 15 * 1024 * 1024

    workspace: str | None = None
    file: str | None = Field(default=None, min_length=1)
    lookalike: dict[str, Any] | None = None
    name: str | None = None
    made_at: str | None = None
    workspaces: dict[str, Any] | None = None

    _check = field_validator("workspace")(check_workspace_name)

    @model_validator(mode="after")
    def _one_way(self) -> SnapshotBody:
        if sum(given is not None for given in (self.workspace, self.file, self.workspaces)) > 1:
            raise ValueError("send one of workspace, file and workspaces")
        return self


@routes.put("/snapshots/{name}", body=SnapshotBody)
def put_snapshot(sandbox: Sandbox, name: str, body: SnapshotBody) -> Lengthy:
    """Keep all workspaces, or one, as they are now; or take in what a download gave. Replaces one of that name."""
    _check_name(name)
    if body.workspaces is not None or body.lookalike is not None:
        return Lengthy(partial(_take_in, sandbox, name, body.model_dump(exclude_none=True)))
    if body.file is not None:
        return Lengthy(partial(_take_in_file, sandbox, name, body.file))
    return Lengthy(partial(_save, sandbox, name, body.workspace))


def _save(sandbox: Sandbox, name: str, workspace: str | None) -> dict[str, Any]:
    try:
        return _told(sandbox.snapshots.save(name, workspace))
    except KeyError:
        advice = "GET /_lookalike/workspaces lists them"
        raise Refusal(404, f"There is no workspace {workspace!r}: {advice}.") from None


def _take_in(sandbox: Sandbox, name: str, told: Any) -> dict[str, Any]:
    try:
        return _told(sandbox.snapshots.take_in(name, told))
    except SnapshotError as error:
        raise Refusal(400, f"The snapshot cannot be used: {error}.") from None


def _take_in_file(sandbox: Sandbox, name: str, path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            told = orjson.loads(file.read())
    except OSError as error:
        raise Refusal(400, f"Member 'file' cannot be used: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Member 'file' cannot be used: it is not JSON ({error}).") from None
    return _take_in(sandbox, name, told)


@routes.get("/snapshots/{name}")
def get_snapshot(sandbox: Sandbox, name: str) -> Lengthy:
    """The snapshot as a file: all its documents, to be taken in by PUT here or elsewhere."""
    return Lengthy(partial(_download, sandbox, name))


def _download(sandbox: Sandbox, name: str) -> Answer:
    try:
        answer = json_answer(200, sandbox.snapshots.data(name))
    except KeyError:
        raise _missing(sandbox, name) from None
    answer.headers.append(("Content-Disposition", f'attachment; filename="{name}.json"'))
    return answer


class RestoreBody(ControlBody):
    workspace: str | None = None

    _check = field_validator("workspace")(check_workspace_name)


@routes.post("/snapshots/{name}/restore", body=RestoreBody)
def restore_snapshot(sandbox: Sandbox, name: str, body: RestoreBody) -> Lengthy:
    """Go back to it: every workspace that is in it, or one of them. Others stay as they are."""
    return Lengthy(partial(_restore, sandbox, name, body.workspace))


def _restore(sandbox: Sandbox, name: str, workspace: str | None) -> dict[str, Any]:
    if sandbox.snapshots.get(name) is None:
        raise _missing(sandbox, name)
    try:
        return {"workspaces": sandbox.snapshots.restore(name, workspace)}
    except KeyError:
        raise Refusal(404, f"Snapshot {name!r} holds no workspace {workspace!r}: leave it out for all.") from None


@routes.delete("/snapshots/{name}")
def delete_snapshot(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """Forget it."""
    if not sandbox.snapshots.drop(name):
        raise _missing(sandbox, name)
    return {"deleted": name}
