"""`lookalike requests`: what was asked and answered."""

from __future__ import annotations

from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.lists import LIMIT, VENDOR, WORKSPACE, filters, forget, list_alone
from lookalike.cli.output import json_option, show, table

_filtered = filters(
    VENDOR,
    WORKSPACE,
    click.option("--operation", metavar="GLOB", help="Only this operation, as 'lookalike coverage' names it."),
    click.option("--method", metavar="GLOB", help="Only this HTTP method."),
    click.option("--path", metavar="GLOB", help="Only this path, as on the vendor's own host."),
    click.option("--status", metavar="STATUS", help="Only this status: 200, or 4xx for all of a kind."),
    click.option("--text", metavar="TEXT", help="Only those with this text in the path, the query or a body."),
    click.option("--unimplemented", is_flag=True, default=None, help="Only those answered with 501."),
    click.option("--since", metavar="ID", help="Only those after the request of this id."),
)


@click.group(invoke_without_command=True)
@_filtered
@LIMIT
@json_option
@click.pass_context
def requests(ctx: click.Context, /, **chosen: Any) -> None:
    """Show the journal, or forget it."""
    list_alone(ctx, list_requests, **chosen)


@requests.command("list")
@_filtered
@LIMIT
@json_option
def list_requests(as_json: bool, **chosen: Any) -> None:
    """Show the requests, newest first."""
    answer = ask("GET", "/requests", query=chosen)
    show(answer, as_json, lambda: table(map(_row, answer["requests"]), "no requests"))


@requests.command("clear")
@_filtered
@json_option
def clear_requests(as_json: bool, **chosen: Any) -> None:
    """Forget them."""
    forget("/requests", chosen, as_json=as_json)


def _row(entry: dict[str, Any]) -> tuple[Any, ...]:
    path = entry["path"] + (f"?{entry['query']}" if entry["query"] else "")
    return (
        entry["id"],
        entry["at"],
        entry["vendor"],
        entry["workspace"],
        entry["method"],
        path,
        entry["status"],
        f"{entry['ms']} ms",
        " ".join(entry["faults"]),
    )
