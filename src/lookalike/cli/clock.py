"""`lookalike clock`: see and move time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.output import json_option, show, table


def _of_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--workspace", metavar="NAME", help="Only this workspace; without it all.")(command)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def clock(ctx: click.Context, as_json: bool) -> None:
    """See and move time."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show_clock, as_json=as_json)


@clock.command("show")
@_of_workspace
@json_option
def show_clock(as_json: bool, workspace: str | None = None) -> None:
    """Show what time it is."""
    answer = ask("GET", "/clock", query={"workspace": workspace})
    show(answer, as_json, lambda: _lines(answer))


@clock.command("freeze")
@click.argument("instant", required=False)
@_of_workspace
@json_option
def freeze_clock(instant: str | None, workspace: str | None, as_json: bool) -> None:
    """Stand still at INSTANT (2026-01-01T00:00:00Z), or right now."""
    _change({"freeze": instant or True}, workspace, as_json)


@clock.command("advance")
@click.argument("duration")
@_of_workspace
@json_option
def advance_clock(duration: str, workspace: str | None, as_json: bool) -> None:
    """Move on by DURATION (8d, 1h30m, 250ms); returns when all that fell due is done."""
    _change({"advance": duration}, workspace, as_json)


@clock.command("resume")
@_of_workspace
@json_option
def resume_clock(workspace: str | None, as_json: bool) -> None:
    """Go back to real time."""
    _change({"resume": True}, workspace, as_json)


def _change(change: dict[str, Any], workspace: str | None, as_json: bool) -> None:
    answer = ask("POST", "/clock", change if workspace is None else {**change, "workspace": workspace})
    show(answer, as_json, lambda: _lines(answer))


def _lines(answer: dict[str, Any]) -> list[str]:
    if "workspace" in answer:
        return table([_row(answer["workspace"], answer["clock"])], "")
    clocks = [("new workspaces", answer["clock"]), *answer["workspaces"].items()]
    return table([_row(name, state) for name, state in clocks], "")


def _row(name: str, state: dict[str, Any]) -> tuple[str, str, str]:
    moved = "real time" if not state["shift"] else f"{state['shift']:+g} s"
    return name, state["now"], "frozen" if state["frozen"] else moved
