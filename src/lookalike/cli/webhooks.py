"""`lookalike webhooks`: what vendors sent, once more, and how they misbehave on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from lookalike.cli.connection import ask, part
from lookalike.cli.lists import LIMIT, VENDOR, WORKSPACE, filters, list_alone
from lookalike.cli.output import json_option, show, table

_filtered = filters(
    VENDOR, WORKSPACE, click.option("--subscription", metavar="GLOB", help="Only this endpoint, by the vendor's id.")
)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def webhooks(ctx: click.Context, as_json: bool) -> None:
    """Show the webhooks that were sent, send one again, and make them misbehave."""
    list_alone(ctx, list_webhooks, as_json=as_json)


@webhooks.command("list")
@_filtered
@click.option("--event", metavar="GLOB", help="Only this event.")
@click.option("--status", metavar="STATUS", help="Only those that are pending, held, delivered or failed.")
@LIMIT
@json_option
def list_webhooks(as_json: bool, **chosen: Any) -> None:
    """Show the deliveries, newest first."""
    answer = ask("GET", "/webhooks/deliveries", query=chosen)
    show(answer, as_json, lambda: table(map(_row, answer["deliveries"]), "no deliveries"))


def _row(delivery: dict[str, Any]) -> tuple[Any, ...]:
    attempts = delivery["attempts"]
    names = ("created_at", "vendor", "workspace", "event", "status")
    return *(delivery[name] for name in names), f"{len(attempts)} sent", _outcome(attempts[-1:]), delivery["id"]


def _outcome(attempts: list[dict[str, Any]]) -> str:
    return "".join(str(attempt["status"] or attempt["error"]) for attempt in attempts)


@webhooks.command("show")
@click.argument("id")
@json_option
def show_webhook(id: str, as_json: bool) -> None:
    """Show one delivery with every attempt."""
    answer = ask("GET", f"/webhooks/deliveries/{part(id)}")
    show(answer, as_json, lambda: _lines(answer))


@webhooks.command("replay")
@click.argument("id")
@json_option
def replay_webhook(id: str, as_json: bool) -> None:
    """Send one delivery once more, signed anew; the vendor's own records stay as they are."""
    answer = ask("POST", f"/webhooks/deliveries/{part(id)}/replay")
    show(answer, as_json, lambda: _lines(answer))


def _lines(delivery: dict[str, Any]) -> Iterator[str]:
    yield f"{delivery['event']} to {delivery['url']}: {delivery['status']}, due {delivery['due_at'] or 'no more'}"
    for attempt in delivery["attempts"]:
        modes = f" ({', '.join(attempt['modes'])})" if attempt["modes"] else ""
        yield f"{attempt['number']}  {attempt['at']}  {_outcome([attempt])}{modes}"


@webhooks.command("modes")
@_filtered
@json_option
def list_modes(as_json: bool, **chosen: Any) -> None:
    """Show which endpoints' webhooks misbehave, and how."""
    answer = ask("GET", "/webhooks/modes", query=chosen)
    show(answer, as_json, lambda: table(map(_mode_row, answer["modes"]), "no modes"))


def _mode_row(found: dict[str, Any]) -> tuple[Any, ...]:
    names = ("vendor", "workspace", "subscription")
    modes = [f"{name}={value}" for name, value in found.items() if name not in names and value]
    return *(found[name] for name in names), " ".join(modes) or "none"


@webhooks.command("misbehave")
@click.argument("vendor")
@click.option("--workspace", metavar="NAME", help="In this workspace (default).")
@click.option("--subscription", metavar="ID", help="Only this endpoint's; all that have no modes of their own.")
@click.option("--duplicate", type=click.IntRange(1), help="Send each so many times more.")
@click.option("--out-of-order", is_flag=True, help="Of two, send the second first.")
@click.option("--delayed", metavar="DURATION", help="Make the first attempt so late.")
@click.option("--bad-signature", is_flag=True, help="Sign them so that it does not fit.")
@click.option("--stale-timestamp", metavar="DURATION", help="Sign them for so long ago.")
@click.option("--never", is_flag=True, help="Keep them and send none.")
@json_option
def misbehave(as_json: bool, **modes: Any) -> None:
    """Say how webhooks misbehave from now on; this takes the place of what was said before."""
    answer = ask("PUT", "/webhooks/modes", {name: value for name, value in modes.items() if value not in (None, False)})
    show(answer, as_json, lambda: table([_mode_row(answer)], ""))


@webhooks.command("behave")
@_filtered
@json_option
def behave(as_json: bool, **chosen: Any) -> None:
    """Have them behave again; what was held back is sent."""
    answer = ask("DELETE", "/webhooks/modes", query=chosen)
    show(answer, as_json, lambda: [f"removed {len(answer['deleted'])}"])
