"""What commands that list things share: options that say which of them, to show them or to forget them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.failure import Failure
from lookalike.cli.output import show

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

VENDOR = click.option("--vendor", metavar="GLOB", help="Only this vendor.")
WORKSPACE = click.option("--workspace", metavar="GLOB", help="Only this workspace.")
LIMIT = click.option("--limit", type=click.IntRange(1), help="Show at most so many, the newest first (100).")


def filters(*options: Decorator) -> Decorator:
    """Several options as one decorator, in the order in which they are to be told."""

    def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return filtered


def list_alone(ctx: click.Context, listing: click.Command, *, as_json: bool, **chosen: Any) -> None:
    """What a group of commands does called by itself: list. Raises Failure for options that no command would see."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(listing, as_json=as_json, **chosen)
    elif as_json or any(value is not None for value in chosen.values()):
        name = ctx.invoked_subcommand
        raise Failure(f"Options before '{name}' mean nothing: put them behind it.")


def forget(path: str, chosen: dict[str, Any], *, as_json: bool) -> None:
    """Have the server forget what passes the filters, and say how many that were."""
    answer = ask("DELETE", path, query=chosen)
    show(answer, as_json, lambda: [f"removed {answer['deleted']}"])
