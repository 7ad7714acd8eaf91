"""`lookalike snapshot`: keep workspaces as they are, go back to that, hand it on as a file."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from lookalike.cli.connection import ask, part
from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show, table

_MOST_SENT = 12 * 1024 * 1024
"""Bytes of a file that are sent; a larger one the server reads itself, for which it has to be on the same machine."""


def _path(name: str) -> str:
    return f"/snapshots/{part(name)}"


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def snapshot(ctx: click.Context, as_json: bool) -> None:
    """Keep workspaces as they are, and go back to that."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_snapshots, as_json=as_json)


@snapshot.command("list")
@json_option
def list_snapshots(as_json: bool) -> None:
    """List the snapshots."""
    answer = ask("GET", "/snapshots")
    rows = [(kept["name"], kept["made_at"], ", ".join(kept["workspaces"])) for kept in answer["snapshots"]]
    show(answer, as_json, lambda: table(rows, "no snapshots"))


@snapshot.command("save")
@click.argument("name")
@click.option("--workspace", metavar="NAME", help="Only this workspace; without it all.")
@json_option
def save_snapshot(name: str, workspace: str | None, as_json: bool) -> None:
    """Keep all workspaces as they are now, under NAME."""
    answer = ask("PUT", _path(name), {} if workspace is None else {"workspace": workspace})
    show(answer, as_json, lambda: [f"saved {name}: {', '.join(answer['workspaces'])}"])


@snapshot.command("load")
@click.argument("name")
@click.option("--workspace", metavar="NAME", help="Only this workspace; without it all that are in it.")
@json_option
def load_snapshot(name: str, workspace: str | None, as_json: bool) -> None:
    """Go back to the snapshot NAME."""
    answer = ask("POST", f"{_path(name)}/restore", {} if workspace is None else {"workspace": workspace})
    show(answer, as_json, lambda: [f"back to {name}: {', '.join(answer['workspaces'])}"])


@snapshot.command("export")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@json_option
def export_snapshot(name: str, file: str, as_json: bool) -> None:
    """Write the snapshot NAME to FILE (- for standard output)."""
    answer = ask("GET", _path(name))
    if file == "-":
        show(answer, True, list)
        return
    try:
        with open(file, "w", encoding="utf-8") as out:
            out.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.") from None
    told = {"name": answer["name"], "file": file, "workspaces": list(answer["workspaces"])}
    show(told, as_json, lambda: [f"wrote {name} to {file}"])


@snapshot.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False))
@json_option
def import_snapshot(name: str, file: str, as_json: bool) -> None:
    """Take in FILE, which an export or --snapshot-on-exit wrote, under NAME; `load` goes back to it."""
    answer = ask("PUT", _path(name), _told(file))
    show(answer, as_json, lambda: [f"took in {name}: {', '.join(answer['workspaces'])}"])


def _told(file: str) -> Any:
    try:
        if os.path.getsize(file) > _MOST_SENT:
            return {"file": os.path.abspath(file)}
        with open(file, encoding="utf-8") as text:
            told = json.load(text)
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise Failure(f"{file} is not JSON.") from None
    if not isinstance(told, dict) or "lookalike" not in told:
        raise Failure(f"{file} is no snapshot of lookalike.")
    return told


@snapshot.command("remove")
@click.argument("name")
@json_option
def remove_snapshot(name: str, as_json: bool) -> None:
    """Forget the snapshot NAME."""
    answer = ask("DELETE", _path(name))
    show(answer, as_json, lambda: [f"removed {name}"])
