"""`lookalike messages`: what the sandbox "sent", and what is said to happen to it."""

from __future__ import annotations

from typing import Any

import click

from lookalike.cli.connection import ask, part
from lookalike.cli.lists import LIMIT, VENDOR, WORKSPACE, filters, forget, list_alone
from lookalike.cli.output import json_option, show, table

_filtered = filters(
    VENDOR,
    WORKSPACE,
    click.option("--recipient", metavar="ADDRESS", help="Only those to this address."),
    click.option("--subject", metavar="GLOB", help="Only this subject."),
)


@click.group(invoke_without_command=True)
@_filtered
@LIMIT
@json_option
@click.pass_context
def messages(ctx: click.Context, /, **chosen: Any) -> None:
    """Show the messages that the sandbox "sent", and say what happens to them."""
    list_alone(ctx, list_messages, **chosen)


@messages.command("list")
@_filtered
@LIMIT
@json_option
def list_messages(as_json: bool, **chosen: Any) -> None:
    """Show the messages, newest first."""
    answer = ask("GET", "/messages", query=chosen)
    show(answer, as_json, lambda: table(map(_row, answer["messages"]), "no messages"))


@messages.command("show")
@click.argument("id")
@json_option
def show_message(id: str, as_json: bool) -> None:
    """Show one message with what happened to it."""
    answer = ask("GET", f"/messages/{part(id)}")
    show(answer, as_json, lambda: _lines(answer))


@messages.command("happen")
@click.argument("id")
@click.argument("type")
@click.option("--recipient", metavar="ADDRESS", help="To this recipient alone; without it to all.")
@click.option("--at", metavar="INSTANT", help="At this moment; without it now.")
@click.option("--url", metavar="URL", help="The link of a click; without it the first of the message.")
@click.option("--bounce", type=click.Choice(["permanent", "transient"]), help="What kind of bounce (permanent).")
@click.option("--reason", metavar="TEXT", help="What the other server said of a bounce, or the kind of a complaint.")
@click.option("--group", metavar="NAME", help="What was unsubscribed from; without it everything.")
@click.option("--user-agent", metavar="TEXT", help="What opened or clicked.")
@click.option("--ip", metavar="ADDRESS", help="From where it was opened or clicked.")
@json_option
def happen(id: str, as_json: bool, **told: Any) -> None:
    """Say that something happened to a message, with all that follows for the vendor.

    TYPE is delivered, opened, clicked, bounced, complained or unsubscribed.
    """
    body = {name: value for name, value in told.items() if value is not None}
    answer = ask("POST", f"/messages/{part(id)}/events", body)
    show(answer, as_json, lambda: _lines(answer))


@messages.command("clear")
@_filtered
@json_option
def clear_messages(as_json: bool, **chosen: Any) -> None:
    """Take messages out of the outbox; the vendors' own records of them stay."""
    forget("/messages", chosen, as_json=as_json)


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


def _lines(message: dict[str, Any]) -> list[str]:
    """What matters to people first, then the content, then what happened."""
    names = ("id", "vendor", "workspace", "created_at", "from", "to", "cc", "bcc", "subject")
    head = [(name, _text(message[name])) for name in names if message.get(name)]
    content = message.get("text") or message.get("html")
    events = [(one["at"], one["type"], ", ".join(one["recipients"])) for one in message["events"]]
    return [*table(head, ""), *(["", content] if content else []), "", *table(events, "nothing happened to it yet")]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
