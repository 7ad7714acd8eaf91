"""`lookalike runs`: what vendors did by themselves."""

from __future__ import annotations

from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.lists import LIMIT, VENDOR, WORKSPACE, filters, forget, list_alone
from lookalike.cli.output import json_option, show, table

_filtered = filters(
    VENDOR,
    WORKSPACE,
    click.option("--kind", metavar="GLOB", help="Only workflows, campaigns or broadcasts, say."),
    click.option("--name", metavar="GLOB", help="Only what has this name."),
    click.option("--contact", metavar="ADDRESS", help="Only what ran for this address or id."),
)


@click.group(invoke_without_command=True)
@_filtered
@LIMIT
@json_option
@click.pass_context
def runs(ctx: click.Context, /, **chosen: Any) -> None:
    """Show what ran by itself (workflows, campaigns, broadcasts) and what it sent, or forget it."""
    list_alone(ctx, list_runs, **chosen)


@runs.command("list")
@_filtered
@LIMIT
@json_option
def list_runs(as_json: bool, **chosen: Any) -> None:
    """Show what ran, newest first."""
    answer = ask("GET", "/runs", query=chosen)
    show(answer, as_json, lambda: table(map(_row, answer["runs"]), "nothing ran"))


@runs.command("clear")
@_filtered
@json_option
def clear_runs(as_json: bool, **chosen: Any) -> None:
    """Forget what ran; what it sent stays."""
    forget("/runs", chosen, as_json=as_json)


def _row(run: dict[str, Any]) -> tuple[Any, ...]:
    sent = f"{len(run['messages'])} sent"
    return (
        run["created_at"],
        run["vendor"],
        run["workspace"],
        run["kind"],
        run["name"],
        run["contact"],
        sent,
        run["id"],
    )
