"""`lookalike runs`: what vendors did by themselves."""

from __future__ import annotations

from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show, table


@click.command()
@click.option("--vendor", metavar="GLOB", help="Only this vendor.")
@click.option("--workspace", metavar="GLOB", help="Only this workspace.")
@click.option("--kind", metavar="GLOB", help="Only workflows, campaigns or broadcasts, say.")
@click.option("--name", metavar="GLOB", help="Only what has this name.")
@click.option("--contact", metavar="ADDRESS", help="Only what ran for this address or id.")
@click.option("--limit", type=click.IntRange(1), help="Show at most so many, the newest first (100).")
@click.option("--clear", is_flag=True, help="Forget them instead of showing them.")
@json_option
def runs(clear: bool, as_json: bool, **filters: Any) -> None:
    """Show what ran by itself (workflows, campaigns, broadcasts) and what it sent, or forget it."""
    if clear:
        if filters.pop("limit") is not None:
            raise Failure("--limit is for showing: leave it out with --clear.")
        answer = ask("DELETE", "/runs", query=filters)
        show(answer, as_json, lambda: [f"removed {answer['deleted']}"])
        return
    answer = ask("GET", "/runs", query=filters)
    show(answer, as_json, lambda: table(map(_row, answer["runs"]), "nothing ran"))


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
