"""`lookalike messages`: what the sandbox "sent"."""

from __future__ import annotations

from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.output import json_option, show, table


@click.command()
@click.option("--vendor", metavar="GLOB", help="Only this vendor.")
@click.option("--workspace", metavar="GLOB", help="Only this workspace.")
@click.option("--recipient", metavar="ADDRESS", help="Only those to this address.")
@click.option("--subject", metavar="GLOB", help="Only this subject.")
@click.option("--limit", type=click.IntRange(1), help="Show at most so many, the newest first (100).")
@json_option
def messages(as_json: bool, **filters: Any) -> None:
    """Show the messages that the sandbox "sent"."""
    answer = ask("GET", "/messages", query=filters)
    show(answer, as_json, lambda: table(map(_row, answer["messages"]), "no messages"))


def _row(message: dict[str, Any]) -> tuple[Any, ...]:
    recipients = ", ".join(message["to"])
    return (
        message["created_at"],
        message["vendor"],
        message["workspace"],
        recipients,
        message.get("subject"),
        message["id"],
    )
