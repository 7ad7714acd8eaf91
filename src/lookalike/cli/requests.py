"""`lookalike requests`: what was asked and answered."""

from __future__ import annotations

from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show, table


@click.command()
@click.option("--vendor", metavar="GLOB", help="Only this vendor.")
@click.option("--workspace", metavar="GLOB", help="Only this workspace.")
@click.option("--operation", metavar="GLOB", help="Only this operation, as 'lookalike coverage' names it.")
@click.option("--method", metavar="GLOB", help="Only this HTTP method.")
@click.option("--path", metavar="GLOB", help="Only this path, as on the vendor's own host.")
@click.option("--status", metavar="STATUS", help="Only this status: 200, or 4xx for all of a kind.")
@click.option("--text", metavar="TEXT", help="Only those with this text in the path, the query or a body.")
@click.option("--unimplemented", is_flag=True, default=None, help="Only those answered with 501.")
@click.option("--since", metavar="ID", help="Only those after the request of this id.")
@click.option("--limit", type=click.IntRange(1), help="Show at most so many, the newest first (100).")
@click.option("--clear", is_flag=True, help="Forget them instead of showing them.")
@json_option
def requests(clear: bool, as_json: bool, **filters: Any) -> None:
    """Show the journal, or forget it."""
    if clear:
        if filters.pop("limit") is not None:
            raise Failure("--limit is for showing: leave it out with --clear.")
        gone = ask("DELETE", "/requests", query=filters)
        show(gone, as_json, lambda: [f"removed {gone['deleted']}"])
        return
    answer = ask("GET", "/requests", query=filters)
    show(answer, as_json, lambda: table(map(_row, answer["requests"]), "no requests"))


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
